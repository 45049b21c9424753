// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Row {
    static let t2 = Row("T2", "Trigger: several wrong PINs in a short time", in: .bank) { stage in
        let analyst = try stage.logIn("desk1")
        let till = DemoEstate.till(2)
        let card = DemoEstate.card(8)
        try stage.approvedSale(at: till, card, 10_00, why: "the PIN is right")
        for number in 1...2 {
            try stage.declinedSale(at: till, card, 10_00, "55", pin: .digits("0000"), why: "wrong PIN number \(number)")
        }
        try stage.declinedSale(at: till, card, 10_00, "62", pin: .digits("0000"), why: "the third wrong PIN")
        let found = try stage.openCase(card.account, rule: "wrong_pin_burst", analyst)
        try stage.declinedSale(at: till, card, 10_00, "62", why: "the card is locked")
        try stage.declinedSale(at: DemoEstate.till(3), card, 10_00, "62", why: "locked at every terminal")
        stage.fact(
            "55, 55, then 62; case \(found.reference) by wrong_pin_burst; the right PIN is refused with 62 since")
        return .works
    }
}
