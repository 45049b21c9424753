// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Row {
    static let m6 = Row(
        "M6", "Handling: check module, activate or update, compatibility, software, remote diagnosis", in: .repairing
    ) { stage in
        let first = try stage.logIn("oper1")
        let second = try stage.logIn("oper2")
        let loose = DemoEstate.till(4)
        try stage.fault("loose", at: loose)
        for (fault, code, number) in [("selfTest", "H01", 1), ("notActivated", "A01", 5), ("incompatible", "C02", 3)] {
            try m6Walk(stage, fault, code, DemoEstate.till(number), first, second)
        }
        try m6Walk(stage, "loose", "L01", loose, first, second, isMade: true)
        return .notYet("POS software update and remote diagnosis are not built")
    }

    /// Fault → warning → mended by a technician → cleared as the catalogue says → signed on → trading.
    private static func m6Walk(
        _ stage: Stage, _ fault: String, _ code: String, _ till: Till, _ first: Visitor, _ second: Visitor,
        isMade: Bool = false
    ) throws {
        if !isMade { try stage.fault(fault, at: till) }
        try stage.deskHears(code, of: till, first)
        try stage.refusedSale(at: till, DemoEstate.card(1), 5_00)
        try stage.fault(fault, at: till, repair: true)
        let people = try stage.recover(till, first, second)
        try stage.approvedSale(at: till, DemoEstate.card(1), 5_00, pin: .none, why: "the runbook was walked")
        let cleared = people.isEmpty ? "cleared by proof" : "cleared by \(people.joined(separator: ", "))"
        stage.fact("\(fault) \(code): mended, \(cleared), signed on, trades again")
    }
}

extension Stage {
    /// Clears at the desk what people may clear, until the terminal trades again.
    /// - Returns: the codes and who cleared them.
    func recover(_ till: Till, _ first: Visitor, _ second: Visitor) throws -> [String] {
        var people: [String] = []
        var last = ""
        try wait(for: "\(till.id) to trade again", seconds: 40, every: 200, seen: { last }) { () -> Bool? in
            let view = try first.terminal(till)
            last = view.summary
            for warning in view.warnings where view.open.contains(warning.code) {
                let wanted = warning.clearance == "R1" ? 1 : warning.clearance == "D2" ? 2 : 0
                for visitor in [first, second].prefix(wanted).dropFirst(warning.clearedBy.count) {
                    let note = "\(warning.code) \(visitor.name)"
                    guard !people.contains(note) else { continue }
                    let answer = try visitor.act("/terminals/\(till.id)/warnings/\(warning.code)/clear")
                    try expect(
                        answer.status == 200, "\(visitor.name)'s clearance of \(warning.code)",
                        seen: "\(answer.status)")
                    people.append(note)
                }
            }
            return try view.isTrading && screen(till).phase == "ready" ? true : nil
        }
        came("\(till.id) has signed on and is ready")
        return people
    }
}
