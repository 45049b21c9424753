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
        var facts = line.facts
        facts.card = card(line.card)
        let evaluation = triggers.evaluate(facts)
        let outcome: WindowOutcome =
            switch evaluation.action {
            case .approve: .approved
            case .stepUp, .refer: .pending
            case .decline, .retain: .declined
            }
        triggers.apply(WindowEvent(facts: facts, outcome: line.outcome ?? outcome))
        let json = Explanation.json(evaluation, rules: triggers.rules, facts: facts)
        return .object((line.id.isEmpty ? [] : [.init("id", .string(line.id))]) + (json.members ?? []))
    }

    private mutating func card(_ name: String) -> CardKey {
        if let known = cards[name] { return known }
        let card = CardKey(high: 0, low: UInt64(cards.count))
        cards[name] = card
        return card
    }
}
