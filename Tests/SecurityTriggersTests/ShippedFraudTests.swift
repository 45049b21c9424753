// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import SecurityTriggers

/// Each of the shipped rules about patterns of fraud: a hit, what is only nearly one, an honest look-alike, a notice.
@Suite("The shipped rules know frauds by their patterns")
struct ShippedFraudTests {
    let rules: RuleSet

    init() throws { rules = try RuleSet(parsing: try ShippedRules.text()) }

    private func results(_ id: String, _ facts: TransactionFacts, after earlier: [TransactionFacts] = []) -> RuleResult
        .Outcome?
    {
        var triggers = Triggers(rules)
        for event in earlier { triggers.apply(WindowEvent(facts: event, outcome: .approved)) }
        return outcome(id, triggers.evaluate(facts))
    }

    private func outcome(_ id: String, _ evaluation: Evaluation) -> RuleResult.Outcome? {
        evaluation.results.first { $0.rule == rules.index(of: id) }?.outcome
    }

    private func covered(_ facts: TransactionFacts) -> TransactionFacts {
        var facts = facts
        facts.noticeCovers = true
        return facts
    }

    // MARK: impossible_travel

    /// Berlin, and a place some degrees of latitude south of it: 111 km each.
    private func at(_ degreesSouth: Double, minutes: Int64, _ change: (inout TransactionFacts) -> Void = { _ in })
        -> TransactionFacts
    {
        purchase(at: morning + .minutes(minutes)) {
            ($0.entry, $0.terminal) = (.chip, terminal(Int(degreesSouth * 10) + 1))
            $0.place = Position(latitude: Int32((52.52 - degreesSouth) * 1_000_000), longitude: 13_405_000)
            change(&$0)
        }
    }

    @Test func aCardThatCannotHaveComeHereInTheTimeIsReferred() {
        let before = [at(0, minutes: 0)]
        #expect(results("impossible_travel", at(5, minutes: 30), after: before) == .hit)
        #expect(results("impossible_travel", at(0.5, minutes: 1), after: before) == nil, "55 km, however fast")
        #expect(
            results("impossible_travel", at(5, minutes: 90), after: before) == nil,
            "a flight: 556 km in an hour and a half")
        #expect(
            results("impossible_travel", at(5, minutes: 30) { $0.entry = .manual }, after: before) == nil,
            "no card was there")
        #expect(results("impossible_travel", at(5, minutes: 30) { $0.place = nil }, after: before) == nil)
        #expect(results("impossible_travel", at(5, minutes: 30)) == nil, "nowhere before")
        #expect(results("impossible_travel", covered(at(5, minutes: 30)), after: before) == .suppressed)
    }

    // MARK: test_then_large

    private func amount(_ units: Int64, minutes: Int64, _ kind: FactKind = .purchase) -> TransactionFacts {
        purchase(at: morning + .minutes(minutes)) { ($0.amount, $0.kind) = (euros(units), kind) }
    }

    @Test func aLargeAmountSoonAfterATestOfTheCardIsReferred() {
        #expect(results("test_then_large", amount(20_000, minutes: 29), after: [amount(200, minutes: 0)]) == .hit)
        #expect(results("test_then_large", amount(20_000, minutes: 30), after: [amount(200, minutes: 0)]) == nil)
        #expect(results("test_then_large", amount(20_000, minutes: 5), after: [amount(201, minutes: 0)]) == nil)
        #expect(results("test_then_large", amount(19_999, minutes: 5), after: [amount(100, minutes: 0)]) == nil)
        #expect(
            results("test_then_large", amount(20_000, minutes: 20), after: [amount(320, minutes: 0)]) == nil,
            "a coffee, then furniture")
        #expect(
            results("test_then_large", amount(20_000, minutes: 5, .refund), after: [amount(100, minutes: 0)]) == nil)
        #expect(
            results("test_then_large", covered(amount(20_000, minutes: 5)), after: [amount(100, minutes: 0)])
                == .suppressed)
    }

    // MARK: compromised_terminal

    private func label(_ number: UInt64, plain: Bool = true, at till: Int = 1) -> TransactionLabel {
        TransactionLabel(
            card: CardKey(high: 2, low: number), terminal: terminal(till), at: morning - .days(3),
            known: morning - .days(1), verdict: .fraud, isPlain: plain, merchant: MerchantID(number: 77),
            amount: euros(900))
    }

    @Test func aTerminalWhosePlainAmountsProveFraudsIsWatched() {
        func outcome(_ labels: [TransactionLabel], _ facts: TransactionFacts = purchase()) -> RuleResult.Outcome? {
            var triggers = Triggers(rules)
            for label in labels {
                let facts = purchase(at: label.at) { ($0.card, $0.terminal) = (label.card, label.terminal) }
                triggers.apply(WindowEvent(facts: facts, outcome: .approved))
            }
            for label in labels { triggers.label(label) }
            let evaluation = triggers.evaluate(facts)
            #expect(evaluation.action == .approve)
            return self.outcome("compromised_terminal", evaluation)
        }
        #expect(outcome([label(1), label(2)]) == .hit)
        #expect(outcome([label(1)]) == nil)
        #expect(
            outcome([label(1), label(2, plain: false)]) == nil, "a stolen card's spree says nothing of the terminal")
        #expect(outcome([label(1), label(2)], purchase { $0.terminal = terminal(2) }) == nil)
        #expect(outcome([label(1), label(2)], purchase(at: morning + .days(9))) == nil)
        #expect(outcome([label(1), label(2)], covered(purchase())) == .suppressed)
    }

    // MARK: night_first_use

    private func night(_ days: Int64, hour: Int64 = 2, _ units: Int64 = 15_000, offset: Int8 = 0) -> TransactionFacts {
        purchase(at: morning + .days(days) + .hours(hour) - .minutes(9 * 60 + 30)) {
            ($0.amount, $0.offset) = (euros(units), offset)
        }
    }

    @Test func aLargeAmountAtNightAfterAMonthNeedsAProof() {
        let before = [night(0, hour: 12)]
        #expect(results("night_first_use", night(31), after: before) == .hit)
        #expect(results("night_first_use", night(30), after: before) == nil, "29 days and some hours")
        #expect(results("night_first_use", night(31, hour: 6), after: before) == nil)
        #expect(
            results("night_first_use", night(31, hour: 6, offset: -8), after: before) == .hit,
            "four o'clock where the terminal stands")
        #expect(results("night_first_use", night(31, 14_999), after: before) == nil)
        #expect(results("night_first_use", night(31), after: before + [night(25)]) == nil, "who works at night")
        #expect(results("night_first_use", night(31)) == nil, "a new card")
        #expect(results("night_first_use", covered(night(31)), after: before) == .suppressed)
    }

    // MARK: split_amounts

    private func part(_ minutes: Int64, _ units: Int64 = 4_500, till: Int = 1, _ entry: EntryFact = .contactless)
        -> TransactionFacts
    {
        purchase(at: morning + .minutes(minutes)) {
            ($0.amount, $0.terminal, $0.entry) = (euros(units), terminal(till), entry)
        }
    }

    @Test func oneAmountInContactlessPartsAtOneTerminalIsReferred() {
        let two = [part(0), part(5)]
        #expect(results("split_amounts", part(10), after: two) == .hit)
        #expect(results("split_amounts", part(10), after: [part(5)]) == nil)
        #expect(results("split_amounts", part(10, till: 2), after: two) == nil, "another terminal")
        #expect(results("split_amounts", part(60), after: two) == nil, "the first is an hour old")
        #expect(results("split_amounts", part(10, 900), after: [part(0, 400), part(5, 350)]) == nil, "three coffees")
        #expect(results("split_amounts", part(10, 5_000), after: two) == nil, "the limit itself asks for the PIN")
        #expect(results("split_amounts", part(10, 4_500, .chip), after: two) == nil)
        #expect(results("split_amounts", covered(part(10)), after: two) == .suppressed)
    }

    // MARK: refund_abuse

    private func sale(_ number: Int, _ kind: FactKind) -> TransactionFacts {
        purchase(at: morning + .minutes(Int64(number))) {
            ($0.card, $0.kind) = (CardKey(high: 3, low: UInt64(number)), kind)
        }
    }

    @Test func refundsThatAreManyAndMuchOfATerminalsTradeOpenACase() {
        func outcome(refunds: Int, purchases: Int) -> Evaluation {
            var triggers = Triggers(rules)
            for number in 0..<purchases {
                triggers.apply(WindowEvent(facts: sale(number, .purchase), outcome: .approved))
            }
            for number in 0..<refunds - 1 {
                triggers.apply(WindowEvent(facts: sale(100 + number, .refund), outcome: .approved))
            }
            return triggers.evaluate(sale(150, .refund))
        }
        let abuse = outcome(refunds: 4, purchases: 10)
        #expect(self.outcome("refund_abuse", abuse) == .hit)
        #expect(abuse.action == .approve && abuse.openCase == .high)
        #expect(self.outcome("refund_abuse", outcome(refunds: 3, purchases: 5)) == nil)
        #expect(self.outcome("refund_abuse", outcome(refunds: 8, purchases: 80)) == nil, "after Christmas")
    }

    // MARK: terminal_warned

    @Test func aLargeAmountAtATerminalInDoubtNeedsAProof() {
        func facts(_ units: Int64, _ warnings: UInt64, _ kind: FactKind = .purchase) -> TransactionFacts {
            purchase { ($0.amount, $0.warnings, $0.kind) = (euros(units), warnings, kind) }
        }
        #expect(results("terminal_warned", facts(50_000, 1 << 40)) == .hit)
        #expect(results("terminal_warned", facts(49_999, 1)) == nil)
        #expect(results("terminal_warned", facts(50_000, 0)) == nil)
        #expect(results("terminal_warned", facts(50_000, 1, .refund)) == nil)
        #expect(results("terminal_warned", covered(facts(50_000, 1))) == .suppressed)
    }

    // MARK: window_overflow

    @Test func aCardWithMoreThanAWindowHoldsOpensACase() {
        func evaluation(_ events: Int) -> Evaluation {
            var triggers = Triggers(rules)
            for number in 0..<events {
                triggers.apply(WindowEvent(facts: purchase(at: morning + .seconds(Int64(number))), outcome: .approved))
            }
            return triggers.evaluate(purchase(at: morning + .minutes(10)))
        }
        let overflow = evaluation(257)
        #expect(outcome("window_overflow", overflow) == .hit)
        #expect(overflow.action == .approve && overflow.openCase == .medium)
        #expect(outcome("window_overflow", evaluation(256)) == nil)
    }
}
