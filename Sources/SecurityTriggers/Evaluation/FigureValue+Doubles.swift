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

    static func computeDoubles(_ sign: Arithmetic, _ left: FigureValue, _ right: FigureValue) -> FigureValue {
        if left.isUnknown || right.isUnknown { return .unknown }
        if left.isExact, right.isExact { return FigureValue(double: apply(sign, left.lowDouble, right.lowDouble)) }
        // A divisor that may be 0 leaves no bounds.
        if sign == .divide, right.lowDouble <= 0, right.highDouble >= 0 { return .unknown }
        var (low, high) = (Double.infinity, -Double.infinity)
        for first in [left.lowDouble, left.highDouble] {
            for second in [right.lowDouble, right.highDouble] {
                let corner = apply(sign, first, second)
                guard !corner.isNaN else { return .unknown }
                (low, high) = (min(low, corner), max(high, corner))
            }
        }
        return FigureValue(lowDouble: low, highDouble: high)
    }

    private static func apply(_ sign: Arithmetic, _ left: Double, _ right: Double) -> Double {
        switch sign {
        case .add: left + right
        case .subtract: left - right
        case .multiply: left * right
        case .divide: left / right
        case .remainder: .nan
        }
    }
}
