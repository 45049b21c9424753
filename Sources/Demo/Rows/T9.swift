// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Row {
    static let t9 = Row("T9", "Check statements for unauthorised transactions", in: .bank) { stage in
        let analyst = try stage.logIn("desk1")
        let card = DemoEstate.card(2)
        let amounts = [18_40, 7_60]
        for cents in amounts {
            try stage.approvedSale(at: DemoEstate.till(1), card, cents, pin: .none, why: "an ordinary purchase")
        }
        let page = try stage.wait(for: "both purchases on the statement") { () -> String? in
            let page = try analyst.get("/accounts/\(card.account)").body
            return amounts.allSatisfy { page.contains(String(money($0).dropLast(4))) } ? page : nil
        }
        try stage.expect(page.contains("Corner Grocery"), "the merchant's name on the statement", seen: "none")
        stage.came("statement of account \(card.account): both amounts with their merchant")

        let lines = try analyst.json("/api/accounts/\(card.account)")["lines"]?.array ?? []
        let line = lines.first { $0["decision"]?["amount"]?["minorUnits"]?.integer == 18_40 }?["line"]?.integer ?? 0
        let offered = Page.part(from: "/accounts/\(card.account)/dispute", to: "</form>", in: page) != nil
        try stage.expect(offered && line > 0, "“not me” beside the lines", seen: offered ? "no line" : "no form")
        let before = try analyst.cases().count { $0.isDispute && $0.account == Int64(card.account) }
        let answer = try analyst.submit("/accounts/\(card.account)/dispute", [Pair("line", "\(line)")])
        try stage.expect(answer.status == 303, "“not me” taken", seen: "\(answer.status)")
        let found = try stage.wait(for: "a dispute case") {
            let cases = try analyst.cases().filter { $0.isDispute && $0.account == Int64(card.account) }
            return cases.count > before ? cases.first : nil
        }
        let disputed = try analyst.json("/api/accounts/\(card.account)")["lines"]?.array?.first {
            $0["line"]?.integer == line
        }
        try stage.expect(
            disputed?["disputedBy"]?.integer == found.id, "the line marked as disputed",
            seen: disputed?["disputedBy"]?.text ?? "no line")
        stage.came("desk: dispute \(found.reference)")
        stage.fact("both purchases on the statement; “not me” on one opened dispute \(found.reference)")
        return .works
    }
}
