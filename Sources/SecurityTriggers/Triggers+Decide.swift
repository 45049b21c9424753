// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Triggers {
    /// Judges a transaction by every rule; the strongest action wins and the order of the rules means nothing.
    ///
    /// The transaction itself is part of every window that does not say `before`, as if it were approved. It is
    /// not remembered: that is for `apply` to do once the outcome is on record. What drove a score is not found out here, see
    /// `RuleSet.attributed(_:)`.
    public func evaluate(_ facts: TransactionFacts) -> Evaluation {
        evaluate(facts, by: rules)
    }

    /// The same by other rules, over the windows as they are. What a terminal or a merchant brought is there as far as the
    /// rules in force or those that are watched ask for it.
    public func evaluate(_ facts: TransactionFacts, by rules: RuleSet) -> Evaluation {
        var evaluation = Evaluation()
        scan(facts, by: rules) { Self.judge($0, by: rules, into: &evaluation) }
        return evaluation
    }

    /// The same, for who watches models: shows every score whose model is there, be it asked for or not.
    ///
    /// - Parameter observer: is given the index of a score, its features in order, and the margin.
    public func evaluate(
        _ facts: TransactionFacts, observing observer: (Int, Span<Double>, Double) -> Void
    ) -> Evaluation {
        var evaluation = Evaluation()
        scan(facts, by: rules) { scan in
            Self.judge(scan, by: rules, into: &evaluation)
            for index in rules.program.scores.indices { scan.observe(index, observer) }
        }
        return evaluation
    }

    /// The built-in features of a transaction, of what was applied before it. Of its terminal nothing is known unless the
    /// rules in force, or those that are watched, have a score that asks for it.
    public func features(of facts: TransactionFacts) -> FeatureVector {
        scan(facts, by: rules) { $0.featureVector }
    }

    /// Lends the memory for one evaluation, all of it on the stack: a temporary allocation below a kilobyte lies there.
    @inline(__always)
    func scan<Result>(_ facts: TransactionFacts, by rules: RuleSet, _ body: (Scan) -> Result) -> Result {
        withUnsafeTemporaryAllocation(of: FigureValue.self, capacity: RuleSet.limits.velocities) { figures in
            withUnsafePointer(to: facts) { facts in
                var state = ScanState(rules.program, facts, storeInPlace, figures)
                return withUnsafeMutablePointer(to: &state) { body(Scan(state: $0)) }
            }
        }
    }

    private static func judge(_ scan: Scan, by rules: RuleSet, into evaluation: inout Evaluation) {
        let heads = scan.state.pointee.heads
        for rule in heads.indices {
            let head = heads.baseAddress.unsafelyUnwrapped + rule
            let truth = scan.truth(of: head)
            if truth == .no { continue }
            let outcome: RuleResult.Outcome =
                head.pointee.isLiftable && scan.facts.noticeCovers && (truth == .yes || head.pointee.hasOnUnknown)
                ? .suppressed : truth == .unknown ? .unknown : .hit
            record(outcome, of: rule, head.pointee, scan.program.details[rule], scan, into: &evaluation)
        }
        if !evaluation.results.isEmpty {
            if !scan.program.outside.models.isEmpty { note(scan, into: &evaluation) }
            evaluation.settle(accepted: rules.proofs(for: evaluation))
        }
    }

    /// Takes down the scores behind the results.
    private static func note(_ scan: Scan, into evaluation: inout Evaluation) {
        let program = scan.program
        var asked: UInt8 = 0
        for result in evaluation.results { asked |= program.details[result.rule].scores }
        for index in program.scores.indices where asked & 1 << UInt8(index) != 0 {
            if let result = scan.result(of: index) { evaluation.scores.append(result) }
        }
    }

    private static func record(
        _ outcome: RuleResult.Outcome, of rule: Int, _ head: RuleHead, _ detail: RuleDetail, _ scan: Scan,
        into evaluation: inout Evaluation
    ) {
        var figures: [Figure] = []
        figures.reserveCapacity(detail.figures.count)
        for position in detail.figures.indices {
            var figure = scan.figure(of: detail.figures[position].code, at: position)
            let speaks =
                outcome == .unknown
                ? figure.holds == nil && detail.figures[position].sign != nil
                : detail.figures[position].isNamed || figure.holds == !detail.figures[position].isNegated
            guard speaks else { continue }
            if let velocity = detail.figures[position].velocity { figure.evidence = scan.evidence(of: velocity) }
            figures.append(figure)
        }
        evaluation.results.append(
            RuleResult(rule: rule, outcome: outcome, isShadow: head.isShadow, figures: figures))
        if !head.isShadow, let order = detail.consequence(of: outcome) { evaluation.add(order, of: rule) }
    }
}
