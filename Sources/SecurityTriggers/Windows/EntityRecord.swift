// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What is kept of one terminal or one merchant: tiles of minutes, hours and days, and which cards came, about 5 kB.
///
/// Transactions count by their own time, frauds by the time at which they became known.
struct EntityRecord {
    /// ISO 4217 number of the amounts that tiles sum; 0 before the first.
    var currency: UInt16 = 0
    /// The newest event time, in milliseconds since 1970.
    private(set) var latest: Int64
    private(set) var minutes: TileRing<64>
    private(set) var hours: TileRing<52>
    private(set) var days: TileRing<44>
    private(set) var cards = CardSketch()

    static let minute: Int64 = 60_000
    static let hour: Int64 = 3_600_000

    init(at time: Int64) {
        latest = time
        minutes = TileRing(latest: UInt32(clamping: time / Self.minute))
        hours = TileRing(latest: UInt32(clamping: time / Self.hour))
        days = TileRing(latest: UInt32(clamping: time / EventClock.day))
    }

    mutating func add(_ event: PackedEvent, of card: CardKey, at time: Int64) {
        latest = max(latest, time)
        if currency == 0, event.isApproved { currency = event.currency }
        let currency = currency
        change(time) { $0.add(event, in: currency) }
        cards.add(card, at: time)
    }

    mutating func reverse(_ event: PackedEvent, at time: Int64, isReversed: Bool) {
        let currency = currency
        change(time) { $0.reverse(event, in: currency, isReversed: isReversed) }
    }

    mutating func label(isPlain: Bool, isWithdrawn: Bool, known: Int64) {
        latest = max(latest, known)
        change(known) { $0.label(isPlain: isPlain, isWithdrawn: isWithdrawn) }
    }

    private mutating func change(_ time: Int64, _ change: (inout Tile) -> Void) {
        minutes.change(UInt32(clamping: time / Self.minute), change)
        hours.change(UInt32(clamping: time / Self.hour), change)
        days.change(UInt32(clamping: time / EventClock.day), change)
    }

    func encode(to writer: inout ByteWriter) {
        writer.unsigned(currency)
        writer.signed(latest)
        minutes.encode(to: &writer)
        hours.encode(to: &writer)
        days.encode(to: &writer)
        cards.encode(to: &writer)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        let offset = reader.offset
        currency = try reader.unsigned()
        latest = try reader.signed()
        guard currency <= 999, EventClock.range.contains(latest) else { throw .invalid(offset: offset, what: "tiles") }
        minutes = try TileRing(from: &reader)
        hours = try TileRing(from: &reader)
        days = try TileRing(from: &reader)
        cards = try CardSketch(from: &reader)
    }
}

/// When a card of each of 256 classes came last: a lower bound of how many different cards came in any time up to now.
struct CardSketch {
    private static let classes = 256
    /// Seconds since 1970; 0 for never.
    private var seconds = InlineArray<256, UInt32>(repeating: 0)

    mutating func add(_ card: CardKey, at time: Int64) {
        let place = Self.place(of: card)
        seconds[place] = max(seconds[place], UInt32(clamping: time / 1_000))
    }

    /// Of no seed, since the figures hang on it. A card's key is a keyed hash: nobody chooses its class.
    private static func place(of card: CardKey) -> Int { Int(mixed(card.low ^ card.high) % UInt64(classes)) }

    /// Classes with a card later than one time and not later than another, and than the card in hand if it is one of them.
    ///
    /// - Parameters: milliseconds; `card` counts as of now.
    static func count(
        _ sketch: UnsafePointer<CardSketch>, after start: Int64, until end: Int64, with card: CardKey?
    ) -> Int64 {
        var count: Int64 = 0
        let own = card.map { place(of: $0) }
        for place in 0..<classes {
            // The second in which the window begins lies partly outside: it does not count, so that the bound holds.
            let last = Int64(sketch.pointee.seconds[place])
            let isIn = last > 0 && last * 1_000 > start && last * 1_000 <= end
            if isIn || place == own { count += 1 }
        }
        return count
    }

    init() {}

    func encode(to writer: inout ByteWriter) {
        writer.count(seconds.indices.count { seconds[$0] != 0 })
        for place in seconds.indices where seconds[place] != 0 {
            writer.byte(UInt8(place))
            writer.unsigned(seconds[place])
        }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        var next = 0
        for _ in 0..<(try reader.count()) {
            let offset = reader.offset
            let place = Int(try reader.byte())
            seconds[place] = try reader.unsigned()
            guard place >= next, seconds[place] != 0 else { throw .invalid(offset: offset, what: "cards") }
            next = place + 1
        }
    }
}

/// The records of all terminals, or of all merchants, that came since a rule first asked for them.
struct Entities: Sendable {
    /// Milliseconds since 1970 from which on everything was counted; nil while no rule asks.
    private(set) var since: Int64?
    private(set) var records = BlockArray(stride: MemoryLayout<EntityRecord>.stride)
    /// For the number of a terminal or merchant one more than that of its record, or 0.
    private(set) var numbers = BlockArray(stride: 4)

    var residentBytes: Int { records.residentBytes + numbers.residentBytes }

    /// Begins to count, or gives everything back.
    mutating func keep(_ isKept: Bool, since time: Int64) {
        if isKept, since == nil {
            since = time
        } else if !isKept, since != nil {
            self = Entities()
        }
    }

    @inline(__always)
    func find(_ name: UInt32) -> UnsafePointer<EntityRecord>? {
        guard Int(name) < numbers.count else { return nil }
        let number = numbers.read(Int(name)).load(as: UInt32.self)
        // Safe: the array's stride is the record's, and each was written as one. Good until the next change.
        return number == 0 ? nil : records.read(Int(number) - 1).assumingMemoryBound(to: EntityRecord.self)
    }

    /// Changes the record of a terminal or merchant, which is made if there is none.
    mutating func change(_ name: UInt32, at time: Int64, _ change: (inout EntityRecord) -> Void) {
        guard since != nil, name < SiteRecord.unseen else { return }
        while numbers.count <= Int(name) {
            let index = numbers.append()
            numbers.write(index).storeBytes(of: 0, as: UInt32.self)
        }
        var number = numbers.read(Int(name)).load(as: UInt32.self)
        if number == 0 {
            number = UInt32(add(EntityRecord(at: time))) + 1
            numbers.write(Int(name)).storeBytes(of: number, as: UInt32.self)
        }
        // Safe: as in `find`.
        change(&records.write(Int(number) - 1).assumingMemoryBound(to: EntityRecord.self).pointee)
    }

    /// Takes back what was counted at a time, or counts it again. What was never counted, before the first rule asked, is not
    /// taken from what was.
    mutating func correct(_ name: UInt32, at time: Int64, _ body: (inout EntityRecord) -> Void) {
        if let since, since <= time { change(name, at: time, body) }
    }

    mutating func label(_ name: UInt32, _ isPlain: Bool, _ isWithdrawn: Bool, known: Int64) {
        if isWithdrawn {
            correct(name, at: known) { $0.label(isPlain: isPlain, isWithdrawn: true, known: known) }
        } else {
            change(name, at: known) { $0.label(isPlain: isPlain, isWithdrawn: false, known: known) }
        }
    }

    private mutating func add(_ record: EntityRecord) -> Int {
        let index = records.append()
        // Safe: nothing was there before, and the type is trivial.
        records.write(index).assumingMemoryBound(to: EntityRecord.self).initialize(to: record)
        return index
    }

    func encode(to writer: inout ByteWriter) {
        writer.optional(since) { $0.signed($1) }
        writer.count(numbers.count)
        for name in 0..<numbers.count {
            let record = find(UInt32(name))
            writer.flag(record != nil)
            record?.pointee.encode(to: &writer)
        }
    }

    /// - Parameter names: terminals or merchants that have a number.
    init(from reader: inout ByteReader, names: Int) throws(CodecError) {
        let offset = reader.offset
        since = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.signed() }
        let count = try reader.count()
        guard count <= names, since != nil || count == 0 else { throw .invalid(offset: offset, what: "tiles") }
        for name in 0..<count {
            _ = numbers.append()
            let isThere = try reader.flag()
            let number = isThere ? UInt32(add(try EntityRecord(from: &reader))) + 1 : 0
            numbers.write(name).storeBytes(of: number, as: UInt32.self)
        }
    }

    init() {}
}
