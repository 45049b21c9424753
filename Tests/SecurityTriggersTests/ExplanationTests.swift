// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import SecurityTriggers

@Suite struct ExplanationTests {
    @Test("a figure over tiles says how fine and since when; what a context does not name is left out")
    func context() throws {
        let rules = try ruleSet(
            """
            velocity busy = count(attempts) by terminal over 24h
            rule much { when busy >= 1 unless notice covers tx then refer }
            rule odd { when busy >= 1 then decline }
            """)
        var triggers = Triggers(try ruleSet("velocity n = count(attempts) by card over 1h"))
        triggers.apply(WindowEvent(facts: purchase(), outcome: .approved))
        triggers.replaceRules(rules)
        var facts = purchase(at: morning + .minutes(1)) { $0.noticeCovers = true }
        let evaluation = triggers.evaluate(facts)
        let plain = Explanation.json(evaluation, rules: rules).text
        #expect(plain.contains(#""exact":false,"resolution":"hour"}"#))
        #expect(plain.contains(#""by":"notice"}"#))
        for name in ["code", "journal", "known_since", "merchant_ref"] {
            #expect(!plain.contains("\"\(name)\""))
        }
        let context = Explanation.Context(
            code: "05", journal: (12, 884_213), merchantReference: "R-4F7K",
            knownSince: triggers.countedSince)
        facts.notice = 77
        let full = Explanation.json(evaluation, rules: rules, facts: facts, context: context).text
        #expect(
            full.hasPrefix(
                #"{"decision":"decline","code":"05","engine":"\#(EngineVersion.current)","ruleset":"rules@0","journal":[12,884213],"#
            ))
        #expect(full.contains(#""resolution":"hour","known_since":"2026-08-14T09:30:00Z"}"#))
        #expect(full.contains(#"{"rule":"much","by":"notice:77"}"#))
        #expect(full.contains(#""merchant_ref":"R-4F7K"}"#))
    }

    @Test("an explanation that is completed later has the bytes of one that was made at once, however often")
    func completed() throws {
        let (evaluation, rules, facts) = try run()
        let early = Explanation.json(evaluation, rules: rules, facts: facts)
        let context = Explanation.Context(code: "05", journal: (1, 77), merchantReference: "R-4F7K")
        let whole = Explanation.json(evaluation, rules: rules, facts: facts, context: context).text
        let read = try JSON(parsing: Array(early.text.utf8))
        let later = Explanation.completed(read, by: context)
        #expect(later.text == whole)
        #expect(Explanation.completed(later, by: context).text == whole)
        #expect(Explanation.completed(early, by: Explanation.Context()).text == early.text)
        #expect(Explanation.completed("no explanation", by: context) == "no explanation")
        // What comes later counts.
        let other = Explanation.completed(later, by: Explanation.Context(code: "00", journal: (1, 78)))
        let changed = whole.replacing(#""code":"05""#, with: #""code":"00""#).replacing("[1,77]", with: "[1,78]")
        #expect(other.text == changed)
    }

    private static let rules = """
        ruleset cards version 37
        list restricted = mcc 5944
        velocity spread = distinct(terminal) by card over 1h
        rule shopping { when spread >= 2 and amount > 5.00 EUR or pin == locked then refer hold 15m as callIssuer, case high, ask cardholder
            say en "{spread} terminals, {amount}, category {mcc}" say zh "{spread} 台终端，{amount}"
            say cardholder en "Was it you? {amount}" }
        rule luxury unless_none { when false then approve }
        """

    private func run() throws -> (Evaluation, RuleSet, TransactionFacts) {
        let text = Self.rules.replacing("unless_none ", with: "")
        let rules = try ruleSet(
            text + """

                rule restricted_goods { when not (mcc in list restricted) unless notice covers tx then decline }
                rule watched shadow { when hour >= 0 then decline }
                rule unsure { when merchant == 1 then decline }
                """)
        var triggers = Triggers(rules)
        triggers.apply(
            WindowEvent(facts: purchase { $0.terminal = TerminalID("T0000002") ?? $0.terminal }, outcome: .approved))
        let facts = purchase {
            $0.terminal = TerminalID("T0000001") ?? $0.terminal
            $0.merchant = nil
            $0.noticeCovers = true
        }
        return (triggers.evaluate(facts), rules, facts)
    }

    @Test func theJSONHasTheFiguresThatSpokeForEachRule() throws {
        let (evaluation, rules, facts) = try run()
        let wanted = """
            {"decision":"refer","engine":"0.1.0","ruleset":"cards@37","rule":"shopping","intent":"callIssuer",\
            "facts":{"at":"2026-08-14T09:30:00Z","amount":"10.00 EUR","terminal":"T0000001","mcc":"5411"},\
            "rules":[{"id":"shopping","state":"live","result":"hit","action":"refer","because":[\
            {"v":"spread","window":"1h","value":2,"op":">=","limit":2,"exact":true,\
            "evidence":[{"at":"2026-08-14T09:30:00Z","terminal":"T0000002"}]},\
            {"v":"amount","value":"10.00 EUR","op":">","limit":"5.00 EUR","exact":true}]},\
            {"id":"unsure","state":"live","result":"unknown","missing":["merchant"]},\
            {"id":"watched","state":"shadow","result":"hit","action":"decline","because":[\
            {"v":"hour","value":9,"op":">=","limit":0,"exact":true}]}],\
            "suppressed":[{"rule":"restricted_goods","by":"notice"}],\
            "hold_seconds":900,"case":"high","ask_cardholder":true,\
            "tell":{"analyst":{"en":"2 terminals, 10.00 EUR, category 5411 Lifted by the cardholder's notice: restricted_goods. \
            Not decided for want of data: unsure. Shadow rules that would have hit: watched.",\
            "zh":"2 台终端，10.00 EUR因持卡人事先通知而未执行：restricted_goods。因数据缺失无法判断：unsure。影子规则（仅观察）命中：watched。"},\
            "cardholder":{"en":"Was it you? 10.00 EUR","zh":"Was it you? 10.00 EUR"},\
            "merchant":{"en":"Ask the cardholder to call the issuer. Do not try again until they have.",\
            "zh":"请持卡人致电发卡行，确认前请勿重试。"}}}
            """
        #expect(Explanation.json(evaluation, rules: rules, facts: facts).text == wanted)
    }

    @Test func theBytesAreTheSameOnReplayAndAfterTheRecordWasReadBack() throws {
        let (evaluation, rules, facts) = try run()
        let (again, _, _) = try run()
        var writer = ByteWriter()
        evaluation.encode(to: &writer)
        var reader = ByteReader(writer.bytes)
        let stored = try Evaluation(from: &reader)
        let bytes = Explanation.json(evaluation, rules: rules, facts: facts).text
        #expect(Explanation.json(again, rules: rules, facts: facts).text == bytes)
        #expect(Explanation.json(stored, rules: rules, facts: facts).text == bytes)
    }

    @Test func aNegatedComparisonIsShownAsItHolds() throws {
        let rules = try rule(when: "not (hour < 5 or mcc in [1])")
        let json = Explanation.json(Triggers(rules).evaluate(purchase()), rules: rules)
        let because = json["rules"]?.array?.first?["because"]?.array ?? []
        #expect(because.map { $0["op"] } == [">=", "not in"])
    }

    @Test(arguments: TriggerAction.allCases) func theMerchantReadsWhatToDoAndNoFigure(_ action: TriggerAction) throws {
        let clause = ["approve", "require password", "refer", "decline", "retain"][Int(action.rawValue)]
        let rules = try ruleSet(
            "rule r { when amount > 5.00 EUR then \(clause) say en \"{amount}\" say cardholder zh \"{amount}\" }")
        let evaluation = Triggers(rules).evaluate(purchase())
        for language in Explanation.Language.allCases {
            let text = Explanation.sentence(evaluation, rules: rules, language: language, audience: .merchant)
            #expect(!text.isEmpty)
            #expect(!text.contains { $0.isNumber })
        }
        let cardholder = Explanation.sentence(evaluation, rules: rules, language: .zh, audience: .cardholder)
        #expect(cardholder == "10.00 EUR")
    }

    @Test func aRuleWithoutTextsStillHasSomethingToSay() throws {
        let rules = try rule(when: "hour >= 0")
        let evaluation = Triggers(rules).evaluate(purchase())
        #expect(Explanation.sentence(evaluation, rules: rules, language: .en, audience: .analyst) == "r")
        #expect(
            Explanation.sentence(evaluation, rules: rules, language: .zh, audience: .cardholder)
                == "为保护您的资金安全，本次交易已被拒绝，请联系发卡行。")
    }

    @Test func aShareIsToldWithFourDecimalsAndKeptWithAll() throws {
        let rules = try ruleSet(
            "velocity s = share(declined) by card over 1h before\nrule r { when s > 0.1 then decline say en \"{s}\" }")
        var triggers = Triggers(rules)
        for outcome in [WindowOutcome.declined, .approved, .approved] {
            triggers.apply(WindowEvent(facts: purchase(), outcome: outcome))
        }
        let facts = purchase(at: morning + .minutes(1))
        let json = Explanation.json(triggers.evaluate(facts), rules: rules, facts: facts)
        #expect(json["tell"]?["analyst"]?["en"]?.string == "0.3333")
        #expect(json["rules"]?.array?.first?["because"]?.array?.first?["value"] == .double(1.0 / 3))
    }

    @Test func aBraceIsWrittenTwice() throws {
        let rules = try ruleSet("rule r { when hour >= 0 then decline say en \"{{hour} {hour}\" }")
        let evaluation = Triggers(rules).evaluate(purchase())
        #expect(Explanation.sentence(evaluation, rules: rules, language: .en, audience: .analyst) == "{hour} 9")
    }

    @Test func anEvaluationOfOtherRulesIsShownWithoutATrap() throws {
        let (evaluation, _, facts) = try run()
        let other = try ruleSet("")
        #expect(Explanation.json(evaluation, rules: other, facts: facts)["decision"] == "refer")
    }
}
