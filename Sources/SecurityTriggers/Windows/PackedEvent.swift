// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// One event of a window in 16 bytes.
struct PackedEvent: Equatable, Sendable, BitwiseCopyable {
    /// Milliseconds modulo 2³². Unambiguous, since all events of a card lie within 45 days of its latest.
    var time: UInt32
    /// Minor units; the largest value stands for itself and everything above.
    var amount: UInt32
    /// The number of a site: terminal, merchant, MCC, place and local time.
    var site: UInt32
    /// From the lowest bit: currency 10, PIN 3, kind 3, outcome 2, reversed 1, entry 3, label 2, plain 1, unusual 1; and the
    /// highest, see `eventBit`.
    var kinds: UInt32

    static let pinShift: UInt8 = 10
    static let pinWidth: UInt8 = 3
    static let kindShift: UInt8 = 13
    static let kindWidth: UInt8 = 3
    static let outcomeShift: UInt8 = 16
    /// The outcome's two bits and the reversed bit over them.
    static let outcomeWidth: UInt8 = 3
    static let reversedBit: UInt32 = 1 << 18
    static let entryShift: UInt8 = 19
    static let entryWidth: UInt8 = 3
    /// A `TransactionLabel.Verdict`, 0 for none.
    static let labelShift: UInt8 = 22
    static let labelWidth: UInt8 = 2
    static let plainShift: UInt8 = 24
    static let unusualShift: UInt8 = 25
    static let currencyBits: UInt32 = 0x3FF
    /// Set in the kinds that give money back or move none, and in no other; see `spendingKinds`.
    static let noSpendingBit: UInt32 = 1 << 14
    /// Set in every event, and nowhere else in a ring.
    static let eventBit: UInt32 = 1 << 31
    private static let bitsUsed: UInt32 = eventBit | (1 << 26 - 1)
    /// Stands for the site of the transaction in hand.
    static let siteMissing = UInt32.max

    /// - Parameter kinds: with the bit of events.
    init(time: UInt32, amount: UInt32, site: UInt32, kinds: UInt32) {
        (self.time, self.amount, self.site, self.kinds) = (time, amount, site, kinds)
    }

    init(
        milliseconds: Int64, amount: Money, site: UInt32, pin: PINFact, kind: FactKind, entry: EntryFact,
        outcome: WindowOutcome, isReversed: Bool = false
    ) {
        time = UInt32(truncatingIfNeeded: milliseconds)
        self.amount = UInt32(clamping: amount.minorUnits)
        self.site = site
        // A currency of 0 marks an amount that is not known: below zero, or in no ISO 4217 currency.
        let currency = amount.minorUnits < 0 || amount.currency.numeric > 999 ? 0 : UInt32(amount.currency.numeric)
        var bits = currency | Self.eventBit
        bits |= UInt32(pin.rawValue) << UInt32(Self.pinShift)
        bits |= UInt32(kind.rawValue) << UInt32(Self.kindShift)
        bits |= UInt32(outcome.rawValue) << UInt32(Self.outcomeShift)
        bits |= UInt32(entry.rawValue) << UInt32(Self.entryShift)
        kinds = isReversed ? bits | Self.reversedBit : bits
    }

    @inline(__always)
    func field(_ shift: UInt8, _ width: UInt8) -> UInt8 {
        UInt8(truncatingIfNeeded: kinds >> UInt32(shift & 31)) & ((1 << (width & 7)) &- 1)
    }

    mutating func set(_ shift: UInt8, _ width: UInt8, _ value: UInt8) {
        let mask = (UInt32(1) << UInt32(width) - 1) << UInt32(shift)
        kinds = kinds & ~mask | UInt32(value) << UInt32(shift)
    }

    var currency: UInt16 {
        @inline(__always) get { UInt16(truncatingIfNeeded: kinds) & 0x3FF }
    }

    /// The amount as far as it is known.
    var money: FigureValue {
        let currency = currency
        if currency == 0 { return .unknown }
        return FigureValue(low: Int64(amount), high: amount == .max ? .max : Int64(amount), currency: currency)
    }
}

extension PackedEvent {
    /// An event of the first layout: MCC 14, currency 10, PIN 3, kind 2, outcome 2, reversed 1.
    init(firstLayout kinds: UInt32, time: UInt32, amount: UInt32, site: UInt32) {
        var bits = kinds >> 14 & 0x3FF | Self.eventBit
        bits |= (kinds >> 24 & 7) << UInt32(Self.pinShift)
        bits |= (kinds >> 27 & 3) << UInt32(Self.kindShift)
        bits |= (kinds >> 29 & 7) << UInt32(Self.outcomeShift)
        self.init(time: time, amount: amount, site: site, kinds: bits)
    }

    /// The MCC in an event of the first layout.
    static func mcc(firstLayout kinds: UInt32) -> MCC? { kinds & 0x3FFF == 0x3FFF ? nil : MCC(UInt16(kinds & 0x3FFF)) }
}

extension Instant {
    /// Milliseconds since 1970, rounded down: the grain of windows.
    var milliseconds: Int64 { microseconds.floorDivided(by: 1_000) }
}

extension PackedEvent {
    private var kind: FactKind? { FactKind(rawValue: field(Self.kindShift, Self.kindWidth)) }

    /// - Parameter kinds: a bit for each kind.
    @inline(__always)
    func isOf(_ kinds: UInt8) -> Bool { kinds & 1 << field(Self.kindShift, Self.kindWidth) != 0 }

    func isOf(_ money: Money) -> Bool {
        amount == UInt32(clamping: money.minorUnits) && currency == money.currency.numeric
    }

    /// It is one that could have been made here.
    var isSound: Bool { kinds & Self.eventBit != 0 && kinds | Self.bitsUsed == Self.bitsUsed && kind != nil }
    /// Of a kind that takes money from the account.
    var isOfSpending: Bool { kind?.isSpending == true }
    var isRefund: Bool { kind == .refund }
    /// A bit for each kind but those that give money back, or move none.
    static let spendingKinds = ~(UInt8(1) << FactKind.refund.rawValue | 1 << FactKind.other.rawValue)
    /// Approved, be it reversed since or not.
    var wasApproved: Bool { field(Self.outcomeShift, 2) == WindowOutcome.approved.rawValue }
    var isApproved: Bool { wasApproved && kinds & Self.reversedBit == 0 }
}
