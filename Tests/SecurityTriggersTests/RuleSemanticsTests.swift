// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import SecurityTriggers

@Suite struct RuleSemanticsTests {
    private static let rules = [
        "rule a { when hour >= 0 then approve, notify issuer }",
        "rule b { when hour >= 0 then require id_document or password }",
        "rule c { when hour >= 0 then refer hold 15m, case low, ask cardholder }",
        "rule d { when hour >= 0 then decline, freeze card 1h, case high }",
        "rule e { when hour >= 0 then retain as stolenCard, freeze card 2h }",
        "rule f shadow { when hour >= 0 then retain, freeze card 9h }",
        "rule g { when mcc == 1 unless notice covers tx then retain }",
        "rule h { when hour >= 0 unless notice covers tx then decline }",
    ]

    @Test func theStrongestActionWinsAndTheRestAddsUp() throws {
        let rules = try ruleSet(Self.rules.joined(separator: "\n"))
        let evaluation = Triggers(rules).evaluate(purchase())
        #expect(evaluation.action == .retain)
        #expect(evaluation.winner.flatMap { rules.id(of: $0) } == "e")
        #expect(evaluation.winner.flatMap { rules.intent(of: $0) } == "stolenCard")
        #expect(evaluation.openCase == .high)
        #expect(evaluation.freeze == .hours(2))
        #expect(evaluation.notifyIssuer && evaluation.askCardholder)
        #expect(evaluation.hold == nil && evaluation.proofs == [], "they belong to weaker actions")
        #expect(evaluation.results.map(\.rule).compactMap { rules.id(of: $0) } == ["a", "b", "c", "d", "e", "f", "h"])
    }

    @Test func ofRulesWithTheSameActionTheFirstByIDStandsForIt() throws {
        let rules = try ruleSet(
            """
            rule c { when hour >= 0 then decline as suspectedFraud }
            rule b { when hour >= 0 then decline as exceedsLimit }
            rule a { when hour >= 0 then refer }
            """)
        #expect(Triggers(rules).evaluate(purchase()).winner.flatMap { rules.id(of: $0) } == "b")
    }

    @Test(arguments: 1...5) func eachActionBeatsTheWeakerOnes(_ count: Int) throws {
        let rules = try ruleSet(Self.rules.prefix(count).joined(separator: "\n"))
        let evaluation = Triggers(rules).evaluate(purchase())
        #expect(evaluation.action == TriggerAction(rawValue: UInt8(count - 1)))
        #expect(evaluation.hold == (count == 3 ? .minutes(15) : nil))
        #expect(evaluation.proofs == (count == 2 ? [.idDocument, .password] : []))
    }

    @Test(arguments: UInt64(1)...20) func theOrderInTheFileMeansNothing(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var shuffled = Self.rules
        for index in shuffled.indices.dropLast() {
            shuffled.swapAt(index, index + random.below(shuffled.count - index))
        }
        let first = try ruleSet(Self.rules.joined(separator: "\n"))
        let second = try ruleSet(shuffled.joined(separator: "\n"))
        for notice in [false, true] {
            let facts = purchase { $0.noticeCovers = notice }
            let (left, right) = (Triggers(first).evaluate(facts), Triggers(second).evaluate(facts))
            #expect(left == right)
            #expect(
                Explanation.json(left, rules: first, facts: facts).text
                    == Explanation.json(right, rules: second, facts: facts).text)
        }
    }

    @Test func aNoticeLiftsOnlyTheRulesThatSaySo() throws {
        let rules = try ruleSet(
            """
            rule lifted { when hour >= 0 unless notice covers tx then retain }
            rule kept { when hour >= 0 then refer }
            rule hot_list { when card.status == stolen then decline }
            """)
        let covered = Triggers(rules).evaluate(purchase { $0.noticeCovers = true })
        #expect(covered.action == .refer)
        #expect(covered.results.map(\.outcome) == [.hit, .suppressed])
        let stolen = purchase {
            $0.noticeCovers = true
            $0.hotList = .stolen
        }
        #expect(Triggers(rules).evaluate(stolen).action == .decline)
        #expect(Triggers(rules).evaluate(purchase()).action == .retain)
    }

    @Test func aShadowRuleIsReportedAndChangesNothing() throws {
        let rules = try ruleSet("rule s shadow { when hour >= 0 then retain, case high, freeze card 1h }")
        let evaluation = Triggers(rules).evaluate(purchase())
        var silent = Evaluation()
        silent.results = evaluation.results
        #expect(evaluation.withoutEngine == silent)
        #expect(evaluation.results.first?.isShadow == true)
        #expect(rules.isShadow(0))
    }

    @Test func twoStepUpsAcceptOnlyTheProofBothAccept() throws {
        let rules = try ruleSet(
            """
            rule a { when hour >= 0 then require id_document or password }
            rule b { when hour >= 0 then require password }
            """)
        #expect(Triggers(rules).evaluate(purchase()).proofs == [.password])
    }

    @Test func evaluatingChangesNothing() throws {
        let rules = try rule(when: "n >= 2", "velocity n = count(attempts) by card over 1h")
        var triggers = Triggers(rules)
        triggers.apply(WindowEvent(facts: purchase(), outcome: .approved))
        let before = triggers.snapshotBytes
        let first = triggers.evaluate(purchase())
        #expect(first == triggers.evaluate(purchase()))
        #expect(triggers.snapshotBytes == before)
    }

    @Test func newRulesFindTheOldWindows() throws {
        var triggers = Triggers(try rule(when: "hour > 99"))
        for minute in 0..<4 {
            triggers.apply(WindowEvent(facts: purchase(at: morning + .minutes(Int64(minute))), outcome: .approved))
        }
        let before = triggers.snapshotBytes
        triggers.replaceRules(try rule(when: "n >= 5", "velocity n = count(attempts) by card over 1h"))
        #expect(triggers.snapshotBytes == before)
        #expect(triggers.evaluate(purchase(at: morning + .minutes(5))).action == .decline)
    }

    @Test func theRuleSetKeepsItsTextNameAndIDs() throws {
        let text =
            "tillguard-rules 1\r\nruleset cards version 37 // CEL's comment\r\nrule z { when true then approve }\nrule a { when true then approve }"
        let rules = try RuleSet(parsing: text)
        #expect(rules.source == text)
        #expect(rules.name == "cards" && rules.version == 37)
        #expect(rules.ruleIDs == ["a", "z"])
        #expect(rules.index(of: "z") == 1 && rules.index(of: "y") == nil)
        #expect(rules.action(of: 0) == .approve && rules.action(of: 2) == nil)
    }
}
