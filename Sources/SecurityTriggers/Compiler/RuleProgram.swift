// SPDX-License-Identifier: Apache-2.0
import RiskModels

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
    /// `heads`, `code`, `constants` and the plan's steps once more, as evaluations read them, and the conditions as graphs.
    let tables: RuleTables
    /// Their memory.
    private let held: Held
    private typealias Held = (
        FixedTable<RuleHead>, FixedTable<Instruction>, FixedTable<FigureValue>, FixedTable<ScanStep>,
        FixedTable<ConditionNode>
    )
    /// Of all lists, one after the other: the lower and the upper bound of each span, in rising order.
    let bounds: [UInt64]
    /// The spans of each list, as positions in `bounds` divided by two.
    let lists: [Range<Int>]

    /// Longer texts of conditions, in UTF-8.
    let texts: [[UInt8]]
    let rates: Rates
    let scores: [ScoreProgram]
    /// The lists that are kept outside the rules, by the number that instructions have.
    let externals: [ExternalList]
    /// What was handed in from outside the rules.
    let outside: Outside

    init(_ compiler: Compiler, heads: [RuleHead], details: [RuleDetail]) {
        (code, constants, texts) = (compiler.code, compiler.constants, compiler.texts)
        let names = compiler.file.velocities.map(\.name)
        (velocities, velocityNames) = (compiler.velocities, names)
        (filters, bounds, lists) = (compiler.filters, compiler.bounds, compiler.lists)
        (rates, scores, externals) = (compiler.rates, compiler.scores, compiler.externals)
        outside = Outside()
        plan = ScanPlan(velocities, filters)
        let fused = code.map(\.fused)
        var graph = ConditionGraph(fused, constants)
        self.heads = heads.map { head in
            var head = head
            head.entry = graph.add(head.code)
            return head
        }
        self.details = details.map { detail in
            var detail = detail
            for place in detail.figures.indices {
                detail.figures[place].velocity = names.firstIndex(of: detail.figures[place].name)
            }
            return detail
        }
        held = (
            FixedTable(self.heads), FixedTable(fused), FixedTable(constants), FixedTable(plan.steps),
            FixedTable(graph.nodes)
        )
        tables = RuleTables(
            heads: held.0.elements, code: held.1.elements, constants: held.2.elements, steps: held.3.elements,
            walks: ScanWalks(plan), nodes: held.4.elements, planned: plan.velocities, distinctKinds: plan.distinctKinds)
    }

    /// The same rules with other things of outside.
    init(_ program: RuleProgram, outside: Outside) {
        (heads, details) = (program.heads, program.details)
        (code, constants, texts) = (program.code, program.constants, program.texts)
        (velocities, velocityNames) = (program.velocities, program.velocityNames)
        (filters, bounds, lists) = (program.filters, program.bounds, program.lists)
        (rates, scores, externals) = (program.rates, program.scores, program.externals)
        self.outside = outside
        plan = program.plan
        (tables, held) = (program.tables, program.held)
    }

    /// The proofs that satisfy every live rule of an evaluation that asks for one; nil when none asks.
    func proofs(for evaluation: Evaluation) -> ProofSet? {
        var accepted: ProofSet?
        for result in evaluation.results where !result.isShadow && details.indices.contains(result.rule) {
            guard let order = details[result.rule].consequence(of: result.outcome), order.action == .stepUp else {
                continue
            }
            accepted = accepted?.intersection(order.proofs) ?? order.proofs
        }
        return accepted
    }

    /// The model of a score, where it is there.
    func model(_ score: Int) -> Outside.Model? { score < outside.models.count ? outside.models[score] : nil }

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

/// A list that is kept outside the rules, as they name it.
struct ExternalList: Equatable, Sendable {
    var name: String
    var kind: ListKind
}

/// What rules name and do not hold: lists, and models by the number of their scores. What is not there is unknown.
struct Outside: Sendable {
    /// A class, so that to ask a score costs one count and not one for each of its arrays.
    final class Model: Sendable {
        let bound: BoundModel
        let version: UInt32

        init(bound: BoundModel, version: UInt32) { (self.bound, self.version) = (bound, version) }

        /// The score in log-odds.
        func margin(_ features: Span<Double>) -> Double { bound.margin(features) }
    }
    var lists = BoundLists()
    var models: [Model?] = []
}

/// What is asked of a rule only once it has hit: names, texts, and which values to show.
struct RuleDetail: Sendable {
    var id: String
    var version: UInt32
    var state: RuleState
    var consequence: Consequence
    /// What follows where the condition cannot be decided.
    var onUnknown: Consequence?
    var figures: [FigureSource]
    var texts: [RuleText]
    /// A bit for each score that the condition or a text asks for.
    var scores: UInt8

    /// What a live rule orders by what came of its condition.
    func consequence(of outcome: RuleResult.Outcome) -> Consequence? {
        switch outcome {
        case .hit: consequence
        case .unknown: onUnknown
        case .suppressed: nil
        }
    }
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
    /// The velocity of that name, by its index.
    var velocity: Int?
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
