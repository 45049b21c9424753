// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Row {
    static let m1 = Row(
        "M1", "The module handles PINs: encryption, key management, authentication", in: .bank
    ) { stage in
        let analyst = try stage.logIn("desk1")
        let card = DemoEstate.card(1)
        let start = try analyst.available(card.account)
        for (till, profile) in [(DemoEstate.till(1), "tdes"), (DemoEstate.till(2), "aes")] {
            let module = try stage.module(till)
            stage.came("module of \(till.id): \(module.summary), \(module.profile)")
            try stage.expect(
                module.profile == profile, "the key profile \(profile) at \(till.id)", seen: module.profile)
            try stage.expect(
                module.hasLease, "\(till.id) signed on: host and module have proved themselves",
                seen: module.summary)
            let right = try stage.approvedSale(at: till, card, 60_00, why: "the PIN is right")
            try stage.declinedSale(at: till, card, 60_00, "55", pin: .digits("0000"), why: "the PIN is wrong")
            try stage.declinedSale(at: till, card, 60_00, "70", pin: .none, why: "60.00 EUR need a PIN")
            try stage.approvedSale(at: till, card, 60_00, why: "the PIN is right again")
            stage.fact(
                "\(till.id) (\(profile.uppercased()) DUKPT): right PIN approved \(right.code), wrong PIN 55, no PIN 70")
        }
        // The desk's pages follow the journal: they show the last sale a moment later.
        let before = start - 4 * 60_00
        try stage.wait(
            for: "four sales in the account", seen: { (try? "\(analyst.available(card.account))") ?? "none" }
        ) {
            try analyst.available(card.account) == before ? true : nil
        }
        for (trace, till) in [DemoEstate.till(1), DemoEstate.till(2)].enumerated() {
            let code = try stage.forge(at: till, with: card, cents: 60_00, trace: 990_001 + trace)
            try stage.expect(code == "TM", "TM for a message without \(till.id)'s keys", seen: code ?? "no answer")
        }
        let after = try analyst.available(card.account)
        try stage.expect(before == after, "the account untouched by forged messages", seen: "\(before) then \(after)")
        stage.fact("a purchase sent without the module's MAC in either terminal's name: TM, no money moved")
        return .works
    }
}
