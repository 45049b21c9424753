// SPDX-License-Identifier: Apache-2.0

/// The memory of all cards' events: for each size one dense array of rings, without a hole.
///
/// A ring that is given back is filled with the last ring of its size, whose owner is told. So what is held is what is used,
/// however rings grew and shrank on the way, and nothing is left over in lists of free pieces.
struct Rings: Sendable {
    /// Events in a unit.
    static let unit = 4
    /// Units in a ring of each size. The largest has more room than a card's most events, so that what moves up when the
    /// earliest of them goes does so only now and then.
    static let units: [Int] = [1, 2, 3, 4, 5, 6, 7, 8, 16, 32, 72]
    static let largest = UInt8(units.count - 1)
    /// Events of a card at most.
    static let eventsMax = 256
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

    /// The places of a ring.
    @inline(__always)
    static func capacity(_ size: UInt8) -> Int {
        size < 8 ? (Int(size) + 1) * unit : size < largest ? unit << (Int(size) - 4) : 72 * unit
    }

    /// The smallest size that holds so many events.
    static func size(holding events: Int) -> UInt8 {
        var size: UInt8 = 0
        while size < largest, capacity(size) < events { size += 1 }
        return size
    }

    /// The events of a ring, for reading: good until the next change.
    @inline(__always)
    func events(_ size: UInt8, _ ring: UInt32) -> EventColumns {
        // Safe: the stride of the array is that of the ring, which holds columns of words and nothing else.
        EventColumns(
            times: rings[Int(size)].read(Int(ring)).assumingMemoryBound(to: UInt32.self), capacity: Self.capacity(size))
    }

    /// The events of a ring, for writing: good until the next change.
    @inline(__always)
    mutating func change(_ size: UInt8, _ ring: UInt32) -> MutableEventColumns {
        // Safe: as in `events`.
        MutableEventColumns(
            times: rings[Int(size)].write(Int(ring)).assumingMemoryBound(to: UInt32.self), capacity: Self.capacity(size)
        )
    }

    @inline(__always)
    static func bytes(_ size: UInt8) -> Int { capacity(size) * eventBytes }

    @inline(__always)
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
            place.take(Self.capacity(size), from: events(size, last), at: 0)
            let owner = owner(size, last)
            setOwner(size, ring, owner)
            moved = owner
        }
        rings[Int(size)].removeLast()
        owners[Int(size)].removeLast()
        return moved
    }
}
