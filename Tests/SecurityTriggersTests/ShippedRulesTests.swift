// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Vocabulary

@testable import SecurityTriggers

enum ShippedRules {
    static func text() throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "Rules/default.rules"), encoding: .utf8)
    }
}

@Suite struct ShippedRulesTests {
    let rules: RuleSet

    init() throws { rules = try RuleSet(parsing: try ShippedRules.text()) }

    private func winner(_ evaluation: Evaluation) -> String? { evaluation.winner.flatMap { rules.id(of: $0) } }

    @Test func theShippedFileHasTheDocumentsTriggersLiveAndInBothLanguages() {
        #expect(
            rules.ruleIDs == [
                "compromised_terminal", "impossible_travel", "large_amounts_spread", "lost_card", "many_terminals",
                "night_first_use", "refund_abuse", "restricted_goods", "split_amounts", "stolen_card",
                "terminal_warned", "test_then_large", "window_overflow", "wrong_pin_burst",
            ])
        for (index, detail) in rules.program.details.enumerated() {
            #expect(rules.isShadow(index) == (detail.id == "compromised_terminal"))
            #expect(rules.intent(of: index) != nil)
            for audience in Explanation.Audience.allCases {
                for language in Explanation.Language.allCases {
                    #expect(
                        detail.texts.contains { $0.audience == audience && $0.language == language }, "\(detail.id)")
                }
            }
        }
    }

    /// Whoever stands at the till is a stranger to the cardholder: a stolen, a lost and a locked card look alike there.
    @Test func whatAMerchantReadsTellsNothingOfTheCard() throws {
        func texts(_ id: String) throws -> [String] {
            let index = try #require(rules.index(of: id))
            return rules.program.details[index].texts.filter { $0.audience == .merchant }.map { "\($0.parts)" }
        }
        let neutral = try texts("lost_card")
        #expect(neutral.count == 2)
        #expect(try texts("stolen_card") == neutral && texts("wrong_pin_burst") == neutral)
        let telling = [
            "stolen", "lost", "report", "keep", "retain", "pin", "fraud", "frozen", "account", "often", "{", "figure",
            "挂失", "被盗", "遗失", "扣留", "密码输错", "冻结", "欺诈", "账户",
        ]
        for detail in rules.program.details {
            for text in try texts(detail.id) {
                for word in telling { #expect(!text.lowercased().contains(word), "\(detail.id): \(text)") }
            }
        }
    }

    @Test func anOrdinaryPurchaseTriggersNothing() {
        #expect(Triggers(rules).evaluate(purchase()) == Evaluation())
    }

    @Test(arguments: [(HotListReason.stolen, TriggerAction.retain, "stolen_card"), (.lost, .decline, "lost_card")])
    func aCardOnTheHotListIsStopped(_ reason: HotListReason, _ action: TriggerAction, _ id: String) {
        let evaluation = Triggers(rules).evaluate(
            purchase {
                $0.hotList = reason
                $0.noticeCovers = true
            })
        #expect(evaluation.action == action)
        #expect(winner(evaluation) == id)
        #expect(evaluation.notifyIssuer && evaluation.openCase != nil)
    }

    @Test func threeWrongPINsInFifteenMinutesAreDeclinedAndTwoAreNot() {
        var triggers = Triggers(rules)
        let wrong = { (minute: Int64) in purchase(at: morning + .minutes(minute)) { $0.pin = .wrong } }
        #expect(triggers.pass(wrong(0)).action == .approve)
        #expect(triggers.pass(wrong(7)).action == .approve)
        let late = triggers.evaluate(wrong(15))
        #expect(late.action == .approve, "the first lies exactly at t − 15 m, outside")
        let third = triggers.pass(purchase(at: morning + .minutes(15) - .milliseconds(1)) { $0.pin = .wrong })
        #expect(third.action == .decline)
        #expect(winner(third) == "wrong_pin_burst")
        #expect(third.openCase == .high && third.notifyIssuer)
    }

    @Test func aRightPINStartsTheCountAnew() {
        var triggers = Triggers(rules)
        for minute in Int64(0)..<8 {
            let pin: PINFact = minute % 3 == 2 ? .right : .wrong
            #expect(triggers.pass(purchase(at: morning + .minutes(minute)) { $0.pin = pin }).action == .approve)
        }
    }

    private func large(_ minute: Int64, _ till: Int, _ units: Int64 = 30_000) -> TransactionFacts {
        purchase(at: morning + .minutes(minute)) {
            $0.terminal = terminal(till)
            $0.amount = euros(units)
        }
    }

    @Test func threeLargeAmountsAtDifferentTerminalsInAnHourAreReferred() {
        var triggers = Triggers(rules)
        #expect(triggers.pass(large(0, 1)).action == .approve)
        #expect(triggers.pass(large(10, 2)).action == .approve)
        #expect(triggers.evaluate(large(20, 2)).action == .approve, "the same terminal again")
        #expect(triggers.evaluate(large(20, 3, 29_999)).action == .approve, "a cent less")
        #expect(triggers.evaluate(large(60, 3)).action == .approve, "the first is an hour old")
        let third = triggers.evaluate(large(20, 3))
        #expect(third.action == .refer)
        #expect(winner(third) == "large_amounts_spread")
        #expect(third.hold == .minutes(15))
        #expect(third.askCardholder && third.notifyIssuer && third.openCase == .high)
        var covered = large(20, 3)
        covered.noticeCovers = true
        #expect(triggers.evaluate(covered).action == .approve)
        #expect(triggers.evaluate(covered).results.map(\.outcome) == [.suppressed])
    }

    @Test func frequentUseAtDifferentTerminalsIsReferredWhateverTheAmounts() {
        var hourly = Triggers(rules)
        for till in 1...5 { #expect(hourly.pass(large(Int64(till), till, 100)).action == .approve) }
        #expect(hourly.evaluate(large(6, 5, 100)).action == .approve)
        #expect(winner(hourly.evaluate(large(6, 6, 100))) == "many_terminals")
        #expect(hourly.evaluate(large(61, 6, 100)).action == .approve)
        var daily = Triggers(rules)
        for till in 1...14 { #expect(daily.pass(large(Int64(till) * 60, till, 100)).action == .approve) }
        #expect(daily.evaluate(large(15 * 60, 14, 100)).action == .approve)
        #expect(daily.evaluate(large(15 * 60, 15, 100)).action == .refer)
    }

    @Test(arguments: [5_993, 5_944, 5_094, 7_995]) func restrictedGoodsOverTheLimitNeedAProof(_ code: UInt16) {
        let restricted = { (units: Int64) in
            purchase {
                $0.mcc = MCC(code)
                $0.amount = euros(units)
            }
        }
        let evaluation = Triggers(rules).evaluate(restricted(20_000))
        #expect(evaluation.action == .stepUp)
        #expect(evaluation.proofs == [.idDocument, .password])
        #expect(winner(evaluation) == "restricted_goods")
        #expect(Triggers(rules).evaluate(restricted(19_999)) == Evaluation())
        let refund = purchase {
            $0.mcc = MCC(code)
            $0.amount = euros(20_000)
            $0.kind = .refund
        }
        #expect(Triggers(rules).evaluate(refund) == Evaluation())
    }

    @Test(arguments: ["TOBACCO", "LUXURY"]) func restrictedGoodsAreFoundAtAnyMerchant(_ code: String) {
        let facts = purchase {
            $0.goods = [code].compactMap { GoodsCode($0) }
            $0.amount = euros(20_000)
        }
        #expect(Triggers(rules).evaluate(facts).action == .stepUp)
    }
}
