// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// The triggers over lines: a transaction in, a decision with its explanation out, each remembered for those that follow.
public struct LineEvaluator: Sendable {
    public private(set) var triggers: Triggers
    /// Cards by name; never iterated.
    private var cards: [String: CardKey] = [:]

    public init(rules: RuleSet) { triggers = Triggers(rules: rules) }

    /// The decision as one JSON value, with the line's `id` before it.
    public mutating func evaluate(_ line: TransactionLine) -> JSON {
        let (evaluation, facts) = judge(line)
        let context = Explanation.Context(knownSince: triggers.countedSince)
        let json = Explanation.json(evaluation, rules: triggers.rules, facts: facts, context: context)
        return .object((line.id.isEmpty ? [] : [.init("id", .string(line.id))]) + (json.members ?? []))
    }

    /// Judges a transaction and remembers it.
    ///
    /// - Returns: what the rules said, and what they said it of: the line's facts with the card's own key.
    public mutating func judge(_ line: TransactionLine) -> (Evaluation, TransactionFacts) {
        var facts = line.facts
        facts.card = card(line.card)
        let evaluation = triggers.evaluate(facts)
        let outcome: WindowOutcome =
            switch evaluation.action {
            case .approve: .approved
            case .stepUp, .refer: .pending
            case .decline, .retain: .declined
            }
        triggers.apply(WindowEvent(facts: facts, outcome: line.outcome ?? outcome), after: evaluation)
        return (evaluation, facts)
    }

    /// A transaction that was judged proves a fraud, which becomes known at once.
    public mutating func makeFraud(_ facts: TransactionFacts) {
        let isPlain = triggers.isPlain(
            card: facts.card, at: facts.at, terminal: facts.terminal, amount: facts.amount)
        triggers.label(
            TransactionLabel(
                card: facts.card, terminal: facts.terminal, at: facts.at, known: facts.at, verdict: .fraud,
                isPlain: isPlain ?? false, merchant: facts.merchant, amount: facts.amount))
    }

    /// A transaction that was judged is taken back.
    public mutating func reverse(_ facts: TransactionFacts) {
        triggers.markReversed(card: facts.card, at: facts.at, terminal: facts.terminal, amount: facts.amount)
    }

    private mutating func card(_ name: String) -> CardKey {
        if let known = cards[name] { return known }
        let card = CardKey(high: 0, low: UInt64(cards.count))
        cards[name] = card
        return card
    }
}
