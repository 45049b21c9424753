// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Row {
    static let t6 = Row("T6", "The cardholder tells the issuer in advance", in: .bank) { stage in
        let analyst = try stage.logIn("desk1")
        let card = DemoEstate.card(6)
        let key = try analyst.cardKey(of: card)
        let answer = try analyst.addNotice(card, key, amount: "400.00")
        try stage.expect(answer.status == 200, "the notice taken", seen: "\(answer.status)")
        for number in 1...3 {
            try stage.approvedSale(at: DemoEstate.till(number), card, 310_00, why: "announced to the issuer")
        }
        stage.fact("a notice of purchases up to 400.00 EUR: 310.00 EUR at three terminals approved")
        // The same pattern beyond what was announced.
        let beyond = try stage.declinedSale(at: DemoEstate.till(3), card, 410_00, "01", why: "more than was announced")
        let found = try stage.openCase(card.account, rule: "large_amounts_spread", analyst)
        try stage.expect(found.reference == beyond.reference, "its case", seen: "\(found.reference)")
        stage.fact("410.00 EUR, not covered by it: 01 with \(beyond.reference)")
        return .works
    }
}

extension Visitor {
    /// The key of a card on its account's page.
    func cardKey(of card: TestCard) throws -> String {
        let page = try get("/accounts/\(card.account)").body
        guard let options = Page.part(from: "<select name=\"card\"", to: "</select>", in: page),
            let key = Page.values(of: "value", in: options).first
        else { throw Unmet(expected: "the card on the page of account \(card.account)", seen: "none") }
        return key
    }

    func addNotice(_ card: TestCard, _ key: String, amount: String) throws -> WebAnswer {
        try act("/accounts/\(card.account)/notice", ["card": .string(key), "amount": .string(amount), "days": 7])
    }
}
