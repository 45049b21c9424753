// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Triggers {
    /// Judges a transaction by every rule; the strongest action wins and the order of the rules means nothing.
    ///
    /// The transaction itself is part of every window that does not say `before`, as if it were approved. It is
    /// not remembered: that is for `apply` to do once the outcome is on record. What drove a score is not found out here, see
    /// `RuleSet.attributed(_:)`.
    public func evaluate(_ facts: TransactionFacts) -> Evaluation {
        evaluate(facts, rules.program)
    }

    /// The same by other rules, over the windows as they are. What a terminal or a merchant brought is there as far as the
    /// rules in force or those that are watched ask for it.
    public func evaluate(_ facts: TransactionFacts, by rules: RuleSet) -> Evaluation {
        evaluate(facts, rules.program)
    }

    @inline(__always)
    private func evaluate(_ facts: TransactionFacts, _ program: RuleProgram) -> Evaluation {
        scan(facts, program) { $0.evaluation() }
    }

    /// The same, for who watches models: shows every score whose model is there, be it asked for or not.
    ///
    /// - Parameter observer: is given the index of a score, its features in order, and the margin.
    public func evaluate(
        _ facts: TransactionFacts, observing observer: (Int, Span<Double>, Double) -> Void
    ) -> Evaluation {
        scan(facts, rules.program) { scan in
            let evaluation = scan.evaluation()
            for index in rules.program.scores.indices { scan.observe(index, observer) }
            return evaluation
        }
    }

    /// The built-in features of a transaction, of what was applied before it. Of its terminal nothing is known unless the
    /// rules in force, or those that are watched, have a score that asks for it.
    public func features(of facts: TransactionFacts) -> FeatureVector {
        scan(facts, rules.program) { $0.featureVector }
    }

    /// Lends the memory for one evaluation, all of it on the stack: a temporary allocation below a kilobyte lies there.
    @inline(__always)
    func scan<Result>(_ facts: TransactionFacts, _ program: RuleProgram, _ body: (Scan) -> Result) -> Result {
        // In this order the facts are copied once.
        withUnsafePointer(to: facts) { facts in
            withUnsafeTemporaryAllocation(of: FigureValue.self, capacity: RuleSet.limits.velocities) { figures in
                withUnsafeTemporaryAllocation(of: FigureValue.self, capacity: ScanState.valuesMax) { values in
                    var state = ScanState(
                        program, facts, storeInPlace, figures.baseAddress.unsafelyUnwrapped,
                        values.baseAddress.unsafelyUnwrapped)
                    return withUnsafeMutablePointer(to: &state) { body(Scan(state: $0)) }
                }
            }
        }
    }
}

extension Scan {
    /// What all rules say. Most transactions meet none, and nothing is made up for them.
    @inline(__always)
    func evaluation() -> Evaluation {
        let heads = state.pointee.tables.heads
        for rule in 0..<heads.count {
            let truth = truth(of: heads.baseAddress.unsafelyUnwrapped + rule)
            if truth != .no { return evaluation(from: rule, truth) }
        }
        return Evaluation(whereabouts: state.pointee.whereabouts)
    }

    /// The same from the first rule on that has something to say.
    @inline(never)
    private func evaluation(from first: Int, _ truth: Truth) -> Evaluation {
        var evaluation = Evaluation(whereabouts: state.pointee.whereabouts)
        evaluation.engine = .current
        let heads = state.pointee.tables.heads
        for rule in first..<heads.count {
            let head = heads.baseAddress.unsafelyUnwrapped + rule
            let truth = rule == first ? truth : self.truth(of: head)
            if truth != .no { record(truth, of: rule, head, into: &evaluation) }
        }
        if !program.outside.models.isEmpty { note(into: &evaluation) }
        evaluation.settle(accepted: program.proofs(for: evaluation))
        return evaluation
    }

    /// Takes down the scores behind the results.
    private func note(into evaluation: inout Evaluation) {
        let program = program
        var asked: UInt8 = 0
        for result in evaluation.results { asked |= program.details[result.rule].scores }
        for index in program.scores.indices where asked & 1 << UInt8(index) != 0 {
            if let result = result(of: index) { evaluation.scores.append(result) }
        }
    }

    private func record(
        _ truth: Truth, of rule: Int, _ head: UnsafePointer<RuleHead>, into evaluation: inout Evaluation
    ) {
        let outcome: RuleResult.Outcome =
            head.pointee.isLiftable && facts.noticeCovers && (truth == .yes || head.pointee.hasOnUnknown)
            ? .suppressed : truth == .unknown ? .unknown : .hit
        let detail = program.details[rule]
        var figures: [Figure] = []
        figures.reserveCapacity(detail.figures.count)
        for position in detail.figures.indices {
            var figure = self.figure(of: detail.figures[position].code, at: position)
            let speaks =
                outcome == .unknown
                ? figure.holds == nil && detail.figures[position].sign != nil
                : detail.figures[position].isNamed || figure.holds == !detail.figures[position].isNegated
            guard speaks else { continue }
            if let velocity = detail.figures[position].velocity { figure.evidence = evidence(of: velocity) }
            figures.append(figure)
        }
        evaluation.results.append(
            RuleResult(rule: rule, outcome: outcome, isShadow: head.pointee.isShadow, figures: figures))
        if !head.pointee.isShadow, let order = detail.consequence(of: outcome) { evaluation.add(order, of: rule) }
    }
}
