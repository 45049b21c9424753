// SPDX-License-Identifier: Apache-2.0
import SecurityTriggers
import Vocabulary

/// Security triggers in a program of one's own: a rule set, a card's afternoon, and what the engine says of it.
///
///     TILLGUARD_CORES=1 swift run --scratch-path .build-cores TriggerExample
@main
struct TriggerExample {
    static let rules = """
        tillguard-rules 1
        ruleset example version 1

        velocity large_terminals = distinct(terminal) by card over 1h where amount >= 300.00 EUR

        rule shopping_spree {
            when large_terminals >= 3
            unless notice covers tx
            then refer hold 15m as callIssuer, case high, ask cardholder
            say en "{large_terminals} terminals took 300.00 EUR or more within an hour; this one {amount}."
            say zh "一小时内 {large_terminals} 台终端各收 300.00 EUR 以上，本次 {amount}。"
        }
        """

    static func main() throws {
        // 1. Rules are text. What is wrong with them is said with line, column, what was expected and a hint.
        var triggers = Triggers(rules: try RuleSet(parsing: rules))
        let card = CardKey(high: 1, low: 2)
        let afternoon = CalendarTime(year: 2026, month: 11, day: 28, hour: 14).instant
        for (minutes, till, cents) in [
            (0, "TILL0001", 310_00), (20, "TILL0002", 45_00), (35, "TILL0003", 420_00),
            (50, "TILL0004", 300_00),
        ] as [(Int64, String, Int64)] {
            guard let terminal = TerminalID(till) else { continue }
            let facts = TransactionFacts(
                card: card, account: AccountID(7), at: afternoon + .minutes(minutes),
                amount: Money(minorUnits: cents, .eur), terminal: terminal, merchant: nil, mcc: nil)
            // 2. Judging changes nothing; the transaction itself is part of its windows.
            let evaluation = triggers.evaluate(facts)
            // 3. What was decided is remembered once it is on record, so that a replay comes to the same.
            let outcome: WindowOutcome = evaluation.action == .approve ? .approved : .pending
            triggers.apply(WindowEvent(facts: facts, outcome: outcome), after: evaluation)
            print("\(till)  \(facts.amount)  \(evaluation.action)")
            guard evaluation.action != .approve else { continue }
            // 4. The explanation is made when somebody asks for it, from evaluation, rules and facts alone.
            print(Explanation.sentence(evaluation, rules: triggers.rules, language: .en, audience: .analyst))
            print(Explanation.json(evaluation, rules: triggers.rules, facts: facts).text)
        }
    }
}
