// SPDX-License-Identifier: Apache-2.0

/// The memory of all rings: for each size one dense array of rings, without a hole.
///
/// A ring that is given back is filled with the last ring of its size, whose owner is told. So what is held is what is used,
/// however rings grew and shrank on the way, and nothing is left over in lists of free pieces.
struct Rings: Sendable {
    /// Events in a unit.
    static let unit = 4
    /// Units in a ring of each size.
    static let units: [Int] = [1, 2, 3, 4, 5, 6, 7, 8, 16, 32, 64]
    static let largest = UInt8(units.count - 1)
    private static let eventBytes = MemoryLayout<PackedEvent>.stride

    private var rings: [BlockArray]
    /// The number of the card that each ring belongs to.
    private var owners: [BlockArray]

    init() {
        rings = Self.units.map { BlockArray(stride: $0 * Self.unit * Self.eventBytes) }
        owners = Self.units.map { _ in BlockArray(stride: 4) }
    }

    var residentBytes: Int { (rings + owners).reduce(0) { $0 + $1.residentBytes } }
    var count: Int { rings.reduce(0) { $0 + $1.count } }

    @inline(__always)
    static func capacity(_ size: UInt8) -> Int { size < 8 ? (Int(size) + 1) * unit : unit << (Int(size) - 4) }

    /// The smallest size that holds so many events.
    static func size(holding events: Int) -> UInt8 {
        var size: UInt8 = 0
        while size < largest, capacity(size) < events { size += 1 }
        return size
    }

    /// The events of a ring, for reading: good until the next change.
    @inline(__always)
    func events(_ size: UInt8, _ ring: UInt32) -> UnsafePointer<PackedEvent> {
        // Safe: the stride of the array is that of the ring, which holds events and nothing else.
        rings[Int(size)].read(Int(ring)).assumingMemoryBound(to: PackedEvent.self)
    }

    /// The events of a ring, for writing: good until the next change.
    @inline(__always)
    mutating func change(_ size: UInt8, _ ring: UInt32) -> UnsafeMutablePointer<PackedEvent> {
        // Safe: as in `events`.
        rings[Int(size)].write(Int(ring)).assumingMemoryBound(to: PackedEvent.self)
    }

    @inline(__always)
    static func bytes(_ size: UInt8) -> Int { capacity(size) * eventBytes }

    func prefetchForWriting(_ size: UInt8, _ ring: UInt32) { rings[Int(size)].prefetchForWriting(Int(ring)) }

    func owner(_ size: UInt8, _ ring: UInt32) -> UInt32 { owners[Int(size)].read(Int(ring)).load(as: UInt32.self) }

    mutating func allocate(_ size: UInt8, owner: UInt32) -> UInt32 {
        let ring = rings[Int(size)].append()
        _ = owners[Int(size)].append()
        setOwner(size, UInt32(ring), owner)
        return UInt32(ring)
    }

    mutating func setOwner(_ size: UInt8, _ ring: UInt32, _ owner: UInt32) {
        owners[Int(size)].write(Int(ring)).storeBytes(of: owner, as: UInt32.self)
    }

    /// Gives a ring back.
    ///
    /// - Returns: the card whose ring now lies in its place; nil when none had to move.
    mutating func release(_ size: UInt8, _ ring: UInt32) -> UInt32? {
        let last = UInt32(rings[Int(size)].count - 1)
        var moved: UInt32?
        if ring != last {
            // Writing comes first: it may copy the block in which both lie.
            let place = change(size, ring)
            place.update(from: events(size, last), count: Self.capacity(size))
            let owner = owner(size, last)
            setOwner(size, ring, owner)
            moved = owner
        }
        rings[Int(size)].removeLast()
        owners[Int(size)].removeLast()
        return moved
    }
}
