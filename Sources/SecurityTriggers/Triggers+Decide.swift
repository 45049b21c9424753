// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Triggers {
    /// Judges a transaction by every rule; the strongest action wins and the order of the rules means nothing.
    ///
    /// The transaction itself is part of every window that does not say `before`, as if it were approved. It is
    /// not remembered: that is for `apply` to do once the outcome is on record.
    public func evaluate(_ facts: TransactionFacts) -> Evaluation {
        var evaluation = Evaluation()
        let program = rules.program
        var scan = Scan(program, facts, store)
        for rule in program.heads.indices {
            let head = program.heads[rule]
            let truth = scan.truth(of: head.code)
            if truth == .no { continue }
            let outcome: RuleResult.Outcome =
                head.isLiftable && facts.noticeCovers && (truth == .yes || head.hasOnUnknown)
                ? .suppressed : truth == .unknown ? .unknown : .hit
            Self.record(outcome, of: rule, head, program.details[rule], &scan, into: &evaluation)
        }
        evaluation.settle(accepted: rules.proofs(for: evaluation))
        return evaluation
    }

    private static func record(
        _ outcome: RuleResult.Outcome, of rule: Int, _ head: RuleHead, _ detail: RuleDetail, _ scan: inout Scan,
        into evaluation: inout Evaluation
    ) {
        var figures: [Figure] = []
        for (position, source) in detail.figures.enumerated() {
            var figure = scan.figure(source, at: position)
            let speaks =
                outcome == .unknown
                ? figure.holds == nil && source.sign != nil
                : source.isNamed || figure.holds == !source.isNegated
            guard speaks else { continue }
            if let velocity = scan.program.velocityNames.firstIndex(of: source.name) {
                figure.evidence = scan.evidence(of: velocity)
            }
            figures.append(figure)
        }
        evaluation.results.append(
            RuleResult(rule: rule, outcome: outcome, isShadow: head.isShadow, figures: figures))
        if !head.isShadow, let order = detail.consequence(of: outcome) { evaluation.add(order, of: rule) }
    }
}
