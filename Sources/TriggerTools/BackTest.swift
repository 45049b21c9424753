// SPDX-License-Identifier: Apache-2.0
import SecurityTriggers
import Vocabulary

/// What a rule set would have done with transactions of the past. Its windows are its own: nothing that is live is touched.
public struct BackTest: Sendable {
    /// Of one rule, or of all together.
    public struct Tally: Equatable, Sendable {
        /// Transactions on which it fired.
        public var fired = 0
        /// Of these, frauds; the others are false alarms.
        public var frauds = 0
        /// Minor units of the frauds on which it fired.
        public var fraudAmount: Int64 = 0
        /// Fired, but a notice lifted it.
        public var suppressed = 0
        /// A figure was missing, so that it could not say.
        public var unknown = 0

        mutating func count(_ transaction: LabelledTransaction) {
            fired += 1
            guard transaction.isFraud else { return }
            frauds += 1
            fraudAmount += transaction.facts.amount.minorUnits
        }
    }

    /// A day, for the plot.
    public struct Day: Equatable, Sendable {
        public var transactions = 0
        public var stopped = 0
        public var frauds = 0
        public var fraudsStopped = 0
    }

    public let rules: RuleSet
    private var triggers: Triggers
    private let knownAfter: Interval
    /// Labels of frauds that have not become known yet.
    private var due = DueQueue<TransactionLabel>()
    public private(set) var transactions = 0
    public private(set) var frauds = 0
    public private(set) var fraudAmount: Int64 = 0
    /// In the order of `rules.ruleIDs`; watched rules among them.
    public private(set) var byRule: [Tally]
    /// Transactions that are not approved: what live rules stop, whichever.
    public private(set) var stopped = Tally()
    /// How often two rules fired together, row by row of the square; the diagonal is `fired`.
    public private(set) var together: [Int]
    /// By the day's number since 1970, ascending.
    public private(set) var days: [(day: Int64, tally: Day)] = []

    /// - Parameter knownAfter: how long it takes until a fraud is known, which terminals' figures and scores go by.
    public init(_ rules: RuleSet, knownAfter: Interval = .days(7)) {
        (self.rules, self.knownAfter) = (rules, knownAfter)
        triggers = Triggers(rules: rules)
        byRule = [Tally](repeating: Tally(), count: rules.ruleIDs.count)
        together = [Int](repeating: 0, count: rules.ruleIDs.count * rules.ruleIDs.count)
    }

    /// Judges a transaction and remembers it, as decided then, or as the rules say.
    @discardableResult
    public mutating func add(_ transaction: LabelledTransaction) -> Evaluation {
        while let (_, label) = due.take(dueAt: transaction.facts.at) { triggers.label(label) }
        let evaluation = triggers.evaluate(transaction.facts)
        let isStopped = evaluation.action != .approve
        transactions += 1
        if transaction.isFraud {
            frauds += 1
            fraudAmount += transaction.facts.amount.minorUnits
        }
        count(evaluation, transaction)
        if isStopped { stopped.count(transaction) }
        count(day: transaction.facts.at, transaction.isFraud, isStopped)
        let outcome: WindowOutcome =
            switch evaluation.action {
            case .approve: .approved
            case .stepUp, .refer: .pending
            case .decline, .retain: .declined
            }
        triggers.apply(
            WindowEvent(facts: transaction.facts, outcome: transaction.outcome ?? outcome), after: evaluation)
        if transaction.isFraud { wait(transaction.facts) }
        return evaluation
    }

    /// Keeps a fraud until it is known.
    private mutating func wait(_ facts: TransactionFacts) {
        let isPlain = triggers.isPlain(card: facts.card, at: facts.at, terminal: facts.terminal, amount: facts.amount)
        let label = TransactionLabel(
            card: facts.card, terminal: facts.terminal, at: facts.at, known: facts.at + knownAfter, verdict: .fraud,
            isPlain: isPlain ?? false, merchant: facts.merchant, amount: facts.amount)
        due.add(label, at: label.known)
    }

    /// Takes a transaction back that was added: its window counts it as reversed.
    public mutating func reverse(card: CardKey, at instant: Instant, terminal: TerminalID, amount: Money) {
        triggers.markReversed(card: card, at: instant, terminal: terminal, amount: amount)
    }

    private mutating func count(_ evaluation: Evaluation, _ transaction: LabelledTransaction) {
        let width = byRule.count
        for (place, result) in evaluation.results.enumerated() {
            switch result.outcome {
            case .unknown: byRule[result.rule].unknown += 1
            case .suppressed: byRule[result.rule].suppressed += 1
            case .hit:
                byRule[result.rule].count(transaction)
                for other in evaluation.results[place...] where other.outcome == .hit {
                    together[result.rule * width + other.rule] += 1
                    if other.rule != result.rule { together[other.rule * width + result.rule] += 1 }
                }
            }
        }
    }

    private mutating func count(day at: Instant, _ isFraud: Bool, _ isStopped: Bool) {
        let day = at.seconds.floorDivided(by: 86_400)
        let place = days.lastIndex { $0.day <= day }
        let index: Int
        if let place, days[place].day == day {
            index = place
        } else {
            index = place.map { $0 + 1 } ?? 0
            days.insert((day, Day()), at: index)
        }
        days[index].tally.transactions += 1
        if isStopped { days[index].tally.stopped += 1 }
        if isFraud { days[index].tally.frauds += 1 }
        if isFraud, isStopped { days[index].tally.fraudsStopped += 1 }
    }

    /// Honest transactions that are stopped, of ten thousand honest ones.
    public var falseAlarmsPerTenThousand: Double { perTenThousand(stopped) }

    /// As `falseAlarmsPerTenThousand`, for one rule.
    public func perTenThousand(_ tally: Tally) -> Double {
        let honest = transactions - frauds
        return honest == 0 ? 0 : Double(tally.fired - tally.frauds) * 10_000 / Double(honest)
    }
}
