// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Row {
    static let m5 = Row(
        "M5", "Report to the bank, get support; never repair it yourself", in: .repairing
    ) { stage in
        let till = DemoEstate.till(6)
        let page = "/terminals/\(till.id)"
        let clear = "\(page)/warnings/H02/clear"
        let desk = try stage.logIn("oper1")
        let merchant = try stage.logIn("shop1")

        try stage.fault("random", at: till)
        let view = try stage.deskHears("H02", of: till, desk)
        let title = view.warnings.first { $0.code == "H02" }?.title ?? "?"
        let html = try desk.get(page).body
        let steps = Page.part(from: "H02 \(title)", to: "</article>", in: html).map { warning in
            warning.split(separator: "<li>").count - 1
        }
        try stage.expect((steps ?? 0) >= 4, "H02 with its runbook on the desk's page", seen: "\(steps ?? 0) steps")
        try stage.expect(html.contains(clear), "a way for the operator to clear it", seen: "none on the page")
        stage.came("desk: page of \(till.id) shows H02 \(title) with a runbook of \(steps ?? 0) steps")
        stage.fact("H02 reached the desk with a runbook of \(steps ?? 0) steps")

        let shown = try merchant.get(page)
        try stage.expect(
            shown.status == 200 && shown.body.contains("H02"), "the warning on the merchant's page",
            seen: "\(shown.status)")
        try stage.expect(
            !shown.body.contains("/clear"), "nothing to clear it with on the merchant's page", seen: "a form")
        let byProgram = try merchant.act(clear)
        try stage.expect(byProgram.status == 403, "403 for the merchant", seen: "\(byProgram.status)")
        let byForm = try merchant.submit(clear, [])
        try stage.expect(byForm.status == 403, "403 for the merchant's form", seen: "\(byForm.status)")
        stage.fact("the merchant sees it, has no button, and gets 403 for both ways of clearing")

        try m5Hands(stage, till)
        let last = try desk.terminal(till)
        try stage.expect(last.open.contains("H02"), "H02 still open at the desk", seen: last.summary)
        stage.fact("keys, cancel, a sale and a mended fault at the terminal cleared nothing")

        let cleared = try desk.act(clear)
        try stage.expect(cleared.status == 200, "the operator's clearance", seen: "\(cleared.status)")
        let by = try desk.terminal(till).warnings.first { $0.code == "H02" }?.clearedBy ?? []
        try stage.expect(
            by.contains { $0.lowercased() == "oper1" }, "oper1 named for it", seen: by.joined(separator: " "))
        stage.fact("the operator's clearance is taken and named")
        return .works
    }

    /// Whatever hands at the terminal can do.
    private static func m5Hands(_ stage: Stage, _ till: Till) throws {
        try stage.press(["1", "enter", "clear", "cancel"], at: till)
        try stage.cancel(at: till)
        let unknown = try stage.bench(["op": "clear", "terminal": .string(till.id), "warning": "H02"])
        try stage.expect(unknown["error"]?.string != nil, "no operation of the bench that clears", seen: unknown.text)
        try stage.fault("random", at: till, repair: true)
        // Long enough for the terminal to sign on again, if anything let it.
        stage.pause(2_500)
        try stage.refusedSale(at: till, DemoEstate.card(6), 5_00)
        let module = try stage.module(till)
        try stage.expect(module.warnings.contains("H02"), "H02 still open in the module", seen: module.summary)
    }
}
