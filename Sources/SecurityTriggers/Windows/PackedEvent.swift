// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// One event of a window in 16 bytes.
struct PackedEvent: Equatable, Sendable {
    /// Milliseconds modulo 2³². Unambiguous, since all events of a card lie within 48 hours of its latest.
    var time: UInt32
    /// Minor units; the largest value stands for itself and everything above.
    var amount: UInt32
    /// An index into the sites: terminal and merchant.
    var site: UInt32
    /// From the lowest bit: MCC 14, currency 10, PIN 3, kind 2, outcome 2, reversed 1.
    var kinds: UInt32

    static let currencyShift: UInt8 = 14
    static let pinShift: UInt8 = 24
    static let pinWidth: UInt8 = 3
    static let kindShift: UInt8 = 27
    static let kindWidth: UInt8 = 2
    static let outcomeShift: UInt8 = 29
    /// The outcome's two bits and the reversed bit over them.
    static let outcomeWidth: UInt8 = 3
    static let reversedBit: UInt32 = 1 << 31
    static let mccMissing: UInt32 = 0x3FFF
    static let siteMissing = UInt32.max

    static let zero = PackedEvent(time: 0, amount: 0, site: 0, kinds: 0)

    init(time: UInt32, amount: UInt32, site: UInt32, kinds: UInt32) {
        (self.time, self.amount, self.site, self.kinds) = (time, amount, site, kinds)
    }

    init(
        milliseconds: Int64, amount: Money, site: UInt32, mcc: MCC?, pin: PINFact, kind: FactKind,
        outcome: WindowOutcome, isReversed: Bool = false
    ) {
        time = UInt32(truncatingIfNeeded: milliseconds)
        self.amount = UInt32(clamping: amount.minorUnits)
        self.site = site
        // A currency of 0 marks an amount that is not known: below zero, or in no ISO 4217 currency.
        let currency = amount.minorUnits < 0 || amount.currency.numeric > 999 ? 0 : UInt32(amount.currency.numeric)
        var bits = mcc.map { $0.code > 9_999 ? Self.mccMissing : UInt32($0.code) } ?? Self.mccMissing
        bits |= currency << UInt32(Self.currencyShift)
        bits |= UInt32(pin.rawValue) << UInt32(Self.pinShift)
        bits |= UInt32(kind.rawValue > FactKind.other.rawValue ? 0 : kind.rawValue) << UInt32(Self.kindShift)
        bits |= UInt32(outcome.rawValue) << UInt32(Self.outcomeShift)
        kinds = isReversed ? bits | Self.reversedBit : bits
    }

    func field(_ shift: UInt8, _ width: UInt8) -> UInt8 {
        UInt8(truncatingIfNeeded: kinds >> UInt32(shift & 31)) & ((1 << (width & 7)) &- 1)
    }

    var currency: UInt16 { UInt16(truncatingIfNeeded: kinds >> UInt32(Self.currencyShift)) & 0x3FF }

    /// The amount as far as it is known.
    var money: FigureValue {
        let currency = currency
        if currency == 0 { return .unknown }
        return FigureValue(low: Int64(amount), high: amount == .max ? .max : Int64(amount), currency: currency)
    }

    var mcc: FigureValue {
        let code = kinds & Self.mccMissing
        return code == Self.mccMissing ? .unknown : FigureValue(Int64(code))
    }
}

extension Instant {
    /// Milliseconds since 1970, rounded down: the grain of windows.
    var milliseconds: Int64 {
        let quotient = microseconds / 1_000
        return microseconds % 1_000 < 0 ? quotient - 1 : quotient
    }
}
