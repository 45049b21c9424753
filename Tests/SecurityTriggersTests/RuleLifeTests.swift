// SPDX-License-Identifier: Apache-2.0
import RiskModels
import Testing
import Vocabulary

@testable import SecurityTriggers

@Suite("States of rules, rates, outer lists, scores and what is unknown")
struct RuleLifeTests {
    private func actions(_ text: String, _ facts: TransactionFacts = purchase()) throws -> Evaluation {
        Triggers(try ruleSet(text)).evaluate(facts)
    }

    // MARK: States

    @Test("a draft and a retired rule are checked and not judged, a shadow one is judged and does nothing")
    func states() throws {
        let rules = try ruleSet(
            """
            rule a draft { when hour == 9 then decline }
            rule b version 3 shadow { when hour == 9 then decline }
            rule c version 4 live { when hour == 9 then refer }
            rule d retired { when hour == 9 then decline }
            """)
        let evaluation = Triggers(rules).evaluate(purchase())
        #expect(evaluation.action == .refer)
        #expect(evaluation.results.map(\.rule) == [1, 2])
        #expect((0..<4).map { rules.life(of: $0)?.state } == [.draft, .shadow, .live, .retired])
        #expect((0..<4).map { rules.life(of: $0)?.version } == [1, 3, 4, 1])
        #expect(rules.life(of: 4) == nil)
        let json = Explanation.json(evaluation, rules: rules)
        #expect(json["rules"]?.array?.map { $0["v"]?.integer } == [3, 4])
        #expect(RuleErrorTests.error(in: "tillguard-rules 1\nrule a draft { when huor == 9 then decline }") != nil)
    }

    @Test("a rule may be named as a state is")
    func namedLikeAState() throws {
        #expect(try ruleSet("rule draft { when hour == 9 then decline }").life(of: 0)?.state == .live)
        #expect(try ruleSet("rule live retired { when hour == 9 then decline }").life(of: 0)?.state == .retired)
    }

    // MARK: What is unknown

    @Test("what a rule orders for the unknown is done where its condition is, and only there")
    func onUnknown() throws {
        let rules = "rule r { when mcc == 5411 then decline on unknown refer hold 5m, case low }"
        let missing = try actions(rules, purchase { $0.mcc = nil })
        #expect(missing.action == .refer && missing.hold == .minutes(5) && missing.openCase == .low)
        #expect(missing.winner == 0 && missing.results.map(\.outcome) == [.unknown])
        #expect(try actions(rules).action == .decline)
        #expect(try actions(rules, purchase { $0.mcc = MCC(1) }) == Evaluation())
    }

    @Test("the order of the set is for every rule without its own, and not for one that is only watched")
    func onUnknownOfTheSet() throws {
        let head = "ruleset s version 1 on unknown require password\n"
        let missing = purchase { $0.mcc = nil }
        let evaluation = try actions(head + "rule r { when mcc == 5411 then decline }", missing)
        #expect(evaluation.action == .stepUp && evaluation.proofs == .password)
        #expect(
            try actions(head + "rule r { when mcc == 5411 then decline on unknown approve }", missing).action
                == .approve)
        #expect(try actions(head + "rule r shadow { when mcc == 5411 then decline }", missing).action == .approve)
    }

    @Test("a notice lifts an order for the unknown as it lifts the rule")
    func noticeOnUnknown() throws {
        let rules = "rule r { when mcc == 5411 unless notice covers tx then decline on unknown refer }"
        let covered = purchase {
            $0.mcc = nil
            $0.noticeCovers = true
        }
        #expect(try actions(rules, covered).action == .approve)
        #expect(try actions(rules, covered).results.map(\.outcome) == [.suppressed])
    }

    @Test("orders for the unknown must find a proof in common with every other")
    func unprovable() {
        let text = "tillguard-rules 1\nrule a { when hour > 1 then require password on unknown require id_document }"
        #expect(RuleErrorTests.error(in: text)?.code == .policy)
    }

    // MARK: Rates

    @Test(
        "an amount in another currency is compared by its rate, to the minor unit",
        arguments: [
            (10_000, Currency.usd, "amount >= 92.00 EUR", true), (10_000, .usd, "amount >= 92.01 EUR", false),
            (9_999, .usd, "amount >= 91.99 EUR", true), (1, .usd, "amount == 0.01 EUR", true),
            (100, .jpy, "amount == 0.62 EUR", true),
            (10_000, .usd, "amount == 92.00 EUR and amount == 100.00 USD", true),
            (100_00, .gbp, "amount > 1.00 EUR", nil),
            (10_000, .usd, "amount - 92.00 EUR == 0.00 EUR", true), (10_000, .usd, "amount / 46.00 EUR == 2.0", true),
            (10_000, .usd, "amount in [92.00 EUR]", true), (10_000, .usd, "amount > 10000 JPY", true),
        ] as [(Int64, Currency, String, Bool?)])
    func rates(_ units: Int64, _ currency: Currency, _ condition: String, _ holds: Bool?) throws {
        let rules = try rule(when: condition, "rate USD = 0.92 EUR\nrate JPY = 0.0062 EUR\n")
        let facts = purchase { $0.amount = Money(minorUnits: units, currency) }
        #expect(outcome(rules, facts) == (holds == nil ? .unknown : holds == true ? .hit : nil))
    }

    @Test("a window's test of amounts goes by the rates too")
    func ratesInWindows() throws {
        let rules = try rule(
            when: "n == 2",
            "rate USD = 0.92 EUR\nvelocity n = count(attempts where amount >= 92.00 EUR) by card over 1h\n")
        var triggers = Triggers(rules)
        for units in [Int64(9_999), 10_000] {
            triggers.apply(
                WindowEvent(facts: purchase { $0.amount = Money(minorUnits: units, .usd) }, outcome: .approved))
        }
        #expect(triggers.evaluate(purchase { $0.amount = euros(9_200) }).results.first?.outcome == .hit)
    }

    @Test("rates round half away from zero, and what has no room is unknown")
    func rounding() throws {
        let rates = try ruleSet("rate USD = 0.5 EUR").program.rates
        #expect([-3, -2, -1, 0, 1, 2, 3].map { rates.home($0, of: 840) } == [-2, -1, -1, 0, 1, 1, 2])
        #expect(rates.home(.max, of: 840) == 4_611_686_018_427_387_904)
        let large = try ruleSet("rate USD = 999999 EUR").program.rates
        #expect(large.home(.max, of: 840) == nil && large.home(.min, of: 840) == nil)
        #expect(large.home(5, of: 826) == nil)
        let small = try ruleSet("rate JPY = 1 EUR").program.rates
        #expect(small.home(7, of: 392) == 700)
    }

    // MARK: Lists kept outside

    @Test("a list of outside is asked by its name; where it is not there nothing is known")
    func outerLists() throws {
        var rules = try rule(when: "card in scheme", "list scheme = card from \"scheme-hot\"\n")
        #expect(rules.listNames.map(\.name) == ["scheme-hot"] && rules.listNames.map(\.kind) == [.card])
        #expect(outcome(rules) == .unknown)
        var list = SecurityList(name: "scheme_hot", kind: .card)
        try list.add(
            ListEntry(ListKey(card), ListOrigin(source: "scheme", reason: "stolen"), expires: morning + .hours(1)))
        var store = ListStore()
        try store.put(list)
        rules.bind(store)
        #expect(outcome(rules) == .unknown, "a list of another name")
        rules = try rule(when: "card in list scheme", "list scheme = card from \"scheme_hot\"\n")
        rules.bind(store)
        #expect(outcome(rules) == .hit)
        #expect(outcome(rules, purchase { $0.card = CardKey(high: 1, low: 1) }) == nil)
        #expect(outcome(rules, purchase(at: morning + .hours(1))) == nil, "the entry has expired")
        var other = try rule(when: "mcc in list scheme", "list scheme = mcc from \"scheme_hot\"\n")
        other.bind(store)
        #expect(outcome(other) == .unknown, "a list of another kind")
    }

    @Test("lists of categories, terminals, merchants and goods can be outside too")
    func outerKinds() throws {
        var store = ListStore()
        let origin = ListOrigin(source: "desk", reason: "test")
        for (name, kind, key) in [
            ("m", ListKind.mcc, ListKey(MCC(5_411))), ("t", .terminal, ListKey(terminal(1))),
            ("n", .merchant, ListKey(MerchantID(number: 77))),
        ] {
            var list = SecurityList(name: name, kind: kind)
            try list.add(ListEntry(key, origin))
            try store.put(list)
        }
        var goods = SecurityList(name: "g", kind: .goods)
        try goods.add(ListEntry(ListKey(try #require(GoodsCode("TOBACCO"))), origin))
        try store.put(goods)
        for (kind, name) in [("mcc", "m"), ("terminal", "t"), ("merchant", "n"), ("goods", "g")] {
            var rules = try rule(when: "\(kind) in list l", "list l = \(kind) from \"\(name)\"\n")
            rules.bind(store)
            let facts = purchase { $0.goods = ["TOBACCO"].compactMap { GoodsCode($0) } }
            #expect(outcome(rules, facts) == .hit, "\(kind)")
            let elsewhere = purchase {
                ($0.mcc, $0.terminal, $0.merchant) = (MCC(1), terminal(2), MerchantID(number: 78))
            }
            #expect(outcome(rules, elsewhere) == nil, "\(kind)")
        }
    }

    // MARK: Features and scores

    /// −1 + ratio + 2 night.
    private func model() throws -> RiskModel {
        RiskModel(
            try Scorecard(
                name: "m", featureNames: ["ratio", "night"], bias: -1,
                terms: [
                    Scorecard.Term(feature: 0, transform: .identity, mean: 0, scale: 1, weight: 1),
                    Scorecard.Term(feature: 1, transform: .identity, mean: 0, scale: 1, weight: 2),
                ]))
    }

    @Test("a feature is a number with decimals wherever it is named, and what `else` says where it is unknown")
    func features() throws {
        let declarations = """
            velocity n = count(attempts) by card over 1h
            feature ratio = amount / 4.00 EUR else 7.5
            feature night = hour < 6
            feature many = n * 2
            feature bare = amount / 4.00 EUR

            """
        #expect(outcome(try rule(when: "ratio == 2.5 and night == 0.0 and many == 2.0", declarations)) == .hit)
        let foreign = purchase { $0.amount = Money(minorUnits: 1, .usd) }
        #expect(outcome(try rule(when: "ratio == 7.5", declarations), foreign) == .hit)
        #expect(outcome(try rule(when: "bare >= 0.0 or bare < 0.0", declarations), foreign) == .unknown)
        #expect(outcome(try rule(when: "ratio * 2.0 - many == 3.0", declarations)) == .hit)
    }

    @Test("a score is the model's probability of the features, and unknown without its model")
    func scores() throws {
        var rules = try rule(
            when: "hour + 1 == 10 and risk >= 0.8175 and risk < 0.8176",
            """
            feature ratio = amount / 4.00 EUR
            feature night = hour < 6
            score risk = model "m" (night, ratio)

            """)
        #expect(rules.modelNames == ["m"])
        #expect(outcome(rules) == .unknown)
        try rules.bind([(name: "m", model: try model())])
        // −1 + 2.5 log-odds.
        #expect(outcome(rules) == .hit)
        #expect(outcome(rules, purchase { $0.amount = euros(1_001) }) == nil)
    }

    @Test("a model that wants a feature which its score does not name is refused")
    func wrongModel() throws {
        var rules = try rule(
            when: "risk > 0.5", "feature ratio = amount / 4.00 EUR\nscore risk = model \"m\" (ratio)\n")
        let model = try model()
        #expect(throws: RiskModelError.self) { try rules.bind([(name: "m", model: model)]) }
    }

    @Test("a score of PINs keeps its rule out of reach of notices")
    func scoreOfPINs() {
        let text = """
            tillguard-rules 1
            feature wrong_pin = pin == wrong
            score risk = model "m" (wrong_pin)
            rule r { when risk > 0.5 unless notice covers tx then decline }
            """
        #expect(RuleErrorTests.error(in: text)?.code == .policy)
    }
}
