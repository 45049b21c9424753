// SPDX-License-Identifier: Apache-2.0

/// The values that a fact or velocity may still have: an interval without some points.
struct ValueDomain: Equatable, Sendable {
    var low = -Double.infinity
    var high = Double.infinity
    /// Whole numbers, whose open bounds are closed ones a step further in.
    var isWhole: Bool
    var isLowOpen = false
    var isHighOpen = false
    var holes: [Double] = []

    /// Beyond these a double no longer tells neighbouring whole numbers apart.
    static let exactMax = 9_007_199_254_740_992.0

    init(isWhole: Bool) { self.isWhole = isWhole }

    init(_ low: Double, _ high: Double, isWhole: Bool = true) {
        (self.low, self.high, self.isWhole) = (low, high, isWhole)
    }

    mutating func restrict(_ sign: Comparison, _ value: Double) {
        switch sign {
        case .equal:
            raise(to: value, isOpen: false)
            lower(to: value, isOpen: false)
        case .notEqual: holes.append(value)
        case .less: lower(to: isWhole ? value - 1 : value, isOpen: !isWhole)
        case .lessOrEqual: lower(to: value, isOpen: false)
        case .greater: raise(to: isWhole ? value + 1 : value, isOpen: !isWhole)
        case .greaterOrEqual: raise(to: value, isOpen: false)
        }
    }

    mutating func restrict(to other: ValueDomain) {
        raise(to: other.low, isOpen: other.isLowOpen)
        lower(to: other.high, isOpen: other.isHighOpen)
        holes += other.holes
    }

    private mutating func raise(to value: Double, isOpen: Bool) {
        if value > low || (value == low && isOpen) { (low, isLowOpen) = (value, isOpen) }
    }

    private mutating func lower(to value: Double, isOpen: Bool) {
        if value < high || (value == high && isOpen) { (high, isHighOpen) = (value, isOpen) }
    }

    /// No value is left. Of a few whole numbers each is looked at.
    var isEmpty: Bool {
        if low > high || (low == high && (isLowOpen || isHighOpen)) { return true }
        guard low == high || (isWhole && high - low < 64) else { return false }
        return stride(from: low, through: high, by: 1).allSatisfy { holes.contains($0) }
    }
}
