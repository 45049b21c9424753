// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Row {
    static let m4 = Row(
        "M4", "On a warning: stop the POS at once, halt all transactions", in: .halting
    ) { stage in
        let desk = try stage.logIn("oper1")
        let analyst = try stage.logIn("desk1")
        let card = DemoEstate.card(1)

        // A sale is on when the case is opened.
        let opened = DemoEstate.till(1)
        try stage.approvedSale(at: opened, card, 60_00, why: "nothing is wrong yet")
        stage.sent("\(opened.id) sells for \(money(70_00)); the keypad is open, two digits are in")
        let waiting = try stage.begin(at: opened, card, 70_00, pin: true)
        try stage.expect(waiting.phase == "pin", "the keypad open", seen: waiting.phase)
        try stage.press(card.pin.prefix(2).map { String($0) }, at: opened)
        let screen = try stage.fault("tamper", at: opened)
        try stage.expect(
            screen.phase == "halted" && screen.isHalted, "the sale ended and the terminal halted in that step",
            seen: "\(screen.phase), \(screen.summary)")
        try stage.press(card.pin.dropFirst(2).map { String($0) } + ["enter"], at: opened)
        stage.fact("a sale at its PIN when the case was opened: refused in the same step")

        let module = try stage.module(opened)
        stage.came("module of \(opened.id): \(module.summary)")
        try stage.expect(
            module.state == "tampered" && module.isZeroised && !module.hasLease,
            "the module to refuse: tampered, without keys and lease", seen: module.summary)
        stage.fact("module: tampered, keys zeroised, no lease")

        try stage.refusedSale(at: opened, card, 5_00)
        stage.fact("terminal: refuses the next sale itself, the host gets nothing")

        let view = try stage.deskHears("T01", of: opened, desk)
        try stage.expect(view.lifecycle == "TAMPERED" && !view.isTrading, "TAMPERED at the host", seen: view.summary)
        let before = try analyst.available(card.account)
        let code = try stage.forge(at: opened, with: card, cents: 70_00, trace: 990_011)
        try stage.expect(code != nil && code != "00", "no approval for a stranger in its name", seen: code ?? "nothing")
        let after = try analyst.available(card.account)
        try stage.expect(before == after, "no money moved", seen: "\(before) then \(after)")
        stage.fact("host: \(opened.id) is TAMPERED; an unauthenticated 0200 in its name got \(code ?? "")")

        try m4HostAlone(stage, desk)

        let failed = DemoEstate.till(3)
        try stage.fault("selfTest", at: failed)
        let halted = try stage.deskHears("H01", of: failed, desk)
        try stage.expect(halted.lifecycle == "HALTED", "HALTED at the host", seen: halted.summary)
        try stage.refusedSale(at: failed, DemoEstate.card(3), 5_00)
        stage.fact("a failed self-test: \(failed.id) refuses, HALTED at the host")
        return .works
    }

    /// The host's word alone: module and terminal find nothing wrong, and the sale is sent, and authentic.
    private static func m4HostAlone(_ stage: Stage, _ desk: Visitor) throws {
        let till = DemoEstate.till(2)
        try stage.approvedSale(at: till, DemoEstate.card(2), 5_00, pin: .none, why: "nothing is wrong yet")
        let answer = try desk.act("/terminals/\(till.id)/suspend")
        try stage.expect(answer.status == 200, "the desk to stop \(till.id)", seen: "\(answer.status)")
        let module = try stage.module(till)
        let phase = try stage.screen(till).phase
        try stage.expect(
            module.state == "ready" && module.hasLease && phase == "ready",
            "module and terminal to find nothing wrong", seen: "\(module.summary), \(phase)")
        try stage.declinedSale(at: till, DemoEstate.card(2), 5_00, "TA", pin: .none, why: "the host refuses alone")
        stage.fact(
            "the host alone: \(till.id) stopped at the desk, module and terminal ready, its authentic sale got TA")
    }
}
