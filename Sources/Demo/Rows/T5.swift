// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Row {
    static let t5 = Row(
        "T5", "Action: pause and ask to call the issuer; decline; ask for more proof", in: .bank
    ) { stage in
        let analyst = try stage.logIn("desk1")
        let card = DemoEstate.card(5)
        try t5StepUp(stage, card)

        let referred = try stage.spread(card, at: 3)
        // The cardholder calls and quotes the reference; the analyst calls back and confirms.
        let found = try stage.openCase(card.account, rule: "large_amounts_spread", analyst)
        try stage.expect(
            found.reference == referred.reference, "the case by the quoted reference",
            seen: "\(referred.reference), not \(found.reference)")
        let unverified = try analyst.act("/cases/\(found.id)/confirm")
        try stage.expect(
            unverified.status == 400, "no confirmation of a caller nobody has verified",
            seen: "\(unverified.status)")
        let confirmed = try analyst.act("/cases/\(found.id)/confirm", ["calledBack": "yes"])
        try stage.expect(confirmed.status == 200, "the analyst's confirmation", seen: "\(confirmed.status)")
        try stage.approvedSale(at: DemoEstate.till(3), card, 310_00, why: "the cardholder has confirmed it")
        try stage.declinedSale(at: DemoEstate.till(3), card, 310_00, "01", why: "the confirmation was for one purchase")
        stage.fact("refer: 01 with \(referred.reference), confirmed after a call-back, approved once and only once")
        return .works
    }

    private static func t5StepUp(_ stage: Stage, _ card: TestCard) throws {
        func challenge(_ till: Till) throws -> String {
            let screen = try stage.declinedSale(at: till, card, 250_00, "1A", why: "restricted goods")
            guard let challenge = screen.challenge else {
                throw Unmet(expected: "a challenge", seen: screen.summary)
            }
            return challenge
        }
        let (tobacconist, jeweller) = (DemoEstate.till(4), DemoEstate.till(5))
        let document = Proof(challenge: try challenge(tobacconist), method: "identityDocument")
        try stage.approvedSale(
            at: tobacconist, card, 250_00, proof: document, why: "the clerk has seen the identity document")
        try stage.declinedSale(
            at: tobacconist, card, 250_00, "05", proof: document, why: "a challenge is good for one answer")
        stage.fact("step-up: 1A, then approved with the identity document; the challenge is good once")

        let wrong = Proof(challenge: try challenge(jeweller), method: "transactionPassword")
        try stage.declinedSale(
            at: jeweller, card, 250_00, "05", pin: .digits("808081"), proof: wrong, why: "decline: a wrong password")
        let right = Proof(challenge: try challenge(jeweller), method: "transactionPassword")
        try stage.approvedSale(
            at: jeweller, card, 250_00, pin: .digits(DemoEstate.transactionPassword), proof: right,
            why: "the transaction password, typed on the keypad")
        stage.fact("a wrong transaction password is declined with 05, the right one on the keypad approved")
    }
}
