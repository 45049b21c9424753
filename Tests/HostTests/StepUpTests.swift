// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import Issuer
import ModuleProtocol
import Testing
import Vocabulary

/// Rule R12: one challenge, bound to card, terminal, amount and 120 seconds, and answered once.
@Suite("Step-up")
struct StepUpTests {
    static let rules = """
        rule both { when goods in [LUXURY] then require id_document or password as additionalProofRequired }
        rule spirits { when goods in [SPIRITS] then decline as restrictedGoods }
        """

    private func asked(_ till: Till, _ card: TestCard, _ goods: String = "LUXURY", _ amount: Int64 = 250_00) throws
        -> String
    {
        let reply = try till.sell(SaleSpec(card, amount, pin: card.pin, goods: goods))
        #expect(reply.code == "1A" && reply.isSealed)
        return try require(reply.reference)
    }

    private func answer(
        _ card: TestCard, _ challenge: String, _ proof: String, pin: String?, goods: String = "LUXURY",
        amount: Int64 = 250_00
    ) -> SaleSpec {
        SaleSpec(card, amount, pin: pin, goods: goods, challenge: challenge, proof: proof)
    }

    @Test(
        "an identity document answers with the PIN, the transaction password in its place",
        arguments: KeyProfile.allCases, ["ID", "PW"])
    func proofs(profile: KeyProfile, proof: String) throws {
        let bench = try Bench(rules: Self.rules)
        let till = try bench.till("TILL0001", profile)
        let card = try bench.card(password: "808080")
        let challenge = try asked(till, card)
        let pin = proof == "ID" ? card.pin : "808080"
        #expect(try till.sell(answer(card, challenge, proof, pin: pin)).code == "00")
        #expect(try bench.lastSale().proof == (proof == "ID" ? .identityDocument : .transactionPassword))
        #expect(try bench.card(card).challenge == nil)
        // One use.
        #expect(try till.sell(answer(card, challenge, proof, pin: pin)).code == "05")
        try bench.check()
    }

    @Test("a wrong password declines, uses the challenge up and counts as no PIN try")
    func wrongPassword() throws {
        let bench = try Bench(rules: Self.rules)
        let till = try bench.till()
        let card = try bench.card(password: "808080")
        let challenge = try asked(till, card)
        #expect(try till.sell(answer(card, challenge, "PW", pin: "808081")).code == "05")
        #expect(try bench.card(card).wrongPINs == 0)
        #expect(try till.sell(answer(card, challenge, "PW", pin: "808080")).code == "05")
        #expect(try bench.available(card) == 100_000_00)
    }

    @Test("the PIN is no password, the password no PIN, and no password was agreed with everybody")
    func notEachOther() throws {
        let bench = try Bench(rules: Self.rules)
        let till = try bench.till()
        let card = try bench.card(password: "808080")
        let plain = try bench.card(2)
        #expect(try till.sell(answer(card, try asked(till, card), "PW", pin: card.pin)).code == "05")
        #expect(try till.sell(answer(card, try asked(till, card), "ID", pin: "808080")).code == "55")
        #expect(try till.sell(answer(plain, try asked(till, plain), "PW", pin: plain.pin)).code == "05")
        #expect(try bench.card(plain).wrongPINs == 0)
        #expect(try till.sell(answer(card, try asked(till, card), "PW", pin: nil)).code == "05")
    }

    enum Other: CaseIterable { case card, terminal, amount, later, reference }

    @Test("a challenge holds for its card, terminal, amount and 120 seconds only", arguments: Other.allCases)
    func bound(other: Other) throws {
        let bench = try Bench(rules: Self.rules)
        let till = try bench.till()
        let second = try bench.till("TILL0002")
        let card = try bench.card(password: "808080")
        let stranger = try bench.card(2, password: "808080")
        let challenge = try asked(till, card)
        var sale = answer(card, challenge, "PW", pin: "808080")
        var at = till
        switch other {
        case .card: sale.card = stranger
        case .terminal: at = second
        case .amount: sale.amount = 250_01
        case .later: bench.wait(.seconds(120))
        case .reference: sale.challenge = "S999999"
        }
        #expect(try at.sell(sale).code == "05")
        #expect(try bench.available(card) == 100_000_00)
        #expect(try bench.available(stranger) == 100_000_00)
    }

    @Test("119 seconds are in time")
    func inTime() throws {
        let bench = try Bench(rules: Self.rules)
        let till = try bench.till()
        let card = try bench.card(password: "808080")
        let challenge = try asked(till, card)
        bench.wait(.seconds(119))
        #expect(try till.sell(answer(card, challenge, "PW", pin: "808080")).code == "00")
    }

    @Test("a proof that the rule does not take is refused", arguments: [("id_document", "PW"), ("password", "ID")])
    func unaccepted(rule: String, proof: String) throws {
        let goods = "WINE"
        let bench = try Bench(rules: "rule one { when goods in [WINE] then require \(rule) }")
        let till = try bench.till()
        let card = try bench.card(password: "808080")
        let challenge = try asked(till, card, goods)
        let pin = proof == "ID" ? card.pin : "808080"
        let reply = try till.sell(answer(card, challenge, proof, pin: pin, goods: goods))
        #expect(reply.code == "1A" && reply.reference != challenge)
        let right = proof == "ID" ? "PW" : "ID"
        let again = answer(
            card, try require(reply.reference), right, pin: right == "ID" ? card.pin : "808080", goods: goods)
        #expect(try till.sell(again).code == "00")
    }

    @Test("a pass lifts the referral, and the proof must still be one that the rule behind it takes")
    func passAndProof() throws {
        let bench = try Bench(
            rules: """
                rule big { when amount >= 200.00 EUR then refer hold 15m as callIssuer, ask cardholder }
                rule wine { when goods in [WINE] then require id_document }
                """)
        let till = try bench.till()
        let card = try bench.card(password: "808080")
        #expect(try till.sell(SaleSpec(card, 250_00, pin: card.pin, goods: "WINE")).code == "01")
        try bench.submit(.confirmCase(CaseID(1), factor: true), by: Bench.carol)
        let challenge = try asked(till, card, "WINE")
        let again = try till.sell(answer(card, challenge, "PW", pin: "808080", goods: "WINE"))
        #expect(again.code == "1A")
        #expect(try bench.available(card) == 100_000_00)
        let document = answer(card, try require(again.reference), "ID", pin: card.pin, goods: "WINE")
        #expect(try till.sell(document).code == "00")
        try bench.check()
    }

    @Test("the follow-up runs every rule and check again")
    func everythingAgain() throws {
        let bench = try Bench(rules: Self.rules)
        let till = try bench.till()
        let card = try bench.card(password: "808080", balance: 300_00)
        var challenge = try asked(till, card)
        #expect(try till.sell(answer(card, challenge, "PW", pin: "808080", goods: "SPIRITS")).code == "57")
        challenge = try asked(till, card)
        #expect(try till.sell(SaleSpec(card, 100_00, pin: card.pin)).code == "00")
        #expect(try till.sell(answer(card, challenge, "PW", pin: "808080")).code == "51")
        challenge = try asked(till, card)
        try bench.submit(.freeze(card.account), by: Bench.carol)
        #expect(try till.sell(answer(card, challenge, "PW", pin: "808080")).code == "62")
        try bench.check()
    }

    @Test(
        "a proof without a challenge, a challenge without a proof and strange ones are no sale",
        arguments: [
            ("S1", nil), ("S1", "XX"), ("T1", "PW"), ("S", "PW"), ("S-1", "PW"), ("S99999999999999999999", "PW"),
        ] as [(String, String?)])
    func malformed(challenge: String, proof: String?) throws {
        let bench = try Bench(rules: Self.rules)
        let till = try bench.till()
        let card = try bench.card(password: "808080")
        let before = bench.digest
        let reply = try till.sell(SaleSpec(card, 250_00, pin: card.pin, challenge: challenge, proof: proof))
        #expect(reply.code == "30" && !reply.isSealed)
        #expect(bench.digest == before)
    }

    @Test("a password typed for no challenge tells nothing of whether it is right")
    func noOracle() throws {
        let bench = try Bench(rules: Self.rules)
        let till = try bench.till()
        let card = try bench.card(password: "808080")
        let right = try till.sell(answer(card, "S1", "PW", pin: "808080"))
        let wrong = try till.sell(answer(card, "S1", "PW", pin: "000000"))
        let pin = try till.sell(answer(card, "S1", "ID", pin: card.pin))
        let noPIN = try till.sell(answer(card, "S1", "ID", pin: "0000"))
        #expect([right, wrong, pin, noPIN].map(\.code) == ["05", "05", "05", "05"])
    }
}
