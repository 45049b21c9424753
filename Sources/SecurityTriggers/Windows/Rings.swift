// SPDX-License-Identifier: Apache-2.0

/// The memory of all cards' events: for each size one dense array of rings, without a hole.
///
/// A ring that is given back is filled with the last ring of its size. So what is held is what is used, however rings grew and
/// shrank on the way, and nothing is left over in lists of free pieces.
///
/// Where a card's ring is stands apart from the card's record, eight bytes a card, so that record and ring can be fetched side by
/// side.
struct Rings: Sendable {
    static let largest: UInt32 = 9
    /// Events of a card at most.
    static let eventsMax = 256

    private var rings: [BlockArray]
    /// The number of the card that each ring belongs to.
    private var owners: [BlockArray]
    private var places = BlockArray(stride: MemoryLayout<RingPlace>.stride)

    init() {
        rings = (0...Self.largest).map { BlockArray(stride: Self.bytes($0)) }
        owners = rings.map { _ in BlockArray(stride: 4) }
    }

    var residentBytes: Int { (rings + owners).reduce(places.residentBytes) { $0 + $1.residentBytes } }
    var count: Int { rings.reduce(0) { $0 + $1.count } }

    /// The places of a ring. Sizes lie close together where most cards are. The largest has more room than a card's most events,
    /// so that what moves up when the earliest of them goes does so only now and then.
    @inline(__always)
    static func capacity(_ size: UInt32) -> Int {
        // In lines: 1, 2, 3, 4, 5, 7, 10, 16, a byte each; 32, 72.
        let lines = size < 8 ? 0x10_0A_07_05_04_03_02_01 &>> (Int(size) &* 8) & 0xFF : size < largest ? 32 : 72
        return lines &* EventLines.width
    }

    /// The smallest size that holds so many events.
    static func size(holding events: Int) -> UInt32 {
        var size: UInt32 = 0
        while size < largest, capacity(size) < events { size += 1 }
        return size
    }

    @inline(__always)
    static func bytes(_ size: UInt32) -> Int { capacity(size) * MemoryLayout<PackedEvent>.stride }

    /// Where a card's ring is.
    @inline(__always)
    func place(of card: Int) -> RingPlace { places.read(card).load(as: RingPlace.self) }

    /// The events of a card, for reading: good until the next change.
    @inline(__always)
    func events(of card: Int) -> EventLines { events(at: place(of: card)) }

    @inline(__always)
    func events(at place: RingPlace) -> EventLines {
        // Safe: the stride of the array is that of the ring, which holds lines of words and nothing else.
        EventLines(
            base: rings[Int(place.size)].read(Int(place.ring)).assumingMemoryBound(to: UInt32.self),
            capacity: Self.capacity(place.size))
    }

    /// The events of a card, for writing: good until the next change.
    @inline(__always)
    mutating func change(_ card: Int) -> MutableEventLines { change(place(of: card)) }

    @inline(__always)
    private mutating func change(_ place: RingPlace) -> MutableEventLines {
        // Safe: as in `events`.
        MutableEventLines(
            base: rings[Int(place.size)].write(Int(place.ring)).assumingMemoryBound(to: UInt32.self),
            capacity: Self.capacity(place.size))
    }

    @inline(__always)
    func prefetchForWriting(_ place: RingPlace) { rings[Int(place.size)].prefetchForWriting(Int(place.ring)) }

    /// The number of the card whose ring it is.
    func owner(of place: RingPlace) -> Int {
        Int(owners[Int(place.size)].read(Int(place.ring)).load(as: UInt32.self))
    }

    private mutating func setOwner(_ place: RingPlace, _ card: Int) {
        owners[Int(place.size)].write(Int(place.ring)).storeBytes(of: UInt32(card), as: UInt32.self)
    }

    /// The next card, with an empty ring that holds so many events.
    mutating func add(holding events: Int) {
        let card = places.append()
        let place = allocate(Self.size(holding: events), owner: card)
        change(place).take(self.events(at: place), from: 0, to: 0)
        set(card, place)
    }

    /// Makes a card's ring one of another size.
    ///
    /// - Parameters:
    ///   - first: the place of its earliest event, which comes to lie in the first line.
    ///   - end: the place behind its newest.
    mutating func resize(_ card: Int, to size: UInt32, keeping first: Int, _ end: Int) {
        let (old, new) = (place(of: card), allocate(size, owner: card))
        change(new).take(events(at: old), from: first, to: end)
        release(old)
        set(card, new)
    }

    /// Takes a card away; the last one's number is now its number.
    mutating func remove(_ card: Int) {
        release(place(of: card))
        let last = places.count - 1
        if card != last {
            let place = place(of: last)
            set(card, place)
            setOwner(place, card)
        }
        places.removeLast()
    }

    private mutating func set(_ card: Int, _ place: RingPlace) {
        places.write(card).storeBytes(of: place, as: RingPlace.self)
    }

    /// A ring of whatever content. It lies behind all others of its size: what was found of those is good as before.
    private mutating func allocate(_ size: UInt32, owner: Int) -> RingPlace {
        let place = RingPlace(ring: UInt32(rings[Int(size)].append()), size: size)
        _ = owners[Int(size)].append()
        setOwner(place, owner)
        return place
    }

    private mutating func release(_ place: RingPlace) {
        let last = RingPlace(ring: UInt32(rings[Int(place.size)].count - 1), size: place.size)
        if place.ring != last.ring {
            // Writing comes first: it may copy the block in which both lie.
            let moved = change(place)
            moved.base.update(from: events(at: last).base, count: Self.bytes(place.size) / 4)
            let card = owner(of: last)
            setOwner(place, card)
            set(card, place)
        }
        rings[Int(place.size)].removeLast()
        owners[Int(place.size)].removeLast()
    }
}

/// The size of a card's ring, and its number among those of that size.
struct RingPlace: BitwiseCopyable, Equatable {
    var ring: UInt32
    var size: UInt32
}
