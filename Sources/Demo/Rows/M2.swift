// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Row {
    /// Faults, in an order that leaves each terminal able to find the next: the last of a terminal is for good.
    private static let m2Faults: [(fault: String, code: String, till: Int)] = [
        ("battery", "H05", 1), ("missingKey", "K02", 1), ("temperature", "H06", 2), ("selfTest", "H01", 2),
        ("random", "H02", 2), ("tamper", "T01", 3), ("mesh", "T01", 4), ("batteryEmpty", "T02", 5),
        ("overheat", "T02", 6),
    ]

    static let m2 = Row(
        "M2", "Warns on hardware fault, software error, key compromise, tampering", in: .breaking
    ) { stage in
        let desk = try stage.logIn("oper1")
        let known = try stage.bench(["op": "faults"])["faults"]?.array?.compactMap(\.string) ?? []
        for entry in m2Faults {
            let till = DemoEstate.till(entry.till)
            try stage.expect(
                known.contains(entry.fault), "the fault \(entry.fault) on the bench",
                seen: known.joined(separator: " "))
            let before = try desk.terminal(till)
            try stage.expect(
                !before.warnings.contains { $0.code == entry.code }, "no \(entry.code) before the fault",
                seen: before.summary)
            let screen = try stage.fault(entry.fault, at: till)
            try stage.expect(
                screen.warnings.contains(entry.code), "\(entry.code) on \(till.id)'s screen in the same step",
                seen: screen.warnings.joined(separator: " "))
            let module = try stage.module(till)
            try stage.expect(
                module.warnings.contains(entry.code), "\(entry.code) in the module's own status",
                seen: module.summary)
            let view = try stage.deskHears(entry.code, of: till, desk, mayBeOver: true)
            let title = view.warnings.first { $0.code == entry.code }?.title ?? ""
            try stage.expect(!title.isEmpty, "a title for \(entry.code) at the desk", seen: "none")
            if entry.code.hasPrefix("T") {
                try stage.expect(view.lifecycle == "TAMPERED", "\(till.id) TAMPERED at the desk", seen: view.summary)
                try stage.expect(module.isZeroised, "the module's keys zeroised", seen: module.summary)
            }
            if entry.fault == "temperature" { try stage.fault(entry.fault, at: till, repair: true) }
            stage.fact("\(entry.fault) → \(entry.code) \(title)")
        }
        stage.fact("each on the terminal's screen, in the module's status and at the estate desk")
        return .notYet("the bench can make no software error, so none of S01 to S06 was seen")
    }
}
