// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Triggers {
    /// Judges a transaction by every rule; the strongest action wins and the order of the rules means nothing.
    ///
    /// The transaction itself is part of every window that does not say `before`, as if it were approved. It is
    /// not remembered: that is for `apply` to do once the outcome is on record.
    public func evaluate(_ facts: TransactionFacts) -> Evaluation {
        scan(facts) { judge($0) }
    }

    /// Lends the memory for one evaluation, all of it on the stack: a temporary allocation below a kilobyte lies there.
    @inline(__always)
    func scan<Result>(_ facts: TransactionFacts, _ body: (Scan) -> Result) -> Result {
        withUnsafeTemporaryAllocation(of: FigureValue.self, capacity: RuleSet.limits.velocities) { figures in
            var state = ScanState(rules.program, facts, storeInPlace, figures)
            return withUnsafeMutablePointer(to: &state) { body(Scan(state: $0)) }
        }
    }

    private func judge(_ scan: Scan) -> Evaluation {
        var evaluation = Evaluation()
        let program = scan.program
        let heads = program.headTable.elements
        for rule in heads.indices {
            let head = heads[rule]
            let truth = scan.truth(of: head.code)
            if truth == .no { continue }
            let outcome: RuleResult.Outcome =
                head.isLiftable && scan.facts.noticeCovers && (truth == .yes || head.hasOnUnknown)
                ? .suppressed : truth == .unknown ? .unknown : .hit
            Self.record(outcome, of: rule, head, program.details[rule], scan, into: &evaluation)
        }
        if !evaluation.results.isEmpty { evaluation.settle(accepted: rules.proofs(for: evaluation)) }
        return evaluation
    }

    private static func record(
        _ outcome: RuleResult.Outcome, of rule: Int, _ head: RuleHead, _ detail: RuleDetail, _ scan: Scan,
        into evaluation: inout Evaluation
    ) {
        var figures: [Figure] = []
        for (position, source) in detail.figures.enumerated() {
            let figure = scan.figure(source, at: position)
            let speaks =
                outcome == .unknown
                ? figure.holds == nil && source.sign != nil
                : source.isNamed || figure.holds == !source.isNegated
            if speaks { figures.append(figure) }
        }
        evaluation.results.append(
            RuleResult(rule: rule, outcome: outcome, isShadow: head.isShadow, figures: figures))
        if !head.isShadow, let order = detail.consequence(of: outcome) { evaluation.add(order, of: rule) }
    }
}
