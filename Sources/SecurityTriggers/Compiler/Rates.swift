// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What currencies are worth in one of them, as a rule file declares it.
///
/// Amounts of two currencies are compared and added in that one, rounded to its minor unit, half away from zero; where a
/// rate is missing, what comes of them is unknown.
struct Rates: Sendable {
    struct Rate: Sendable {
        /// ISO 4217 number.
        var currency: UInt16
        var numerator: Int64
        var denominator: Int64
    }

    /// The currency that all rates are into; 0 where there is none.
    var home: UInt16 = 0
    var rates: [Rate] = []

    var isEmpty: Bool { rates.isEmpty }

    func isKnown(_ currency: UInt16) -> Bool { currency == home || rates.contains { $0.currency == currency } }

    /// Minor units of a currency in minor units of `home`; nil where there is no rate, or no room in 64 bits.
    func home(_ units: Int64, of currency: UInt16) -> Int64? {
        if currency == home { return units }
        guard let rate = rates.first(where: { $0.currency == currency }) else { return nil }
        let product = rate.numerator.multipliedFullWidth(by: units)
        // Half of the divisor, away from zero, then cut off.
        let half = rate.denominator / 2
        let (low, carry) =
            units < 0
            ? product.low.subtractingReportingOverflow(UInt64(half))
            : product.low.addingReportingOverflow(UInt64(half))
        let high = product.high &+ (carry ? (units < 0 ? -1 : 1) : 0)
        guard high.magnitude < UInt64(rate.denominator) / 2 else { return nil }
        return rate.denominator.dividingFullWidth((high, low)).quotient
    }

    /// An amount in `home`, its bounds too.
    func home(_ value: FigureValue) -> FigureValue {
        guard value.currency != home, value.currency != 0 else { return value }
        if value.isUnknown { return .unknown }
        let low = value.low == .min ? Int64.min : home(value.low, of: value.currency)
        let high = value.high == .max ? Int64.max : home(value.high, of: value.currency)
        guard let low, let high else { return .unknown }
        return FigureValue(low: low, high: high, currency: home)
    }

    func compare(_ sign: Comparison, _ left: FigureValue, _ right: FigureValue) -> Truth {
        var (left, right) = (left, right)
        align(&left, &right)
        return FigureValue.compare(sign, left, right)
    }

    /// Two amounts in one currency: as they are where they have one, else both in `home` where there are rates.
    @inline(__always)
    func align(_ left: inout FigureValue, _ right: inout FigureValue) {
        if left.currency != right.currency, !rates.isEmpty, left.form == .whole, right.form == .whole,
            left.currency != 0, right.currency != 0
        {
            (left, right) = (home(left), home(right))
        }
    }
}
