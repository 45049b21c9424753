// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Kleene's three truths. The numbers make `and` the minimum and `or` the maximum.
enum Truth: UInt8, Sendable {
    case no = 0
    case unknown = 1
    case yes = 2

    init(_ value: Bool) { self = value ? .yes : .no }
    var denied: Truth { self == .yes ? .no : self == .no ? .yes : .unknown }
}

extension FigureValue {
    /// Compares whole numbers, amounts and doubles; amounts of two currencies cannot be compared.
    static func compare(_ sign: Comparison, _ left: FigureValue, _ right: FigureValue) -> Truth {
        guard left.currency == right.currency || left.currency == 0 || right.currency == 0 else { return .unknown }
        if left.form == .double || right.form == .double { return compareDoubles(sign, left, right) }
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

    // MARK: - Whole numbers and amounts

    static func compute(
        _ operation: Instruction.Operation, _ left: FigureValue, _ right: FigureValue
    ) -> FigureValue {
        switch operation {
        case .add: add(left, right)
        case .subtract: subtract(left, right)
        case .multiply: multiply(left, right)
        case .divide: divide(left, right)
        default: remainder(left, right)
        }
    }

    static func add(_ left: FigureValue, _ right: FigureValue) -> FigureValue {
        guard let currency = common(left, right), !left.isUnknown, !right.isUnknown else { return .unknown }
        if left.isExact, right.isExact {
            let sum = left.low.addingReportingOverflow(right.low)
            return sum.overflow
                ? .unknown : FigureValue(low: sum.partialValue, high: sum.partialValue, currency: currency)
        }
        return FigureValue(
            low: sum(left.low, right.low, unbounded: .min), high: sum(left.high, right.high, unbounded: .max),
            currency: currency)
    }

    static func subtract(_ left: FigureValue, _ right: FigureValue) -> FigureValue {
        if left.isExact, right.isExact {
            guard let currency = common(left, right) else { return .unknown }
            let rest = left.low.subtractingReportingOverflow(right.low)
            return rest.overflow
                ? .unknown : FigureValue(low: rest.partialValue, high: rest.partialValue, currency: currency)
        }
        // Safe: `.min` has no negative; it and `.max` trade places as the missing bounds.
        let low = right.high == .max ? Int64.min : right.high == .min ? .max : -right.high
        let high = right.low == .min ? Int64.max : -right.low
        return add(left, FigureValue(low: low, high: high, currency: right.currency))
    }

    static func multiply(_ left: FigureValue, _ right: FigureValue) -> FigureValue {
        guard let currency = common(left, right), !left.isUnknown, !right.isUnknown else { return .unknown }
        if left.isExact, right.isExact {
            let product = left.low.multipliedReportingOverflow(by: right.low)
            return product.overflow
                ? .unknown : FigureValue(low: product.partialValue, high: product.partialValue, currency: currency)
        }
        if left.low == .min || right.low == .min { return .unknown }
        if left.high == .max || right.high == .max {
            guard left.low >= 0, right.low >= 0 else { return .unknown }
            let low = left.low.multipliedReportingOverflow(by: right.low)
            return FigureValue(low: low.overflow ? .max : low.partialValue, high: .max, currency: currency)
        }
        return bounds(left, right, currency) { $0.multipliedReportingOverflow(by: $1) }
    }

    /// Truncating, as CEL's; by a divisor that may be 0 nothing is known.
    static func divide(_ left: FigureValue, _ right: FigureValue) -> FigureValue {
        guard !left.isUnknown, !right.isUnknown, right.low > 0 || right.high < 0 else { return .unknown }
        if left.isExact, right.isExact {
            let quotient = left.low.dividedReportingOverflow(by: right.low)
            guard !quotient.overflow else { return .unknown }
            return FigureValue(low: quotient.partialValue, high: quotient.partialValue, currency: left.currency)
        }
        // A bound that is missing is not the largest number, and a quotient of it none.
        guard left.low != .min, right.low != .min, right.high != .max else { return .unknown }
        if left.high == .max {
            guard left.low >= 0, right.low > 0 else { return .unknown }
            return FigureValue(low: left.low / right.high, high: .max, currency: left.currency)
        }
        return bounds(left, right, left.currency) { $0.dividedReportingOverflow(by: $1) }
    }

    /// With the sign of the dividend, as CEL's; of bounds nothing is known.
    static func remainder(_ left: FigureValue, _ right: FigureValue) -> FigureValue {
        guard left.isExact, right.isExact, !left.isUnknown, !right.isUnknown else { return .unknown }
        let rest = left.low.remainderReportingOverflow(dividingBy: right.low)
        return rest.overflow ? .unknown : FigureValue(rest.partialValue)
    }

    /// The least and the most that an operation gives over the corners of two bounded values.
    private static func bounds(
        _ left: FigureValue, _ right: FigureValue, _ currency: UInt16,
        _ operation: (Int64, Int64) -> (partialValue: Int64, overflow: Bool)
    ) -> FigureValue {
        var (low, high) = (Int64.max, Int64.min)
        for corner in 0..<4 {
            let value = operation(corner & 1 == 0 ? left.low : left.high, corner & 2 == 0 ? right.low : right.high)
            guard !value.overflow else { return .unknown }
            (low, high) = (min(low, value.partialValue), max(high, value.partialValue))
        }
        return FigureValue(low: low, high: high, currency: currency)
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
