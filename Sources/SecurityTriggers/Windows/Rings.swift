// SPDX-License-Identifier: Apache-2.0

/// The memory of all cards' events: for each size one dense array of rings, without a hole.
///
/// A ring that is given back is filled with the last ring of its size, whose owner is told: the number of the card that a ring
/// belongs to lies behind its events. So what is held is what is used, however rings grew and shrank on the way, and nothing is
/// left over in lists of free pieces.
struct Rings: Sendable {
    /// Events in a unit: as many as a walk looks at together.
    static let unit = EventColumns.stride
    static let largest: UInt8 = 9
    /// Events of a card at most.
    static let eventsMax = 256

    private var rings: [BlockArray]

    init() { rings = (0...Self.largest).map { BlockArray(stride: Self.bytes($0)) } }

    var residentBytes: Int { rings.reduce(0) { $0 + $1.residentBytes } }
    var count: Int { rings.reduce(0) { $0 + $1.count } }

    /// The places of a ring. Sizes lie close together where most cards are. The largest has more room than a card's most events,
    /// so that what moves up when the earliest of them goes does so only now and then.
    @inline(__always)
    static func capacity(_ size: UInt8) -> Int {
        // In units: 1, 2, 3, 4, 5, 7, 10, 16, a byte each; 32, 72.
        let units = size < 8 ? 0x10_0A_07_05_04_03_02_01 &>> (Int(size) &* 8) & 0xFF : size < largest ? 32 : 72
        return units &* unit
    }

    /// The smallest size that holds so many events.
    static func size(holding events: Int) -> UInt8 {
        var size: UInt8 = 0
        while size < largest, capacity(size) < events { size += 1 }
        return size
    }

    /// The bytes of a ring with its owner.
    @inline(__always)
    static func bytes(_ size: UInt8) -> Int { capacity(size) * MemoryLayout<PackedEvent>.stride + ownerBytes }

    private static let ownerBytes = 4

    /// The events of a ring, for reading: good until the next change.
    @inline(__always)
    func events(_ size: UInt8, _ ring: UInt32) -> EventColumns {
        // Safe: the stride of the array is that of the ring, which holds columns of words, then one more, and nothing else.
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
    func prefetchForWriting(_ size: UInt8, _ ring: UInt32) { rings[Int(size)].prefetchForWriting(Int(ring)) }

    func owner(_ size: UInt8, _ ring: UInt32) -> UInt32 { events(size, ring).owner.pointee }

    /// An empty ring. It lies behind all others of its size: what was found of those is good as before.
    mutating func allocate(_ size: UInt8, owner: UInt32) -> UInt32 {
        let ring = UInt32(rings[Int(size)].append())
        let events = change(size, ring)
        events.clear(from: 0)
        events.owner.pointee = owner
        return ring
    }

    mutating func setOwner(_ size: UInt8, _ ring: UInt32, _ owner: UInt32) { change(size, ring).owner.pointee = owner }

    /// Gives a ring back.
    ///
    /// - Returns: the card whose ring now lies in its place; nil when none had to move.
    mutating func release(_ size: UInt8, _ ring: UInt32) -> UInt32? {
        let last = UInt32(rings[Int(size)].count - 1)
        var moved: UInt32?
        if ring != last {
            // Writing comes first: it may copy the block in which both lie.
            let place = change(size, ring)
            UnsafeMutableRawPointer(place.times).copyMemory(from: events(size, last).times, byteCount: Self.bytes(size))
            moved = place.owner.pointee
        }
        rings[Int(size)].removeLast()
        return moved
    }
}
