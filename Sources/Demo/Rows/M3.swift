// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Row {
    static let m3 = Row(
        "M3", "Warns when the module is loose, not activated or not updated, incompatible", in: .halting
    ) { stage in
        let desk = try stage.logIn("oper1")
        let faults = [("loose", "L01", 4), ("notActivated", "A01", 5), ("incompatible", "C02", 6)]
        for (fault, _, number) in faults {
            let till = DemoEstate.till(number)
            try stage.approvedSale(at: till, DemoEstate.card(number), 5_00, pin: .none, why: "nothing is wrong yet")
            try stage.fault(fault, at: till)
        }
        // A lost link shows after three heartbeats without an answer; the other two in the same step.
        for (fault, code, number) in faults.reversed() {
            let till = DemoEstate.till(number)
            let screen = try stage.wait(for: "\(code) on \(till.id)'s screen", seconds: 15) {
                let screen = try stage.screen(till)
                return screen.warnings.contains(code) ? screen : nil
            }
            stage.came("\(till.id) shows “\(screen.english)”, warnings \(screen.warnings.joined(separator: " "))")
            let view = try stage.deskHears(code, of: till, desk)
            try stage.expect(view.lifecycle == "HALTED", "\(till.id) HALTED at the desk", seen: view.summary)
            try stage.refusedSale(at: till, DemoEstate.card(number), 5_00)
            let title = view.warnings.first { $0.code == code }?.title ?? ""
            stage.fact("\(fault) → \(code) \(title) on \(till.id) and at the desk, no sale any more")
        }
        return .works
    }
}
