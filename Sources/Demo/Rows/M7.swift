// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Row {
    static let m7 = Row("M7", "Maintenance: software updates, security checks", in: .repairing) { stage in
        let first = try stage.logIn("oper1")
        let second = try stage.logIn("oper2")
        let till = DemoEstate.till(2)
        let before = try stage.module(till)
        try stage.expect(before.selfTestNumber > 0, "a self-test passed at power-up", seen: "\(before.selfTestNumber)")
        try stage.fault("selfTest", at: till)
        let broken = try stage.module(till)
        try stage.expect(
            broken.selfTestNumber == before.selfTestNumber && broken.warnings.contains("H01"),
            "no pass of a broken algorithm unit", seen: "number \(broken.selfTestNumber), \(broken.summary)")
        try stage.refusedSale(at: till, DemoEstate.card(2), 5_00)
        try stage.fault("selfTest", at: till, repair: true)
        _ = try stage.recover(till, first, second)
        let after = try stage.module(till)
        try stage.expect(
            after.selfTestNumber > before.selfTestNumber, "a self-test passed since",
            seen: "\(before.selfTestNumber) then \(after.selfTestNumber)")
        try stage.approvedSale(at: till, DemoEstate.card(2), 5_00, pin: .none, why: "the self-test has passed")
        stage.came("module of \(till.id): self-test \(before.selfTestNumber), failed, then \(after.selfTestNumber)")
        stage.fact(
            "self-tests run: number \(before.selfTestNumber) at power-up, none while the algorithm unit was broken, "
                + "\(after.selfTestNumber) after the repair; no sale in between")
        return .notYet("maintenance schedules and signed updates are not built")
    }
}
