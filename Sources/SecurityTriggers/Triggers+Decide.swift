// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Triggers {
    /// Judges a transaction by every rule; the strongest action wins and the order of the rules means nothing.
    ///
    /// The transaction itself is part of every window that does not say `before`, as if it were approved. It is
    /// not remembered: that is for `apply` to do once the outcome is on record.
    public func evaluate(_ facts: TransactionFacts) -> Evaluation {
        var scan = Scan(rules.program, facts, store)
        return Self.judge(&scan, by: rules)
    }

    /// The same by other rules, over the windows as they are. What a terminal or a merchant brought is there as far as the
    /// rules in force or those that are watched ask for it.
    public func evaluate(_ facts: TransactionFacts, by rules: RuleSet) -> Evaluation {
        var scan = Scan(rules.program, facts, store)
        return Self.judge(&scan, by: rules)
    }

    /// The same, for who watches models: shows every score whose model is there, be it asked for or not.
    ///
    /// - Parameter observer: is given the index of a score, its features in order, and the margin.
    public func evaluate(
        _ facts: TransactionFacts, observing observer: (Int, Span<Double>, Double) -> Void
    ) -> Evaluation {
        var scan = Scan(rules.program, facts, store)
        let evaluation = Self.judge(&scan, by: rules)
        for index in rules.program.scores.indices { scan.observe(index, observer) }
        return evaluation
    }

    /// The built-in features of a transaction, of what was applied before it. Of its terminal nothing is known unless the
    /// rules in force, or those that are watched, have a score that asks for it.
    public func features(of facts: TransactionFacts) -> FeatureVector {
        Scan(rules.program, facts, store).featureVector
    }

    private static func judge(_ scan: inout Scan, by rules: RuleSet) -> Evaluation {
        var evaluation = Evaluation()
        let (program, facts) = (scan.program, scan.facts)
        for rule in program.heads.indices {
            let head = program.heads[rule]
            let truth = scan.truth(of: head.code)
            if truth == .no { continue }
            let outcome: RuleResult.Outcome =
                head.isLiftable && facts.noticeCovers && (truth == .yes || head.hasOnUnknown)
                ? .suppressed : truth == .unknown ? .unknown : .hit
            record(outcome, of: rule, head, program.details[rule], &scan, into: &evaluation)
        }
        if !evaluation.results.isEmpty, !program.outside.models.isEmpty { note(&scan, into: &evaluation) }
        evaluation.settle(accepted: rules.proofs(for: evaluation))
        return evaluation
    }

    /// Takes down the scores behind the results.
    private static func note(_ scan: inout Scan, into evaluation: inout Evaluation) {
        let program = scan.program
        var (asked, explained): (UInt8, UInt8) = (0, 0)
        for result in evaluation.results {
            let scores = program.details[result.rule].scores
            asked |= scores
            if result.outcome != .unknown { explained |= scores }
        }
        for index in program.scores.indices where asked & 1 << UInt8(index) != 0 {
            if let result = scan.result(of: index, isExplained: explained & 1 << UInt8(index) != 0) {
                evaluation.scores.append(result)
            }
        }
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
