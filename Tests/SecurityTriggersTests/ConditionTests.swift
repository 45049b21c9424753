// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import SecurityTriggers

@Suite struct ConditionTests {
    /// The purchase has hour 9, amount 10.00 EUR, MCC 5411, no PIN.
    @Test(arguments: [
        ("hour == 9", true), ("hour == 8", false), ("hour != 8", true), ("hour != 9", false),
        ("hour < 10", true), ("hour < 9", false), ("hour <= 9", true), ("hour <= 8", false),
        ("hour > 8", true), ("hour > 9", false), ("hour >= 9", true), ("hour >= 10", false),
        ("9 == hour", true), ("10 > hour", true), ("9 > hour", false), ("9 >= hour", true), ("8 < hour", true),
        ("hour + 1 == 10", true), ("hour - 10 == -1", true), ("hour * 2 == 18", true), ("-hour == -9", true),
        ("hour + 2 * 3 == 15", true), ("(hour + 2) * 3 == 33", true), ("hour - 2 - 3 == 4", true),
        ("hour - (2 - 3) == 10", true),
        ("amount == 10.00 EUR", true), ("amount == 10 EUR", true), ("amount >= 10.01 EUR", false),
        ("amount * 3 == 30.00 EUR", true), ("3 * amount == 30.00 EUR", true),
        ("amount + 0.50 EUR == 10.50 EUR", true), ("amount - 10.00 EUR == 0.00 EUR", true),
        ("mcc == 5411", true), ("mcc == 0742", false), ("mcc >= 5400 and mcc <= 5499", true),
        ("mcc in [5000-5410, 5412]", false), ("mcc in [5000-5411]", true), ("mcc in [1, 5411, 9999]", true),
        ("not mcc in [5411]", false), ("!(mcc in [5411])", false), ("goods in [TOBACCO]", false),
        ("terminal == \"T000\"", false), ("merchant == 77", true), ("merchant in [70-80]", true),
        ("pin == absent", true), ("pin != wrong", true), ("wrong == pin", false), ("kind == purchase", true),
        ("card.status == active", true), ("hot == stolen", false), ("overflow", false), ("not overflow", true),
        ("true", true), ("false", false), ("has(mcc)", true), ("true and not false", true),
        // `or` binds looser than `and`, `not` looser than a relation and tighter than `and`.
        ("true or true and false", true), ("(true or true) and false", false),
        ("true || true && false", true), ("false && true || true", true),
        ("not false and false", false), ("not (false and false)", true), ("not hour == 8", true),
        ("not not true", true), ("!!true", true), ("!true or true", true),
    ])
    func aConditionHoldsAsItReads(_ condition: String, _ holds: Bool) throws {
        #expect(outcome(try rule(when: condition)) == (holds ? .hit : nil))
    }

    @Test func listsHoldTheirElementsAndSpans() throws {
        let lists = """
            list codes = mcc 5993, 7000-7002, 5944, 7001-7010
            list wares = goods TOBACCO, "LUX 1"
            list tills = terminal "T0000001", "00000002"
            list shops = merchant 1, 100-200

            """
        let rules = try rule(when: "mcc in list codes", lists)
        for (code, isIn) in [
            (5_992, false), (5_993, true), (5_994, false), (6_999, false), (7_000, true), (7_010, true), (7_011, false),
        ] {
            #expect(outcome(rules, purchase { $0.mcc = MCC(UInt16(code)) }) == (isIn ? .hit : nil), "\(code)")
        }
        let wares = try rule(when: "goods in list wares", lists)
        #expect(outcome(wares, purchase { $0.goods = ["GROCERY", "LUX 1"].compactMap { GoodsCode($0) } }) == .hit)
        #expect(outcome(wares, purchase { $0.goods = ["GROCERY"].compactMap { GoodsCode($0) } }) == nil)
        let tills = try rule(when: "terminal in list tills", lists)
        #expect(outcome(tills, purchase { $0.terminal = TerminalID("00000002") ?? $0.terminal }) == .hit)
        #expect(outcome(tills, purchase { $0.terminal = terminal(3) }) == nil)
        let shops = try rule(when: "merchant in list shops", lists)
        #expect(outcome(shops, purchase { $0.merchant = MerchantID(number: 200) }) == .hit)
        #expect(outcome(shops, purchase { $0.merchant = MerchantID(number: 201) }) == nil)
    }

    @Test(arguments: [
        ("mcc == 5411", RuleResult.Outcome.unknown), ("mcc != 5411", .unknown), ("not mcc == 5411", .unknown),
        ("mcc in [5411]", .unknown), ("mcc == 5411 or hour == 9", .hit), ("hour == 9 or mcc == 5411", .hit),
        ("mcc == 5411 and hour == 9", .unknown), ("merchant == 77", .unknown),
        ("not has(mcc)", .hit), ("not has(merchant) and hour == 9", .hit),
    ])
    func aMissingValueLeavesTheRuleUndecidedUnlessTheRestDecides(
        _ condition: String, _ wanted: RuleResult.Outcome
    ) throws {
        let facts = purchase {
            $0.mcc = nil
            $0.merchant = nil
        }
        #expect(outcome(try rule(when: condition), facts) == wanted)
    }

    @Test(arguments: ["mcc == 5411 and hour == 8", "hour == 8 and mcc == 5411", "has(mcc)"])
    func aMissingValueDoesNotMatterWhereTheRestSaysNo(_ condition: String) throws {
        #expect(outcome(try rule(when: condition), purchase { $0.mcc = nil }) == nil)
    }

    @Test func anUndecidedRuleDoesNotFireAndSaysWhatIsMissing() throws {
        let rules = try rule(when: "mcc == 5411 and hour >= 0")
        let evaluation = Triggers(rules).evaluate(purchase { $0.mcc = nil })
        #expect(evaluation.action == .approve)
        #expect(evaluation.winner == nil)
        let json = Explanation.json(evaluation, rules: rules)
        #expect(json["rules"]?.array?.first?["missing"] == ["mcc"])
    }

    @Test func anotherCurrencyIsUnknownNotConverted() throws {
        let rules = try rule(when: "amount >= 5.00 EUR")
        #expect(outcome(rules, purchase { $0.amount = Money(minorUnits: 1_000_000, .usd) }) == .unknown)
        #expect(outcome(rules, purchase { $0.amount = euros(-1) }) == .unknown)
    }

    @Test func arithmeticThatOverflowsIsUnknown() throws {
        let huge = purchase { $0.amount = euros(.max - 1) }
        #expect(outcome(try rule(when: "amount * 3 > 1.00 EUR"), huge) == .unknown)
        #expect(outcome(try rule(when: "amount + amount > 1.00 EUR"), huge) == .unknown)
    }

    @Test func absurdDatesAreJudgedWithoutATrap() throws {
        let rules = try rule(when: "hour >= 0 and n >= 1", "velocity n = count(attempts) by card over 48h")
        for time in [Int64.min, .min + 1, -1, 0, .max - 1, .max] {
            var triggers = Triggers(rules)
            #expect(triggers.pass(purchase(at: Instant(microseconds: time))).action == .decline)
            #expect(triggers.pass(purchase()).action == .decline)
            #expect(triggers.checkInvariants() == [])
        }
    }
}
