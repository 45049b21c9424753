// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// A value as far as it is known: exactly, within bounds, or not at all.
///
/// An overflowed window still counts what it holds, so its figure has a lower bound and no upper one. A rule that
/// the bound alone decides fires; one that it cannot decide is unknown.
public struct FigureValue: Hashable, Sendable {
    /// What the bounds are.
    public enum Form: UInt8, Sendable {
        /// Whole numbers: counts, minor units, microseconds, codes.
        case whole
        /// The bit patterns of doubles.
        case double
        /// A text: of up to 16 bytes, `low` and `high` holding them and `currency` their number.
        case text
        /// A text of the rule set: `low` is its number there.
        case constantText
    }

    /// The least it can be; `Int64.min` for no bound. Equal to `high` where the value is exact.
    public var low: Int64
    /// The most it can be; `Int64.max` for no bound.
    public var high: Int64
    /// For amounts in minor units: the currency's ISO 4217 number; 0 for plain numbers and for a sum of nothing.
    public var currency: UInt16
    public internal(set) var form = Form.whole

    init(low: Int64, high: Int64, currency: UInt16 = 0) {
        self.low = low
        self.high = high
        self.currency = currency
    }

    init(_ value: Int64) { self.init(low: value, high: value) }

    init(_ money: Money) {
        self.init(low: money.minorUnits, high: money.minorUnits, currency: money.currency.numeric)
    }

    init(lowDouble: Double, highDouble: Double) {
        self.init(low: Int64(bitPattern: lowDouble.bitPattern), high: Int64(bitPattern: highDouble.bitPattern))
        form = .double
    }

    init(double value: Double) { self.init(lowDouble: value, highDouble: value) }

    /// Nothing is known.
    public static let unknown = FigureValue(low: .min, high: .max)

    public var isUnknown: Bool { low == .min && high == .max && form == .whole }
    public var isExact: Bool { form == .whole || form == .double ? low == high : true }

    /// The bounds of a double.
    var lowDouble: Double { Double(bitPattern: UInt64(bitPattern: low)) }
    var highDouble: Double { Double(bitPattern: UInt64(bitPattern: high)) }
}
