// SPDX-License-Identifier: Apache-2.0

/// A compiled rule set. A class, so that handing it on costs one count, not a dozen arrays'; it never changes.
final class RuleProgram: Sendable {
    let heads: [RuleHead]
    let details: [RuleDetail]
    let code: [Instruction]
    let constants: [FigureValue]
    let velocities: [VelocityProgram]
    let velocityNames: [String]
    /// Those of the velocities that single events answer.
    let plan: ScanPlan
    let filters: [FilterInstruction]
    /// Of all lists, one after the other: the lower and the upper bound of each span, in rising order.
    let bounds: [UInt64]
    /// The spans of each list, as positions in `bounds` divided by two.
    let lists: [Range<Int>]

    init(
        heads: [RuleHead], details: [RuleDetail], code: [Instruction], constants: [FigureValue],
        velocities: [VelocityProgram], velocityNames: [String], filters: [FilterInstruction], bounds: [UInt64],
        lists: [Range<Int>]
    ) {
        (self.heads, self.details, self.code, self.constants) = (heads, details, code, constants)
        (self.velocities, self.velocityNames, self.filters) = (velocities, velocityNames, filters)
        (self.bounds, self.lists) = (bounds, lists)
        plan = ScanPlan(velocities, filters)
    }

    /// Whether a list holds a value, by binary search over its spans.
    func list(_ index: Int, contains value: UInt64) -> Bool {
        var (low, high) = (lists[index].lowerBound, lists[index].upperBound)
        while low < high {
            let middle = (low + high) / 2
            if value < bounds[2 * middle] {
                high = middle
            } else if value > bounds[2 * middle + 1] {
                low = middle + 1
            } else {
                return true
            }
        }
        return false
    }
}

/// What is asked of a rule only once it has hit: names, texts, and which values to show.
struct RuleDetail: Sendable {
    var id: String
    var consequence: Consequence
    var figures: [FigureSource]
    var texts: [RuleText]
}

/// A value that explains a rule: one comparison of its condition, or a name in one of its texts.
struct FigureSource: Sendable {
    /// The name of the fact or velocity, or the expression as text.
    var name: String
    var type: ValueType
    /// The comparison's sign or `in`; nil when a text names the value and no comparison does.
    var sign: String?
    /// The list after `in`.
    var list: String?
    /// The velocity's window, such as `15m`.
    var window: String?
    /// The instructions that find the value, the last being the comparison or a `load`.
    var code: Range<Int>
    /// The comparison speaks for the rule when it does not hold.
    var isNegated: Bool
    /// A text of the rule shows it.
    var isNamed: Bool
}

/// One text of a rule, cut into words and figures.
struct RuleText: Sendable {
    enum Part: Sendable {
        case words(String)
        /// An index into the rule's figures.
        case figure(Int)
    }
    var audience: Explanation.Audience
    var language: Explanation.Language
    var parts: [Part]
}
