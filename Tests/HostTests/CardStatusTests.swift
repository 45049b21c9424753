// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import Issuer
import ModuleProtocol
import SecurityModule
import SecurityTriggers
import Testing
import Vocabulary

/// Rule R2: the card's status before its PIN, and the same answer whatever the status is.
@Suite("Card status")
struct CardStatusTests {
    enum State: CaseIterable { case lost, stolen, frozenAccount, frozenCard, locked }

    static let freezing = """
        rule freezer {
            when amount == 6.66 EUR
            then decline as genericDecline, case low, freeze card 24h
            say en "x"
            say zh "x"
        }
        """

    private func bring(_ state: State, _ bench: Bench, _ till: Till, _ card: TestCard) throws -> Intent {
        switch state {
        case .lost:
            try bench.submit(.setCardStatus(card.key, .lost), by: Bench.carol)
            return .lostCard
        case .stolen:
            try bench.submit(.setCardStatus(card.key, .stolen), by: Bench.carol)
            return .stolenCard
        case .frozenAccount:
            try bench.submit(.freeze(card.account), by: Bench.carol)
            return .frozenAccount
        case .frozenCard:
            #expect(try till.sell(SaleSpec(card, 6_66)).code == "05")
            return .frozenCard
        case .locked:
            for _ in 0..<3 { _ = try till.sell(SaleSpec(card, pin: "9999")) }
            return .pinTriesExceeded
        }
    }

    @Test(
        "a hot card with a wrong or a right PIN gets the one answer, its PIN untried, and the record knows why",
        arguments: State.allCases)
    func sameAnswer(state: State) throws {
        let bench = try Bench(rules: Self.freezing)
        let till = try bench.till()
        let card = try bench.card()
        let intent = try bring(state, bench, till, card)
        let tries = try bench.card(card).wrongPINs
        var answers: [[UInt8]] = []
        for pin in ["9999", card.pin] {
            let reply = try till.sell(SaleSpec(card, pin: pin))
            #expect(reply.code == "62" && reply.isSealed && reply.approval == nil && reply.reference == nil)
            let sale = try bench.lastSale()
            #expect(sale.answer.intent == intent)
            #expect(sale.pin == (state == .locked ? .locked : .untried))
            #expect(sale.effects.pin == .untried && sale.effects.debit == 0)
            answers.append(Array(reply.code.utf8))
        }
        #expect(Set(answers).count == 1)
        #expect(try bench.card(card).wrongPINs == tries)
        try bench.check()
    }

    @Test("the triggers say of a stolen card that it is stolen")
    func explained() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        try bench.submit(.setCardStatus(card.key, .stolen), by: Bench.carol)
        _ = try till.sell(SaleSpec(card, pin: "9999"))
        let sale = try bench.lastSale()
        let evaluation = try require(sale.evaluation)
        #expect(bench.engine.host.firedRules(evaluation) == ["stolen_card"])
        #expect(evaluation.winner.map { bench.rules.ruleIDs[$0] } == "stolen_card")
        #expect(sale.hotList == .stolen)
        #expect(sale.effects.openCase?.1.rules == ["stolen_card"])
        let facts = try require(sale.facts(at: bench.now))
        #expect(facts.hotList == .stolen && facts.pin == .untried)
    }

    /// Two faults at once: the one that the order of checks puts first is the answer.
    @Test(
        "status comes before lock, lock before expiry, expiry before PIN, PIN before triggers, triggers before the account"
    )
    func order() throws {
        let bench = try Bench(
            rules: """
                rule tobacco {
                    when goods in [TOBACCO]
                    then decline as restrictedGoods
                    say en "x"
                    say zh "x"
                }
                """)
        let till = try bench.till()
        let card = try bench.card(balance: 10_00)
        let tooMuch = { (pin: String?, expiry: UInt64?, goods: String?) in
            var sale = SaleSpec(card, 900_00, pin: pin, goods: goods)
            sale.expiry = expiry
            return sale
        }
        #expect(try till.sell(tooMuch(card.pin, nil, nil)).code == "51")
        #expect(try till.sell(tooMuch(card.pin, nil, "TOBACCO")).code == "57")
        #expect(try till.sell(tooMuch("9999", nil, "TOBACCO")).code == "55")
        #expect(try till.sell(tooMuch(nil, nil, "TOBACCO")).code == "70")
        #expect(try till.sell(tooMuch("9999", 2_912, "TOBACCO")).code == "54")
        #expect(try bench.card(card).wrongPINs == 1)
        for _ in 0..<2 { _ = try till.sell(tooMuch("9999", nil, nil)) }
        #expect(try till.sell(tooMuch("9999", 2_912, "TOBACCO")).code == "62")
        #expect(bench.lastIntent == .pinTriesExceeded)
        try bench.submit(.freeze(card.account), by: Bench.carol)
        _ = try till.sell(tooMuch("9999", 2_912, "TOBACCO"))
        #expect(bench.lastIntent == .frozenAccount)
        try bench.submit(.setCardStatus(card.key, .lost), by: Bench.carol)
        _ = try till.sell(tooMuch("9999", 2_912, "TOBACCO"))
        #expect(bench.lastIntent == .lostCard)
        till.module.claims.state = .halted
        #expect(try till.sell(tooMuch("9999", 2_912, "TOBACCO")).code == "TH")
    }

    @Test("a card of nobody is declined without a trace of its number, and expired ones as expired")
    func unknownAndExpired() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        let stranger = TestCard(
            pan: try require(PAN(accountDigits: "499999999999999")), key: card.key, account: card.account, pin: "1234")
        #expect(try till.sell(SaleSpec(stranger, pin: "1234")).code == "14")
        #expect(try bench.lastSale().card == nil)
        #expect(bench.windowState == (try Bench()).windowState)
        bench.wait(.days(365 * 5))
        till.module.claims.selfTestNumber += 1
        #expect(try till.signOn().code == "00")
        #expect(try till.sell(SaleSpec(card, pin: "9999")).code == "54")
        #expect(try bench.card(card).wrongPINs == 0)
    }

    @Test("a shorter freeze never shortens a longer one")
    func longestFreezeHolds() throws {
        let bench = try Bench(
            rules: """
                rule long { when amount == 6.66 EUR then decline, freeze card 24h say en "x" say zh "x" }
                rule short { when amount == 7.77 EUR then decline, freeze card 15m say en "x" say zh "x" }
                """)
        let till = try bench.till()
        let card = try bench.card()
        _ = try till.sell(SaleSpec(card, 6_66))
        let until = try require(bench.card(card).frozenUntil)
        #expect(until == bench.now + .hours(24))
        bench.wait(.minutes(1))
        _ = try till.sell(SaleSpec(card, 7_77))
        #expect(try bench.card(card).frozenUntil == until)
        bench.wait(.hours(2))
        #expect(try till.sell(SaleSpec(card)).code == "62")
    }
}
