// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import Issuer
import ModuleProtocol
import SecurityModule
import SecurityTriggers
import Testing
import Vocabulary

/// Rules R10 and R11: a referral, the cardholder's word, and the one presentation it earns.
@Suite("Cases and passes")
struct CaseTests {
    static let rules = """
        rule big { when amount >= 100.00 EUR then refer hold 15m as callIssuer, case high, ask cardholder }
        rule tobacco { when goods in [TOBACCO] then decline as restrictedGoods }
        rule luxury { when goods in [LUXURY] then require id_document as additionalProofRequired }
        """

    /// A referred purchase of 150.00, and its case.
    private func referred(_ bench: Bench, _ till: Till, _ card: TestCard, _ amount: Int64 = 150_00) throws -> CaseID {
        let reply = try till.sell(SaleSpec(card, amount, pin: card.pin))
        #expect(reply.code == "01" && reply.isSealed)
        let id = try require(bench.card(card).openCase)
        #expect(reply.reference == bench.engine.host.issuer.cases[id]?.reference)
        #expect(reply.reference?.hasPrefix("R-") == true)
        return id
    }

    @Test("confirmed with a factor, a referred purchase is approved once, at that merchant, up to that amount")
    func pass() throws {
        let bench = try Bench(rules: Self.rules)
        let till = try bench.till()
        let elsewhere = try bench.till("TILL0002", merchant: 2)
        let card = try bench.card()
        let id = try referred(bench, till, card)
        #expect(bench.refusal(.confirmCase(id, factor: false), by: Bench.cardholder) == .issuer(.factorRequired))
        try bench.submit(.confirmCase(id, factor: true), by: Bench.cardholder)
        #expect(try elsewhere.sell(SaleSpec(card, 150_00, pin: card.pin)).code == "01", "another merchant")
        #expect(try till.sell(SaleSpec(card, 150_01, pin: card.pin)).code == "01", "above the amount")
        #expect(try till.sell(SaleSpec(card, 150_00, pin: "0000")).code == "55", "the PIN still counts")
        #expect(try bench.card(card).pass != nil)
        #expect(try till.sell(SaleSpec(card, 150_00, pin: card.pin)).code == "00")
        #expect(try bench.card(card).pass == nil)
        // The refused tries have opened a case each; the confirmed purchase opens none.
        #expect(bench.engine.host.issuer.cases.count == 2)
        #expect(try till.sell(SaleSpec(card, 150_00, pin: card.pin)).code == "01", "once only")
        #expect(bench.refusal(.confirmCase(id, factor: true), by: Bench.carol) == .issuer(.alreadyAnswered))
        try bench.check()
    }

    @Test("a pass holds for fifteen minutes")
    func passExpires() throws {
        let bench = try Bench(rules: Self.rules)
        let till = try bench.till()
        let card = try bench.card()
        try bench.submit(.confirmCase(try referred(bench, till, card), factor: true), by: Bench.cardholder)
        bench.wait(.minutes(15))
        #expect(try till.sell(SaleSpec(card, 150_00, pin: card.pin)).code == "01")
    }

    @Test("a pass lifts the referral alone: a decline and a demand for proof stand, and do not use it up")
    func otherRulesRun() throws {
        let bench = try Bench(rules: Self.rules)
        let till = try bench.till()
        let card = try bench.card()
        try bench.submit(.confirmCase(try referred(bench, till, card), factor: true), by: Bench.carol)
        #expect(try till.sell(SaleSpec(card, 150_00, pin: card.pin, goods: "TOBACCO")).code == "57")
        let proof = try till.sell(SaleSpec(card, 150_00, pin: card.pin, goods: "LUXURY"))
        #expect(proof.code == "1A")
        #expect(try bench.card(card).pass != nil)
        let shown = SaleSpec(
            card, 150_00, pin: card.pin, goods: "LUXURY", challenge: proof.reference, proof: "ID")
        // The decline has opened a case; the confirmed purchase opens none.
        #expect(try till.sell(shown).code == "00")
        #expect(bench.engine.host.issuer.cases.count == 2)
        #expect(try bench.card(card).pass == nil)
        try bench.check()
    }

    @Test(
        "a declined sale keeps the pass; the reversal of the approved one gives it back, unless the account is frozen",
        arguments: [false, true])
    func restored(frozen: Bool) throws {
        let bench = try Bench(rules: Self.rules)
        let till = try bench.till()
        let card = try bench.card()
        try bench.submit(.confirmCase(try referred(bench, till, card), factor: true), by: Bench.carol)
        let pass = try bench.card(card).pass
        let (stan, at) = (till.stan, bench.now)
        #expect(try till.sell(SaleSpec(card, 150_00, pin: card.pin)).code == "00")
        #expect(bench.engine.host.issuer.cases.count == 1, "nobody is asked twice about one purchase")
        if frozen { try bench.submit(.freeze(card.account), by: Bench.carol) }
        #expect(try bench.send(try till.reversal(of: stan, at: at, amount: 150_00, card: card)).code == "00")
        #expect(try bench.available(card) == 100_000_00)
        #expect(try bench.card(card).pass == (frozen ? nil : pass))
        #expect(try till.sell(SaleSpec(card, 150_00, pin: card.pin)).code == (frozen ? "62" : "00"))
        try bench.check()
    }

    @Test("a freeze voids a pass, and a word given while it lasts earns none")
    func frozenPass() throws {
        let bench = try Bench(rules: Self.rules)
        let till = try bench.till()
        let card = try bench.card()
        let id = try referred(bench, till, card)
        try bench.submit(.freeze(card.account), by: Bench.carol)
        try bench.submit(.confirmCase(id, factor: true), by: Bench.carol)
        #expect(try bench.card(card).pass == nil)
        #expect(bench.engine.host.brokenInvariants() == [])
        try bench.submit(.unfreeze(card.account), by: Bench.carol)
        try bench.submit(.unfreeze(card.account), by: Bench.dave)
        #expect(try till.sell(SaleSpec(card, 150_00, pin: card.pin)).code == "01")
        try bench.check()
    }

    @Test("“not me” needs no factor, freezes the account with every card on it, and lifting takes two people")
    func denial() throws {
        let bench = try Bench(rules: Self.rules)
        let till = try bench.till()
        let card = try bench.card()
        let sister = try bench.card(2, account: card.account)
        let id = try referred(bench, till, card)
        try bench.submit(.denyCase(id), by: Bench.cardholder)
        #expect(try bench.account(card).frozen?.caseID == id)
        for one in [card, sister] { #expect(try till.sell(SaleSpec(one, pin: one.pin)).code == "62") }
        #expect(bench.lastIntent == .frozenAccount)
        #expect(bench.refusal(.unfreeze(card.account), by: Bench.cardholder) == .notYours(.cardholder))
        try bench.submit(.unfreeze(card.account), by: Bench.carol)
        #expect(bench.refusal(.unfreeze(card.account), by: Bench.carol) == .issuer(.secondPersonRequired))
        #expect(try till.sell(SaleSpec(card, pin: card.pin)).code == "62")
        // A second freeze begins anew: who asked before has not asked for this one.
        try bench.submit(.freeze(card.account), by: Bench.dave)
        try bench.submit(.unfreeze(card.account), by: Bench.dave)
        try bench.submit(.unfreeze(card.account), by: Bench.carol)
        #expect(try till.sell(SaleSpec(card, pin: card.pin)).code == "00")
        #expect(bench.refusal(.unfreeze(card.account), by: Bench.carol) == .issuer(.notFrozen))
        try bench.check()
    }

    @Test("a second suspicion joins the open case and quotes its reference; after the answer a new one is opened")
    func joined() throws {
        let bench = try Bench(rules: Self.rules)
        let till = try bench.till()
        let card = try bench.card()
        let first = try referred(bench, till, card)
        #expect(try referred(bench, till, card, 170_00) == first)
        #expect(bench.engine.host.issuer.cases.count == 1)
        try bench.submit(.confirmCase(first, factor: true), by: Bench.carol)
        #expect(try referred(bench, till, card, 170_00) != first)
        try bench.check()
    }

    @Test("a referral always has a reference to quote, even of a rule that asks for no case")
    func referralWithoutCase() throws {
        let bench = try Bench(rules: "rule big { when amount >= 100.00 EUR then refer }")
        let till = try bench.till()
        let card = try bench.card()
        let id = try referred(bench, till, card)
        try bench.submit(.confirmCase(id, factor: true), by: Bench.carol)
        #expect(try till.sell(SaleSpec(card, 150_00, pin: card.pin)).code == "00")
    }

    @Test("a dispute opens a case of its own, earns no pass, and does not stand before a later suspicion")
    func dispute() throws {
        let bench = try Bench(rules: Self.rules)
        let till = try bench.till()
        let card = try bench.card()
        #expect(try till.sell(SaleSpec(card, pin: card.pin)).code == "00")
        let sale = try bench.lastSale()
        let command = Command.dispute(
            card.key, terminal: till.id, merchant: till.merchant, amount: sale.amount, rrn: sale.answer.rrn)
        try bench.submit(command, by: Bench.cardholder)
        let dispute = CaseID(1)
        #expect(bench.engine.host.issuer.cases[dispute]?.isDispute == true)
        // One line is disputed once at a time.
        #expect(bench.refusal(command, by: Bench.cardholder) == .issuer(.alreadyExists))
        let id = try referred(bench, till, card)
        #expect(id != dispute)
        try bench.submit(.confirmCase(dispute, factor: true), by: Bench.carol)
        #expect(try bench.card(card).pass == nil)
        try bench.submit(.confirmCase(id, factor: true), by: Bench.carol)
        #expect(try bench.card(card).pass?.caseID == id)
        try bench.submit(command, by: Bench.cardholder)
        try bench.submit(.denyCase(CaseID(3)), by: Bench.cardholder)
        #expect(try bench.account(card).frozen != nil)
        try bench.check()
    }

    @Test(
        "an advance notice lifts the rules that ask for it, for its amount, categories and days",
        arguments: [
            (amount: 500_00, mcc: nil, days: 0, code: "00"), (100_00, nil, 0, "01"), (500_00, 5_411, 0, "00"),
            (500_00, 7_995, 0, "01"), (500_00, nil, 3, "01"),
        ] as [(amount: Int64, mcc: UInt16?, days: Int64, code: String)])
    func notice(amount: Int64, mcc: UInt16?, days: Int64, code: String) throws {
        let bench = try Bench(
            rules: "rule big { when amount >= 100.00 EUR unless notice covers tx then refer hold 15m, case high }")
        let till = try bench.till()
        let card = try bench.card()
        let notice = AdvanceNotice(
            from: bench.now, until: bench.now + .days(2), amountMax: Money(minorUnits: amount, .eur),
            categories: mcc.map { [MCC($0)] } ?? [])
        try bench.submit(.addNotice(card.key, notice), by: Bench.cardholder)
        till.module.claims.selfTestNumber += 1
        bench.wait(.days(days))
        #expect(try till.signOn().code == "00")
        #expect(try till.sell(SaleSpec(card, 150_00, pin: card.pin)).code == code)
        #expect(try bench.lastSale().noticeCovers == (code == "00"))
    }
}
