// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Row {
    static let t3 = Row(
        "T3", "Trigger: several large amounts at different terminals; too frequent use", in: .bank
    ) { stage in
        let analyst = try stage.logIn("desk1")
        let large = try stage.spread(DemoEstate.card(3), at: 3)
        let found = try stage.openCase(3, rule: "large_amounts_spread", analyst)
        try stage.expect(
            found.reference == large.reference, "the reference of the case on the terminal's display",
            seen: "\(large.reference) and \(found.reference)")
        let why = try analyst.json("/api/cases/\(found.id)")["explanation"]?["rules"]?.array ?? []
        let figure = why.first { $0["id"]?.string == "large_amounts_spread" }?["because"]?.array?.first
        try stage.expect(
            figure?["value"]?.integer == 3 && figure?["limit"]?.integer == 3,
            "the rule's figures: 3 of 3 terminals", seen: figure?.text ?? "none")
        stage.came("desk: \(figure?.text ?? "")")
        stage.fact("310.00 EUR at two terminals approved, at the third 01 with \(found.reference)")
        stage.fact("the case explains itself: large_terminals 3 >= 3 within 1h")

        let busy = DemoEstate.card(1)
        for till in DemoEstate.tills.prefix(5) {
            try stage.approvedSale(at: till, busy, 4_00, pin: .none, why: "fewer than six terminals")
        }
        let last = try stage.declinedSale(
            at: DemoEstate.till(6), busy, 4_00, "01", pin: .none, why: "six terminals in an hour")
        let frequent = try stage.openCase(busy.account, rule: "many_terminals", analyst)
        try stage.expect(
            frequent.reference == last.reference, "the reference of that case on the display",
            seen: "\(last.reference) and \(frequent.reference)")
        stage.fact("4.00 EUR at five terminals approved, at the sixth 01 with \(frequent.reference) by many_terminals")
        return .works
    }
}

extension Stage {
    /// Large purchases at the terminals 1 to `last`; the last must be referred to the issuer.
    func spread(_ card: TestCard, at last: Int) throws -> Screen {
        for number in 1..<last {
            try approvedSale(at: DemoEstate.till(number), card, 310_00, why: "large, but at fewer than three terminals")
        }
        let till = DemoEstate.till(last)
        let screen = try declinedSale(at: till, card, 310_00, "01", why: "large, at three terminals within minutes")
        try expect(!screen.reference.isEmpty, "a reference to quote", seen: screen.summary)
        return screen
    }
}
