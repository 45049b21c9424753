// SPDX-License-Identifier: Apache-2.0
import RiskModels
import Testing
import Vocabulary

@testable import SecurityTriggers

@Suite struct BadInputTests {
    private static let risky = """
        feature one = amount / 4.00 EUR
        feature two = FEATURE
        score risk = model "m" (one, two)
        rule high { when risk >= 0.5 then decline }
        rule low { when risk < 0.5 then decline }
        """

    private func outcomes(_ feature: String) throws -> [RuleResult.Outcome] {
        var rules = try ruleSet(Self.risky.replacing("FEATURE", with: feature))
        let terms = (0...1).map { Scorecard.Term(feature: $0, transform: .identity, mean: 0, scale: 1, weight: 1) }
        let card = try Scorecard(name: "m", featureNames: ["one", "two"], bias: 0, terms: terms)
        try rules.bind([(name: "m", model: RiskModel(card))])
        return Triggers(rules).evaluate(purchase()).results.map(\.outcome)
    }

    @Test(
        "a feature that is infinite or not a number is missing to the model: the score is one, or unknown, and never both",
        arguments: ["1.0 / 0.0", "-1.0 / 0.0", "0.0 / 0.0", "1e308 * 1e308", "1e308 * 1e308 - 1e308 * 1e308"])
    func infinite(feature: String) throws {
        let outcomes = try outcomes(feature)
        #expect(outcomes.count(where: { $0 == .hit }) == 1 || outcomes == [.unknown, .unknown], "\(outcomes)")
        #expect(outcomes == (try self.outcomes("hour / (hour - hour)")), "as one that is unknown")
    }

    @Test("a terminal with more cards than its counts hold has lower bounds, in bounded memory")
    func manyCards() throws {
        let rules = try ruleSet(
            """
            velocity seen = count(attempts) by terminal over 3h
            velocity cards = distinct(card) by terminal over 3h
            velocity spent = sum(amount where approved) by terminal over 3h
            """)
        var triggers = Triggers(rules)
        for number in UInt64(0)..<66_000 {
            let facts = purchase(at: morning + .milliseconds(Int64(number) * 10)) {
                ($0.card, $0.amount) = (CardKey(high: 7, low: number), euros(100_000))
            }
            triggers.apply(WindowEvent(facts: facts, outcome: .approved))
        }
        let facts = purchase(at: morning + .minutes(12))
        let (seen, cards) = (triggers.figure("seen", facts), triggers.figure("cards", facts))
        #expect(seen.low <= 66_001 && seen.low >= 65_535 && seen.high >= 66_001, "\(seen)")
        #expect(cards.low <= 66_001 && cards.low >= 200 && cards.high >= 66_001, "\(cards)")
        let spent = triggers.figure("spent", facts)
        #expect(spent.low <= 66_000 * 100_000 + 1_000 && spent.high >= 66_000 * 100_000 + 1_000, "\(spent)")
        #expect(triggers.residentBytes < 66_000 * 700)
    }

    @Test("a line with an absurd time or no amount is judged or refused by name, and nothing after it is lost")
    func lines() throws {
        var evaluator = LineEvaluator(
            rules: try ruleSet(
                """
                velocity n = count(attempts) by card over 1h
                rule many { when n >= 3 then decline }
                """))
        func line(_ at: String, _ amount: String) throws(TransactionLineError) -> TransactionLine {
            try TransactionLine(
                parsing: Array(
                    #"{"card":"A","at":"\#(at)","amount":"\#(amount)","currency":"EUR","terminal":"T1"}"#.utf8))
        }
        var decisions: [String?] = []
        for (at, amount) in [
            ("2026-08-14T09:30:00Z", "1.00"), ("0001-01-01T00:00:00Z", "1.00"), ("9999-12-31T23:59:59Z", "1.00"),
            ("1969-12-31T23:59:59Z", "1.00"), ("2026-08-14T09:31:00Z", "0.00"), ("2026-08-14T09:32:00Z", "1.00"),
        ] {
            do throws(TransactionLineError) {
                decisions.append(evaluator.evaluate(try line(at, amount))["decision"]?.string)
            } catch {
                #expect(error.member == "at", "\(at): \(error)")
            }
        }
        #expect(decisions.last == "decline", "the three of the same hour are there")
        for amount in ["-1.00", "-0.01", "", "1e3", "nan", "inf", "99999999999999999999.00"] {
            do throws(TransactionLineError) {
                _ = try line("2026-08-14T09:33:00Z", amount)
                Issue.record("\(amount) was read")
            } catch { #expect(error.member == "amount", "\(amount)") }
        }
    }

    @Test(
        "the same events in whatever order give the same figures of their terminal and merchant",
        arguments: [5, 6] as [UInt64])
    func shuffled(seed: UInt64) throws {
        let velocities = """
            velocity seen = count(attempts) by terminal over 48h
            velocity ok = count(approved) by merchant over 7d
            velocity spent = sum(amount where approved) by terminal over 24h
            velocity cards = distinct(card) by merchant over 48h
            """
        let rules = try ruleSet(velocities)
        var random = SeededRandom(seed: seed)
        var events = (0..<200).map { index in
            WindowEvent(
                facts: purchase(at: morning + .minutes(Int64(index) * 14)) {
                    $0.card = CardKey(high: 3, low: UInt64(index % 11))
                    $0.terminal = terminal(index % 3)
                    $0.amount = euros(Int64(index) + 1)
                }, outcome: WindowOutcome.allCases[index % 3])
        }
        var ordered = Triggers(rules)
        for event in events { ordered.apply(event) }
        for index in events.indices.reversed() { events.swapAt(index, random.below(index + 1)) }
        var shuffled = Triggers(rules)
        for event in events { shuffled.apply(event) }
        let facts = purchase(at: morning + .minutes(2_800))
        for name in ["seen", "ok", "spent", "cards"] {
            #expect(ordered.figure(name, facts) == shuffled.figure(name, facts), "seed \(seed), \(name)")
        }
    }
}
