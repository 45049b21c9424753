// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import SecurityTriggers

@Suite("Velocities of cards, terminals and merchants, as they are declared")
struct RuleVelocityTests {
    private func program(_ declaration: String) throws -> VelocityProgram {
        try #require(try ruleSet("velocity v = " + declaration).program.velocities.first)
    }

    @Test(
        "up to 48 hours of a card are single events; all else is what tiles count",
        arguments: [
            ("count(attempts) by card over 48h", nil),
            ("count(attempts where pin == wrong) by card over 24h delayed 24h", nil),
            ("count(attempts) by card over 48h delayed 1s", .attempts),
            ("count(approved) by card over 7d", .approved),
            ("count(attempts where approved) by card over 7d", .approved),
            ("count(declined) by card over 31d", .declined),
            ("count(attempts where unusual) by card over 14d", .unusual),
            ("sum(amount where approved) by card over 30d", .approvedAmount),
            ("mean(amount) by card over 7d where approved", .approvedAmount),
            ("count(attempts) by terminal over 1m", .attempts), ("count(confirmed) by terminal over 28d", .confirmed),
            ("count(confirmed where plain) by terminal over 7d", .plain),
            ("count(refunds) by merchant over 24h", .refunds),
            ("count(attempts where kind == refund) by merchant over 24h", .refunds),
            ("sum(amount where kind == refund) by merchant over 24h", .refundAmount),
            ("distinct(card) by terminal over 1h", .cards), ("share(refunds) by terminal over 24h", .refunds),
            ("share(confirmed) by terminal over 28d delayed 7d", .confirmed),
            ("first(confirmed where plain) by terminal over 28d", .plain),
            ("last(confirmed) by terminal over 28d", .confirmed),
        ] as [(String, TileColumn?)])
    func columns(_ declaration: String, _ column: TileColumn?) throws {
        #expect(try program(declaration).column == column)
    }

    @Test("a window is read with its key, its delay and what is told apart in it")
    func fields() throws {
        let delayed = try program("share(confirmed) by merchant over 7d delayed 3d before")
        #expect(delayed.key == .merchant && delayed.function == .share)
        #expect([delayed.window, delayed.delay] == [7 * 86_400_000, 3 * 86_400_000])
        #expect(delayed.excludesCurrent && !delayed.resets)
        #expect(try program("distinct(card) by terminal over 1h").distinct == .card)
        #expect(try program("distinct(mcc) by card over 1h").distinct == .mcc)
    }

    @Test("counts are whole, shares have decimals, and the age of a fraud is a duration")
    func types() throws {
        let declarations = """
            velocity n = count(confirmed) by terminal over 7d
            velocity s = share(confirmed) by terminal over 7d
            velocity f = first(confirmed) by terminal over 7d
            velocity a = mean(amount where approved) by card over 7d

            """
        for (condition, type) in [
            ("n >= 1.00 EUR", "a whole number"), ("s == 1.00 EUR", "a number with decimals, such as 0.5"),
            ("f < 1.00 EUR", "a duration, such as duration(\"15m\")"),
        ] {
            let error = RuleErrorTests.error(
                in: "tillguard-rules 1\n" + declarations + "rule r { when \(condition) then decline }")
            #expect(error?.code == .type && error?.expected == type)
        }
        _ = try rule(when: "n >= 2 and a * 2 > 1.00 EUR and has(s) and has(f)", declarations)
    }

    @Test("the words of velocities that came later are names to a file that declares them")
    func contextual() throws {
        let names = ["delayed", "share", "first", "last", "confirmed", "plain", "unusual", "same", "refunds"]
        let declarations = names.map { "velocity \($0) = count(attempts) by card over 1h\n" }.joined()
        for name in names {
            #expect(outcome(try rule(when: "\(name) == 1", declarations)) == .hit, "\(name)")
        }
    }

    @Test(
        "amounts are of what is spent: refunds and what moves no money are left out, unless a test asks for kinds",
        arguments: [
            ("sum(amount) by card over 1h", 6_000), ("sum(amount where approved) by card over 1h", 6_000),
            ("sum(amount where approved) by terminal over 24h", 6_000), ("max(amount) by card over 1h", 3_000),
            ("min(amount) by card over 1h", 1_000), ("mean(amount) by card over 1h", 2_000),
            ("sum(amount where kind == refund) by card over 1h", 9_000),
            ("sum(amount where not (kind == purchase)) by card over 1h", 12_000),
            ("count(attempts) by card over 1h", 5), ("count(attempts where kind != refund) by card over 1h", 4),
        ])
    func spent(velocity: String, wanted: Int64) throws {
        var triggers = Triggers(try ruleSet("velocity v = \(velocity)\nrule r { when hour > 24 then decline }"))
        for (minute, kind, amount) in [(0, .refund, 9_000), (1, .other, 0), (2, .purchase, 2_000), (3, .cash, 3_000)]
            as [(Int64, FactKind, Int64)]
        {
            let facts = purchase(at: morning + .minutes(minute)) { ($0.kind, $0.amount) = (kind, euros(amount)) }
            triggers.apply(WindowEvent(facts: facts, outcome: .approved))
        }
        let figure = triggers.figure("v", purchase(at: morning + .minutes(4)))
        #expect(figure.low == wanted && figure.isExact)
    }
}
