// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// A value as far as it is known: exactly, within bounds, or not at all.
///
/// An overflowed window still counts what it holds, so its figure has a lower bound and no upper one. A rule that
/// the bound alone decides fires; one that it cannot decide is unknown.
public struct FigureValue: Hashable, Sendable {
    /// The least it can be; `Int64.min` for no bound.
    public var low: Int64
    /// The most it can be; `Int64.max` for no bound.
    public var high: Int64
    /// For amounts in minor units: the currency's ISO 4217 number; 0 for plain numbers and for a sum of nothing.
    public var currency: UInt16

    init(low: Int64, high: Int64, currency: UInt16 = 0) {
        (self.low, self.high, self.currency) = (low, high, currency)
    }

    init(_ value: Int64) { self.init(low: value, high: value) }

    init(_ money: Money) {
        self.init(low: money.minorUnits, high: money.minorUnits, currency: money.currency.numeric)
    }

    /// Nothing is known.
    public static let unknown = FigureValue(low: .min, high: .max)

    public var isUnknown: Bool { low == .min && high == .max }
    public var isExact: Bool { low == high }
}

/// Kleene's three truths. The numbers make `and` the minimum and `or` the maximum.
enum Truth: UInt8, Sendable {
    case no = 0
    case unknown = 1
    case yes = 2

    init(_ value: Bool) { self = value ? .yes : .no }
    var denied: Truth { self == .yes ? .no : self == .no ? .yes : .unknown }
}

extension FigureValue {
    static func compare(_ sign: Comparison, _ left: FigureValue, _ right: FigureValue) -> Truth {
        guard left.currency == right.currency || left.currency == 0 || right.currency == 0 else { return .unknown }
        switch sign {
        case .equal: return equal(left, right)
        case .notEqual: return equal(left, right).denied
        case .less: return less(left, right)
        case .greaterOrEqual: return less(left, right).denied
        case .greater: return less(right, left)
        case .lessOrEqual: return less(right, left).denied
        }
    }

    private static func less(_ left: FigureValue, _ right: FigureValue) -> Truth {
        if left.isUnknown || right.isUnknown { return .unknown }
        if left.high < right.low { return .yes }
        return left.low >= right.high ? .no : .unknown
    }

    private static func equal(_ left: FigureValue, _ right: FigureValue) -> Truth {
        if left.isUnknown || right.isUnknown { return .unknown }
        if left.high < right.low || right.high < left.low { return .no }
        return left.isExact && right.isExact ? .yes : .unknown
    }

    static func add(_ left: FigureValue, _ right: FigureValue) -> FigureValue {
        guard let currency = common(left, right) else { return .unknown }
        return FigureValue(
            low: sum(left.low, right.low, unbounded: .min), high: sum(left.high, right.high, unbounded: .max),
            currency: currency)
    }

    static func subtract(_ left: FigureValue, _ right: FigureValue) -> FigureValue {
        // Safe: `.min` has no negative; it and `.max` trade places as the missing bounds.
        let low = right.high == .max ? Int64.min : right.high == .min ? .max : -right.high
        let high = right.low == .min ? Int64.max : -right.low
        return add(left, FigureValue(low: low, high: high, currency: right.currency))
    }

    static func multiply(_ left: FigureValue, _ right: FigureValue) -> FigureValue {
        guard let currency = common(left, right), !left.isUnknown, !right.isUnknown else { return .unknown }
        if left.low == .min || right.low == .min { return .unknown }
        if left.high == .max || right.high == .max {
            guard left.low >= 0, right.low >= 0 else { return .unknown }
            let low = left.low.multipliedReportingOverflow(by: right.low)
            return FigureValue(low: low.overflow ? .max : low.partialValue, high: .max, currency: currency)
        }
        var bounds = (low: Int64.max, high: Int64.min)
        for (a, b) in [(left.low, right.low), (left.low, right.high), (left.high, right.low), (left.high, right.high)] {
            let product = a.multipliedReportingOverflow(by: b)
            guard !product.overflow else { return .unknown }
            bounds = (min(bounds.low, product.partialValue), max(bounds.high, product.partialValue))
        }
        return FigureValue(low: bounds.low, high: bounds.high, currency: currency)
    }

    /// The currency of a result; nil when the sides have two.
    private static func common(_ left: FigureValue, _ right: FigureValue) -> UInt16? {
        left.currency == right.currency || right.currency == 0
            ? left.currency : left.currency == 0 ? right.currency : nil
    }

    private static func sum(_ left: Int64, _ right: Int64, unbounded: Int64) -> Int64 {
        if left == unbounded || right == unbounded { return unbounded }
        let sum = left.addingReportingOverflow(right)
        return sum.overflow ? unbounded : sum.partialValue
    }
}
