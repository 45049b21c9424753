// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import SecurityTriggers

@Suite("What is hardly meant so in a rule file")
struct LintTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var kind: RuleFinding.Kind
        /// Shows the finding, and nothing but that finding.
        var text: String
        /// Nearly the same, and without any.
        var nearMiss: String
        var testDescription: String { "\(kind.rawValue): \(text)" }
    }

    private static func condition(_ text: String) -> String { "rule r { when \(text) then decline }" }

    private static let count = "velocity n = count(attempts) by card over 1h\n"

    static let cases: [Case] = [
        Case(kind: .neverHolds, text: condition("hour > 5 and hour < 6"), nearMiss: condition("hour > 5 and hour < 7")),
        Case(
            kind: .neverHolds, text: condition("amount >= 5.00 EUR and not (mcc == 5 or amount > 4.99 EUR)"),
            nearMiss: condition("amount >= 5.00 EUR and not (mcc == 5 or amount > 5.00 EUR)")),
        Case(
            kind: .neverHolds, text: condition("pin == wrong and pin == right"),
            nearMiss: condition("pin == wrong or pin == right")),
        Case(
            kind: .neverHolds, text: condition("5 < hour and 5 >= hour"), nearMiss: condition("5 < hour and 6 >= hour")),
        Case(
            kind: .neverHolds, text: condition("has(mcc) and not has(mcc)"),
            nearMiss: condition("has(mcc) and not has(merchant)")),
        Case(kind: .neverHolds, text: condition("false"), nearMiss: condition("false or hour == 1")),
        Case(
            kind: .neverHolds,
            text: "velocity s = share(confirmed) by terminal over 7d\n" + condition("s > 0.5 and s <= 0.5"),
            nearMiss: "velocity s = share(confirmed) by terminal over 7d\n" + condition("s >= 0.5 and s <= 0.5")),
        Case(kind: .outOfRange, text: count + condition("n >= 300"), nearMiss: count + condition("n >= 257")),
        Case(
            kind: .outOfRange, text: "velocity d = distinct(terminal) by card over 1h before\n" + condition("d > 256"),
            nearMiss: "velocity d = distinct(terminal) by card over 1h before\n" + condition("d > 255")),
        Case(kind: .outOfRange, text: condition("hour == 24"), nearMiss: condition("hour == 23")),
        Case(kind: .outOfRange, text: condition("amount < 0.00 EUR"), nearMiss: condition("amount < 0.01 EUR")),
        Case(
            kind: .outOfRange, text: "velocity s = share(declined) by terminal over 7d\n" + condition("s > 1.0"),
            nearMiss: "velocity s = share(declined) by terminal over 7d\n" + condition("s > 0.99")),
        Case(
            kind: .outOfRange, text: "velocity f = first(confirmed) by terminal over 7d\n" + condition("f > 8d"),
            nearMiss: "velocity f = first(confirmed) by terminal over 7d\n" + condition("f > 6d")),
        Case(kind: .alwaysHolds, text: condition("hour >= 0"), nearMiss: condition("hour >= 1")),
        Case(
            kind: .unreachable,
            text: "rule a { when hour >= 3 then refer, case low }\nrule b { when hour >= 2 then decline, case high }",
            nearMiss:
                "rule a { when hour >= 2 then refer, case low }\nrule b { when hour >= 3 then decline, case high }"),
        Case(
            kind: .unreachable,
            text:
                "rule a { when hour == 3 and mcc == 7 then refer }\nrule b { when mcc == 7 or hour > 9 then decline }",
            nearMiss:
                "rule a { when hour == 3 and mcc == 7 then refer, notify issuer }\nrule b { when mcc == 7 or hour > 9 then decline }"
        ),
        Case(
            kind: .unreachable,
            text: "rule a { when hour >= 3 then refer }\nrule b { when hour >= 2 then decline }",
            nearMiss:
                "rule a { when hour >= 3 then refer }\nrule b { when hour >= 2 unless notice covers tx then decline }"),
        Case(
            kind: .unreachable,
            text: "rule a { when hour >= 3 then refer }\nrule b { when hour >= 2 then decline }",
            nearMiss: "rule a { when hour >= 3 then refer }\nrule b shadow { when hour >= 2 then decline }"),
        Case(
            kind: .sameCondition,
            text: "rule a { when hour > 2 then refer }\nrule b { when not hour <= 2 then refer, case low }",
            nearMiss: "rule a { when hour > 2 then refer }\nrule b { when not hour <= 3 then refer, case low }"),
        Case(
            kind: .repeatedPart, text: condition("hour > 2 and mcc == 7 and hour > 2"),
            nearMiss: condition("hour > 2 and mcc == 7 and hour < 9")),
        Case(
            kind: .unusedList, text: "list l = mcc 1\n" + condition("hour > 2"),
            nearMiss: "list l = mcc 1\n" + condition("mcc in l")),
        Case(
            kind: .unusedVelocity, text: count + condition("hour > 2"),
            nearMiss: count + "rule r { when hour > 2 then decline say en \"{n}\" say zh \"{n}\" }"),
        Case(
            kind: .unusedFeature, text: "feature f = hour\n" + condition("hour > 2"),
            nearMiss: "feature f = hour\nscore s = model \"m\" (f)\n" + condition("s > 0.9")),
        Case(
            kind: .unusedScore, text: "feature f = hour\nscore s = model \"m\" (f)\n" + condition("f > 2.0"),
            nearMiss: "feature f = hour\nscore s = model \"m\" (f)\n" + condition("f > 2.0 and s > 0.9")),
        Case(
            kind: .foreignCurrency, text: condition("amount > 5.00 EUR or amount > 6.00 USD"),
            nearMiss: "rate USD = 0.92 EUR\n" + condition("amount > 5.00 EUR or amount > 6.00 USD")),
        Case(
            kind: .hidesFact, text: "velocity weekday = count(attempts) by card over 1h\n" + condition("weekday > 2"),
            nearMiss: "velocity weekdays = count(attempts) by card over 1h\n" + condition("weekdays > 2")),
        Case(
            kind: .celWord, text: "rule import { when hour > 2 then decline }",
            nearMiss: "rule imports { when hour > 2 then decline }"),
        Case(
            kind: .missingText, text: "rule r { when hour > 2 then decline say cardholder en \"No.\" }",
            nearMiss: "rule r { when hour > 2 then decline say cardholder en \"No.\" say cardholder zh \"不。\" }"),
    ]

    @Test("each finding is found, and nothing is where it only nearly is", arguments: cases)
    func found(_ wanted: Case) {
        let findings = RuleSet.findings(in: "tillguard-rules 1\n" + wanted.text)
        #expect(findings.map(\.kind) == [wanted.kind], "\(findings)")
        let none = RuleSet.findings(in: "tillguard-rules 1\n" + wanted.nearMiss)
        #expect(none == [], "\(none)")
    }

    @Test("every kind of finding has a case")
    func complete() {
        for kind in RuleFinding.Kind.allCases { #expect(Self.cases.contains { $0.kind == kind }, "\(kind)") }
    }

    @Test("a finding names its place and reads as one line")
    func line() {
        let findings = RuleSet.findings(
            in: "tillguard-rules 1\n" + Self.count + "rule r { when n >= 300 then decline }")
        #expect(
            findings.map(\.description) == [
                "3:17: outOfRange: the condition of r never holds; n is from 0 to 257"
            ])
    }

    @Test("the shipped rules have no finding, and a file with a mistake has none either")
    func shipped() throws {
        #expect(RuleSet.findings(in: try ShippedRules.text()) == [])
        #expect(RuleSet.findings(in: "tillguard-rules 1\nrule r { when false then declin }") == [])
    }

    @Test("a condition of too many alternatives has no finding, never a wrong one")
    func large() {
        let many = (0..<8).map { "(hour == \($0) or mcc == \($0))" }.joined(separator: " and ")
        #expect(RuleSet.findings(in: "tillguard-rules 1\n" + Self.condition(many)) == [])
    }

    /// A brute force over all hours and two categories says which conditions can hold.
    @Test("what is said never to hold, or always, is so for every transaction", arguments: 0..<4)
    func sound(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var (never, always) = (0, 0)
        for _ in 0..<60 {
            let text = Self.condition(Self.random(&random, depth: 3))
            let rules = try ruleSet(text)
            let triggers = Triggers(rules)
            let hits = (0..<24).flatMap { hour in
                [UInt16(7), 8].map { code in
                    let facts = purchase(at: morning + .hours(Int64(hour))) { $0.mcc = MCC(code) }
                    return triggers.evaluate(facts).action == .decline
                }
            }
            for finding in RuleSet.findings(in: "tillguard-rules 1\n" + text) {
                if finding.kind == .neverHolds || finding.kind == .outOfRange {
                    #expect(!hits.contains(true), "seed \(seed): \(text)")
                    never += 1
                }
                if finding.kind == .alwaysHolds {
                    #expect(!hits.contains(false), "seed \(seed): \(text)")
                    always += 1
                }
            }
        }
        #expect(never > 0 && always > 0, "seed \(seed)")
    }

    private static func random(_ random: inout SeededRandom, depth: Int) -> String {
        guard depth > 0, random.below(4) > 0 else {
            let sign = ["==", "!=", "<", "<=", ">", ">="][random.below(6)]
            return random.below(3) == 0
                ? "mcc \(["==", "!="][random.below(2)]) \(7 + random.below(2))"
                : "hour \(sign) \(random.below(27) - 1)"
        }
        let (left, right) = (Self.random(&random, depth: depth - 1), Self.random(&random, depth: depth - 1))
        return ["(\(left) and \(right))", "(\(left) or \(right))", "not (\(left))"][random.below(3)]
    }
}
