// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import SecurityTriggers

/// A rule set of a few lines, without the first.
func ruleSet(_ body: String) throws -> RuleSet { try RuleSet(parsing: "tillguard-rules 1\n" + body) }

/// A rule set whose one rule, `r`, declines when the condition holds.
func rule(when condition: String, _ declarations: String = "") throws -> RuleSet {
    try ruleSet(declarations + "\nrule r { when " + condition + " then decline }")
}

let card = CardKey(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210)
/// 2026-08-14T09:30:00Z.
let morning = CalendarTime(year: 2026, month: 8, day: 14, hour: 9, minute: 30).instant

/// A purchase of 10.00 EUR at a grocer's, changed as the test needs.
func purchase(
    at: Instant = morning, _ change: (inout TransactionFacts) -> Void = { _ in }
) -> TransactionFacts {
    var facts = TransactionFacts(
        card: card, account: AccountID(1), at: at, amount: Money(minorUnits: 1_000, .eur),
        terminal: terminal(1), merchant: MerchantID(number: 77), mcc: MCC(5_411))
    change(&facts)
    return facts
}

/// `T0000000`, `T0000001`, … for numbers of up to two digits.
func terminal(_ number: Int) -> TerminalID {
    TerminalID(packed: 0x5430_3030_3030_3030 + UInt64((number / 10) << 8 | (number % 10)))
}
func euros(_ minorUnits: Int64) -> Money { Money(minorUnits: minorUnits, .eur) }

extension Triggers {
    init(_ rules: RuleSet) { self.init(rules: rules, seed: 42) }

    /// Evaluates, then applies with the outcome that the evaluation gives.
    mutating func pass(_ facts: TransactionFacts) -> Evaluation {
        let evaluation = evaluate(facts)
        apply(WindowEvent(facts: facts, outcome: evaluation.action == .approve ? .approved : .declined))
        return evaluation
    }

    var snapshotBytes: [UInt8] {
        var writer = ByteWriter()
        snapshot(to: &writer)
        return writer.bytes
    }

    /// The figure of a velocity for a transaction.
    func figure(_ name: String, _ facts: TransactionFacts) -> FigureValue {
        let index = rules.program.velocityNames.firstIndex(of: name) ?? 0
        return scan(facts, rules.program) { $0.value(Operand(source: .velocity, index: UInt16(index))) }
    }
}

/// What the one rule of `rule(when:)` says: hit, unknown, suppressed, or nil for no hit.
func outcome(_ rules: RuleSet, _ facts: TransactionFacts = purchase()) -> RuleResult.Outcome? {
    Triggers(rules).evaluate(facts).results.first?.outcome
}

extension Evaluation {
    /// As it would have been without the engine's version, which changes with each release: for whoever compares bytes.
    var withoutEngine: Evaluation {
        var evaluation = self
        evaluation.engine = nil
        return evaluation
    }
}
