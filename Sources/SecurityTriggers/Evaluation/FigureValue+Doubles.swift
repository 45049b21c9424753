// SPDX-License-Identifier: Apache-2.0

/// Doubles after IEEE 754, as CEL has them: NaN is a value that equals nothing, and dividing by zero gives an infinity. Of
/// a value that is only known within bounds a result is known within bounds.
extension FigureValue {
    static func compareDoubles(_ sign: Comparison, _ left: FigureValue, _ right: FigureValue) -> Truth {
        if left.isUnknown || right.isUnknown { return .unknown }
        let (low, high) = (left.lowDouble, left.highDouble)
        let (rightLow, rightHigh) = (right.lowDouble, right.highDouble)
        if low.isNaN || high.isNaN || rightLow.isNaN || rightHigh.isNaN { return Truth(sign == .notEqual) }
        switch sign {
        case .less: return high < rightLow ? .yes : low >= rightHigh ? .no : .unknown
        case .greaterOrEqual: return high < rightLow ? .no : low >= rightHigh ? .yes : .unknown
        case .greater: return rightHigh < low ? .yes : rightLow >= high ? .no : .unknown
        case .lessOrEqual: return rightHigh < low ? .no : rightLow >= high ? .yes : .unknown
        case .equal, .notEqual:
            if high < rightLow || rightHigh < low { return Truth(sign == .notEqual) }
            return low == high && rightLow == rightHigh ? Truth(sign == .equal) : .unknown
        }
    }

    static func computeDoubles(
        _ operation: Instruction.Operation, _ left: FigureValue, _ right: FigureValue
    ) -> FigureValue {
        if left.isUnknown || right.isUnknown { return .unknown }
        if left.isExact, right.isExact {
            return FigureValue(double: apply(operation, left.lowDouble, right.lowDouble))
        }
        // A divisor that may be 0 leaves no bounds.
        if operation == .divide, right.lowDouble <= 0, right.highDouble >= 0 { return .unknown }
        var (low, high) = (Double.infinity, -Double.infinity)
        for corner in 0..<4 {
            let value = apply(
                operation, corner & 1 == 0 ? left.lowDouble : left.highDouble,
                corner & 2 == 0 ? right.lowDouble : right.highDouble)
            guard !value.isNaN else { return .unknown }
            (low, high) = (min(low, value), max(high, value))
        }
        return FigureValue(lowDouble: low, highDouble: high)
    }

    /// How many times one amount or duration is in another; unknown where that may be none, or is of another currency.
    static func ratio(_ left: FigureValue, _ right: FigureValue) -> FigureValue {
        guard !left.isUnknown, !right.isUnknown, right.low > 0 || right.high < 0,
            left.currency == right.currency || left.currency == 0 || right.currency == 0
        else { return .unknown }
        return computeDoubles(.divide, left.asDouble, right.asDouble)
    }

    private var asDouble: FigureValue {
        FigureValue(
            lowDouble: low == .min && !isExact ? -.infinity : Double(low),
            highDouble: high == .max && !isExact ? .infinity : Double(high))
    }

    private static func apply(_ operation: Instruction.Operation, _ left: Double, _ right: Double) -> Double {
        switch operation {
        case .add: left + right
        case .subtract: left - right
        case .multiply: left * right
        default: left / right
        }
    }
}
