// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import SecurityTriggers

@Suite struct ProfileFactTests {
    /// What a condition comes to: hit, unknown, or nil for neither.
    private func outcome(
        _ condition: String, _ triggers: Triggers, _ change: (inout TransactionFacts) -> Void = { _ in }
    ) throws -> RuleResult.Outcome? {
        var triggers = triggers
        triggers.replaceRules(try rule(when: condition))
        return triggers.evaluate(purchase(at: morning + .days(3), change)).results.first?.outcome
    }

    /// Four purchases on three days; the last is of 10.01 EUR.
    private func spent() throws -> Triggers {
        var triggers = Triggers(try ruleSet(""))
        for (day, amount) in [(0, 1_000), (1, 1_000), (1, 1_000), (2, 1_001)] as [(Int64, Int64)] {
            let facts = purchase(at: morning + .days(day)) { $0.amount = euros(amount) }
            triggers.apply(WindowEvent(facts: facts, outcome: .approved))
        }
        return triggers
    }

    @Test("a rule may ask what the card used to spend, before the transaction in hand")
    func profile() throws {
        let triggers = try spent()
        for condition in [
            "profile.usual == 4", "profile.mean == 10.00 EUR", "profile.max == 10.01 EUR", "profile.frauds == 0",
            "not profile.unusual", "amount < profile.max", "profile.ratio > 0.9 and profile.ratio < 1.0",
        ] {
            #expect(try outcome(condition, triggers) == .hit, "\(condition)")
        }
        for condition in ["profile.unusual", "profile.ratio > 2.5", "amount > profile.mean"] {
            #expect(try outcome(condition, triggers) { $0.amount = euros(5_000) } == .hit, "\(condition)")
        }
    }

    @Test("of a card never seen, and in another currency, it is unknown what cannot be said")
    func unknown() throws {
        let triggers = Triggers(try ruleSet(""))
        for condition in ["profile.mean > 0.00 EUR", "profile.max > 0.00 EUR", "profile.ratio > 0.0"] {
            #expect(try outcome(condition, triggers) == .unknown, "\(condition)")
        }
        #expect(try outcome("profile.usual == 0 and profile.frauds == 0", triggers) == .hit)
        let spent = try spent()
        #expect(try outcome("profile.ratio > 0.0", spent) { $0.amount = Money(minorUnits: 1, .usd) } == .unknown)
        #expect(try outcome("amount > profile.mean", spent) { $0.amount = Money(minorUnits: 1, .usd) } == .unknown)
    }

    @Test("a fraud that became known is the card's, until it is withdrawn")
    func frauds() throws {
        var triggers = try spent()
        let label = TransactionLabel(
            card: card, terminal: terminal(1), at: morning, known: morning + .days(2), verdict: .fraud, isPlain: true)
        triggers.label(label)
        #expect(try outcome("profile.frauds == 1", triggers) == .hit)
        var withdrawn = label
        withdrawn.verdict = .withdrawn
        triggers.label(withdrawn)
        #expect(try outcome("profile.frauds == 0", triggers) == .hit)
    }

    @Test("more usual amounts than a day counts are a lower bound")
    func full() throws {
        var triggers = Triggers(try ruleSet(""))
        for second in 0..<Int64(300) {
            triggers.apply(WindowEvent(facts: purchase(at: morning + .seconds(second)), outcome: .approved))
        }
        #expect(try outcome("profile.usual >= 255", triggers) == .hit)
        #expect(try outcome("profile.usual >= 256", triggers) == .unknown)
    }

    @Test("the largest amount is kept to one in a thousand, and a rule is decided only beyond that")
    func rounded() throws {
        var triggers = Triggers(try ruleSet(""))
        triggers.apply(WindowEvent(facts: purchase { $0.amount = euros(1_234_567) }, outcome: .approved))
        #expect(try outcome("profile.max >= 12333.33 EUR", triggers) == .hit)
        #expect(try outcome("profile.max >= 12345.67 EUR", triggers) == .unknown)
        #expect(try outcome("profile.max < 12358.00 EUR", triggers) == .hit)
    }

    @Test("a transaction more than a day ahead of all others has a suspect clock")
    func clock() throws {
        let triggers = try spent()
        #expect(try outcome("clock.suspect", triggers) == nil)
        #expect(try outcome("clock.suspect", triggers) { $0.at = morning + .days(9) } == .hit)
    }

    @Test("an amount was plain if its card had spent as much before; the window tells it for as long as it has it")
    func plain() throws {
        var triggers = try spent()
        let far = TerminalID("T0000009") ?? terminal(9)
        for (minute, amount) in [(1, 5_000), (2, 900)] as [(Int64, Int64)] {
            let facts = purchase(at: morning + .days(2) + .minutes(minute)) {
                ($0.amount, $0.terminal) = (euros(amount), far)
            }
            triggers.apply(WindowEvent(facts: facts, outcome: .declined))
        }
        func isPlain(_ minute: Int64, _ amount: Int64, _ place: TerminalID) -> Bool? {
            triggers.isPlain(
                card: card, at: morning + .days(2) + .minutes(minute), terminal: place, amount: euros(amount))
        }
        #expect(isPlain(1, 5_000, far) == false && isPlain(2, 900, far) == true)
        #expect(isPlain(2, 901, far) == nil && isPlain(2, 900, terminal(1)) == nil && isPlain(3, 900, far) == nil)
        #expect(
            triggers.isPlain(card: CardKey(high: 9, low: 9), at: morning, terminal: far, amount: euros(1)) == nil)
    }
}
