// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

/// What a cardholder told the issuer in advance (T6): lifts the rules that ask for it, nothing else.
///
/// What it lifted counts against its caps once the purchase is approved; a purchase that is taken back does not.
public struct AdvanceNotice: Equatable, Sendable {
    /// The number of the record that added it; 0 for one from before notices had numbers.
    public internal(set) var number: UInt64 = 0
    /// Who confirmed it: a member of staff, or the cardholder.
    public internal(set) var by: StaffID?
    public var from: Instant
    public var until: Instant
    /// Of one purchase.
    public var amountMax: Money
    /// Empty: any category.
    public var categories: [MCC]
    /// Nil: anywhere.
    public var area: Area?
    /// Of all purchases that it lifts, in the minor units of `amountMax`; nil: no such cap.
    public var totalMax: Int64?
    /// Purchases that it lifts; nil: any number.
    public var usesMax: UInt16?
    /// The latest purchases that it lifted rules for, the oldest first.
    public internal(set) var uses: [Use] = []
    /// All of them that stand.
    public internal(set) var useCount: UInt32 = 0
    /// Their amounts together.
    public internal(set) var total: Int64 = 0

    /// A circle on the ground.
    public struct Area: Equatable, Sendable {
        public var centre: Position
        /// Not 0.
        public var radiusMetres: UInt32

        public init(centre: Position, radiusMetres: UInt32) {
            (self.centre, self.radiusMetres) = (centre, radiusMetres)
        }
    }

    /// A purchase for which it lifted a rule.
    public struct Use: Equatable, Sendable {
        public var rrn: RRN
        /// Minor units.
        public var amount: Int64
        /// The purchase was taken back, and may be made again.
        public var isReturned = false
    }

    /// The highest cap on uses: as many are remembered, so that each can be returned.
    public static let usesMaxMax: UInt16 = 100

    public init(
        from: Instant, until: Instant, amountMax: Money, categories: [MCC], area: Area? = nil, totalMax: Int64? = nil,
        usesMax: UInt16? = nil
    ) {
        (self.from, self.until, self.amountMax, self.categories) = (from, until, amountMax, categories)
        (self.area, self.totalMax, self.usesMax) = (area, totalMax, usesMax)
    }

    /// - Parameter place: where the terminal stands; nil where nobody knows, which is in no area.
    public func covers(_ amount: Money, _ mcc: MCC, at: Instant, place: Position?) -> Bool {
        guard from <= at, at < until, amount.currency == amountMax.currency,
            amount.minorUnits <= amountMax.minorUnits, categories.isEmpty || categories.contains(mcc),
            useCount < usesMax.map(UInt32.init) ?? .max
        else { return false }
        if let totalMax, amount.minorUnits > totalMax - min(total, totalMax) { return false }
        guard let area else { return true }
        return place.map { $0.metres(to: area.centre) <= Double(area.radiusMetres) } ?? false
    }

    /// Whether the terms are such that it can ever cover something.
    var isSound: Bool {
        if let area, area.radiusMetres == 0 || !area.centre.isOnEarth { return false }
        return totalMax ?? 1 > 0 && 1...Self.usesMaxMax ~= usesMax ?? 1
    }

    mutating func add(_ rrn: RRN, _ amount: Int64) {
        if uses.count >= Int(Self.usesMaxMax) { uses.removeFirst() }
        uses.append(Use(rrn: rrn, amount: amount))
        count(amount, isReturned: false)
    }

    /// A purchase was taken back, or stands again; false for one that it did not lift, or that is marked so already.
    mutating func mark(_ rrn: RRN, isReturned: Bool) -> Bool {
        guard let index = uses.lastIndex(where: { $0.rrn == rrn && $0.isReturned != isReturned }) else { return false }
        uses[index].isReturned = isReturned
        count(uses[index].amount, isReturned: isReturned)
        return true
    }

    private mutating func count(_ amount: Int64, isReturned: Bool) {
        useCount = isReturned ? useCount - min(useCount, 1) : useCount + (useCount < .max ? 1 : 0)
        total = isReturned ? max(0, total - amount) : total.addingReportingOverflow(amount).partialValue
    }
}

extension Position {
    /// Within ±90° and ±180°.
    fileprivate var isOnEarth: Bool {
        latitude.magnitude <= 90_000_000 && longitude.magnitude <= 180_000_000
    }
}

// MARK: - Codec

extension AdvanceNotice {
    /// What every notice had from the beginning.
    func encode(to writer: inout ByteWriter) {
        writer.instant(from)
        writer.instant(until)
        writer.money(amountMax)
        writer.list(categories) { $0.unsigned($1.code) }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        self.init(
            from: try reader.instant(), until: try reader.instant(), amountMax: try reader.money(),
            categories: try reader.list { (reader: inout ByteReader) throws(CodecError) in MCC(try reader.unsigned()) })
    }

    /// What one with a number has besides.
    func encodeTerms(to writer: inout ByteWriter) {
        writer.unsigned(number)
        writer.optional(by) { $0.code($1) }
        writer.optional(area) { writer, area in
            area.centre.write(to: &writer)
            writer.unsigned(area.radiusMetres)
        }
        writer.optional(totalMax) { $0.signed($1) }
        writer.optional(usesMax) { $0.unsigned($1) }
    }

    mutating func readTerms(_ reader: inout ByteReader) throws(CodecError) {
        let start = reader.offset
        number = try reader.unsigned()
        by = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.code() }
        area = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            Area(centre: try Position(from: &reader), radiusMetres: try reader.unsigned())
        }
        totalMax = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.signed() }
        usesMax = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.unsigned() }
        guard number != 0, isSound else { throw .invalid(offset: start, what: "notice") }
    }

    /// What a snapshot keeps of it: its terms, and what it lifted.
    func snapshot(to writer: inout ByteWriter) {
        writer.flag(number != 0)
        guard number != 0 else { return }
        encodeTerms(to: &writer)
        writer.list(uses) { writer, use in
            writer.unsigned(use.rrn.number)
            writer.signed(use.amount)
            writer.flag(use.isReturned)
        }
        writer.unsigned(useCount)
        writer.signed(total)
    }

    mutating func restore(_ reader: inout ByteReader) throws(CodecError) {
        guard try reader.flag() else { return }
        try readTerms(&reader)
        let start = reader.offset
        uses = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            Use(rrn: RRN(try reader.unsigned()), amount: try reader.signed(), isReturned: try reader.flag())
        }
        (useCount, total) = (try reader.unsigned(), try reader.signed())
        guard uses.count <= Int(Self.usesMaxMax), total >= 0 else { throw .invalid(offset: start, what: "notice") }
    }
}
