// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import SecurityTriggers

@Suite struct WindowTests {
    private static let counting = "velocity n = count(attempts) by card over 10m"

    @Test func aWindowIsOpenAtItsStartAndClosedAtItsEnd() throws {
        var triggers = Triggers(try ruleSet(Self.counting))
        triggers.apply(WindowEvent(facts: purchase(), outcome: .approved))
        for (offset, count) in [(Int64(0), Int64(2)), (599_999, 2), (600_000, 1), (600_001, 1), (-1, 1)] {
            let facts = purchase(at: morning + .milliseconds(offset))
            #expect(triggers.figure("n", facts) == FigureValue(count), "\(offset) ms")
        }
    }

    @Test func threeWrongPINsAreSeenInEveryPhase() throws {
        let rules = try RuleSet(parsing: try ShippedRules.text())
        // Six minutes from first to last, started at every ten seconds of an hour.
        for phase in stride(from: Int64(0), to: 3_600, by: 10) {
            var triggers = Triggers(rules)
            var last = Evaluation()
            for wrong in Int64(0)..<3 {
                last = triggers.pass(purchase(at: morning + .seconds(phase + wrong * 180)) { $0.pin = .wrong })
            }
            #expect(last.action == .decline, "phase \(phase)")
        }
    }

    @Test func aReversalForgetsTheApprovalAndKeepsTheAttempt() throws {
        var triggers = Triggers(
            try ruleSet(
                """
                velocity ok = count(approved) by card over 1h before
                velocity all = count(attempts) by card over 1h before
                """))
        let facts = purchase()
        triggers.apply(WindowEvent(facts: facts, outcome: .approved))
        #expect(triggers.markReversed(card: card, at: facts.at, terminal: terminal(2), amount: facts.amount) == false)
        #expect(triggers.markReversed(card: card, at: facts.at, terminal: terminal(1), amount: euros(999)) == false)
        #expect(
            triggers.markReversed(card: card, at: facts.at + .seconds(1), terminal: terminal(1), amount: facts.amount)
                == false)
        #expect(
            triggers.markReversed(
                card: CardKey(high: 0, low: 0), at: facts.at, terminal: terminal(1), amount: facts.amount) == false)
        #expect(triggers.figure("ok", facts) == FigureValue(1))
        #expect(triggers.markReversed(card: card, at: facts.at, terminal: terminal(1), amount: facts.amount) == true)
        #expect(triggers.figure("ok", facts) == FigureValue(0))
        #expect(triggers.figure("all", facts) == FigureValue(1))
        #expect(triggers.markReversed(card: card, at: facts.at, terminal: terminal(1), amount: facts.amount) == false)
        let isBack = triggers.markReversed(
            card: card, at: facts.at, terminal: terminal(1), amount: facts.amount, isReversed: false)
        #expect(isBack, "a void that is itself reversed leaves the sale as it was")
        #expect(triggers.figure("ok", facts) == FigureValue(1))
    }

    @Test func takingBackWrongPINsTouchesNothingElse() throws {
        var triggers = Triggers(
            try ruleSet(
                """
                velocity wrong_pins = count(attempts where pin == wrong) by card over 1h before
                velocity all = count(attempts) by card over 1h before
                """))
        for _ in 0..<3 { triggers.apply(WindowEvent(facts: purchase { $0.pin = .wrong }, outcome: .declined)) }
        #expect(triggers.figure("wrong_pins", purchase()) == FigureValue(3))
        triggers.resetWrongPINs(card: card)
        #expect(triggers.figure("wrong_pins", purchase()) == FigureValue(0))
        #expect(triggers.figure("all", purchase()) == FigureValue(3))
    }

    @Test func aLateAdviceEntersAtItsOwnTime() throws {
        var triggers = Triggers(try ruleSet(Self.counting))
        triggers.apply(WindowEvent(facts: purchase(at: morning + .hours(1)), outcome: .approved))
        triggers.apply(WindowEvent(facts: purchase(), outcome: .approved))
        #expect(triggers.figure("n", purchase(at: morning + .minutes(5))) == FigureValue(2))
        #expect(triggers.figure("n", purchase(at: morning + .hours(1))) == FigureValue(2))
        #expect(triggers.figure("n", purchase()) == FigureValue(2), "both fall on the same millisecond")
        #expect(triggers.checkInvariants() == [])
    }

    @Test(arguments: [255, 256, 257, 600]) func overflowIsSeenNeverSilent(_ events: Int) throws {
        let rules = try ruleSet(
            """
            velocity day = count(attempts) by card over 24h
            velocity minute = count(attempts) by card over 1m
            rule day_count { when day >= 256 then decline say en "{day} in a day" }
            rule few { when day < 1000 then refer }
            rule overflowing { when overflow then approve, case low }
            """)
        var triggers = Triggers(rules)
        for second in 0..<events {
            triggers.apply(WindowEvent(facts: purchase(at: morning + .seconds(Int64(second))), outcome: .approved))
        }
        let facts = purchase(at: morning + .seconds(Int64(events)))
        let evaluation = triggers.evaluate(facts)
        let overflows = events > 256
        #expect(triggers.figure("minute", facts) == FigureValue(60), "short windows stay exact")
        #expect(
            triggers.figure("day", facts)
                == FigureValue(low: Int64(min(events, 256) + 1), high: overflows ? .max : Int64(events + 1)))
        #expect(evaluation.action == .decline, "the lower bound decides")
        #expect((evaluation.openCase == .low) == overflows)
        #expect(evaluation.results.contains { $0.outcome == .unknown } == overflows, "`few` cannot be decided")
        let text = Explanation.sentence(evaluation, rules: rules, language: .en, audience: .analyst)
        #expect(text.contains("at least 257 in a day") == overflows)
        #expect(triggers.checkInvariants() == [])
        let later = purchase(at: morning + .hours(50))
        #expect(triggers.figure("day", later) == FigureValue(1), "48 hours later all is exact again")
    }

    @Test func aForeignAmountMakesASumALowerBound() throws {
        let rules = try rule(when: "total >= 20.00 EUR", "velocity total = sum(amount) by card over 1h")
        var triggers = Triggers(rules)
        triggers.apply(WindowEvent(facts: purchase { $0.amount = Money(minorUnits: 5, .usd) }, outcome: .approved))
        #expect(triggers.evaluate(purchase()).results.map(\.outcome) == [.unknown], "10.00 EUR and 0.05 USD")
        triggers.apply(WindowEvent(facts: purchase(), outcome: .approved))
        #expect(triggers.evaluate(purchase()).action == .decline, "20.00 EUR whatever the dollars are worth")
    }

    @Test func anAmountBeyondTheWindowsRangeIsALowerBound() throws {
        var triggers = Triggers(try ruleSet("velocity total = sum(amount) by card over 1h before"))
        triggers.apply(WindowEvent(facts: purchase { $0.amount = euros(1 << 40) }, outcome: .approved))
        #expect(triggers.figure("total", purchase()) == FigureValue(low: 0xFFFF_FFFF, high: .max, currency: 978))
    }

    @Test func anEmptyWindowHasNoExtremeAndNoMeanAndASumOfNothing() throws {
        let triggers = Triggers(
            try ruleSet(
                """
                velocity a = min(amount) by card over 1h before
                velocity b = max(amount) by card over 1h before
                velocity c = mean(amount) by card over 1h before
                velocity d = sum(amount) by card over 1h before
                """))
        for name in ["a", "b", "c"] { #expect(triggers.figure(name, purchase()).isUnknown) }
        #expect(triggers.figure("d", purchase()) == FigureValue(0))
    }

    /// A million in 1,000 seconds; late ones and repeated ones among them.
    @Test func aMillionEventsOnOneCardStayInBoundedMemoryAndAreToldAsLowerBounds() throws {
        var triggers = Triggers(try ruleSet(Self.counting))
        for step in 0..<1_000_000 {
            let late = step % 97 == 0 ? Int64(5_000) : 0
            let time = morning + .milliseconds(Int64(step - step % 2) - late)
            triggers.apply(WindowEvent(facts: purchase(at: time), outcome: .approved))
        }
        #expect(triggers.residentBytes < 300_000)
        #expect(triggers.cardCount == 1)
        #expect(triggers.checkInvariants() == [])
        let now = purchase(at: morning + .seconds(1_000))
        #expect(triggers.figure("n", now) == FigureValue(low: 257, high: .max), "what it holds, and no more is known")
        #expect(triggers.scan(now, triggers.rules.program) { $0.overflow })
        let later = purchase(at: morning + .hours(49))
        #expect(
            triggers.figure("n", later) == FigureValue(1)
                && !triggers.scan(later, triggers.rules.program) { $0.overflow })
        #expect(triggers.snapshotBytes.count < 8_000)
    }

    @Test func cardsDoNotSeeEachOther() throws {
        var triggers = Triggers(try ruleSet(Self.counting))
        for number in UInt64(0)..<1_500 {
            for _ in 0..<(number % 23) {
                triggers.apply(
                    WindowEvent(facts: purchase { $0.card = CardKey(high: 7, low: number) }, outcome: .approved))
            }
        }
        for number in UInt64(0)..<1_500 {
            let facts = purchase { $0.card = CardKey(high: 7, low: number) }
            #expect(triggers.figure("n", facts) == FigureValue(Int64(number % 23 + 1)))
        }
        #expect(triggers.checkInvariants() == [])
    }
}
