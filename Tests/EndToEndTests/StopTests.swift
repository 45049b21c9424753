// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import ISO8583
import ModuleProtocol
import SecurityModule
import Terminal
import Testing
import Vocabulary

/// On a warning the module refuses, the terminal halts and the host refuses: each alone, and all together.
@Suite("Stopping on a warning")
struct StopTests {
    static let faults: [HardwareFault] = [.tamper, .selfTest, .missingKey, .notActivated, .incompatible, .loose]

    /// Terminal and host are out of the way: the module is asked directly, as a POS application that ignores
    /// everything would.
    @Test(
        "the module alone: it opens no keypad, encrypts no PIN and protects no sale", arguments: faults,
        KeyProfile.dukpt)
    func moduleAlone(fault: HardwareFault, profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill.trading(bank, profile)
        // A PIN typed before the fault is gone with it.
        guard case .status = till.ask(.beginPINEntry) else { throw Missing() }
        if fault == .loose {
            // The module itself sees a loose connector once it has lost contact more than three times.
            for _ in 0..<4 {
                till.change { $0.apply(.loose) }
                till.change { $0.repair(.loose) }
            }
        } else {
            till.change { $0.apply(fault) }
        }
        #expect(till.status.openWarnings.contains(fault.warning))
        for withPIN in [true, false] {
            let (bytes, holes) = try till.message(pin: withPIN)
            let reply = till.ask(.protect(purpose: .authorisation, message: bytes, holes: holes, pan: card.data.pan))
            guard case .refused = reply else {
                Issue.record("\(fault) with\(withPIN ? "" : "out") PIN: \(reply)")
                continue
            }
        }
        guard case .refused = till.ask(.beginPINEntry) else { throw Missing() }
        #expect(till.status.keypadCount == nil)
    }

    /// The module lies that it is ready, and the line loses whatever would tell the host.
    @Test(
        "the terminal alone: under an open warning it sends no sale, whatever the module's state claims",
        arguments: faults)
    func terminalAlone(fault: HardwareFault) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill.trading(bank, .aes)
        #expect(till.sell(card, 10_00)?.isApproved == true)
        till.losesMessages = true
        if fault == .loose {
            till.fire(.moduleLost)
        } else {
            till.forge = { reply in
                guard case .status(var status) = reply else { return reply }
                status.state = .ready
                status.lifecycle = .active
                status.openWarnings = [RaisedWarning(fault.warning)]
                return .status(status)
            }
            till.wait(.seconds(3))
        }
        let sales = till.sent.count { $0 == .financialRequest }
        guard case .refused(.halted(let warnings))? = till.sell(card, 10_00) else { throw Missing() }
        #expect(warnings == [fault.warning])
        till.wait(.minutes(1))
        #expect(till.sent.count { $0 == .financialRequest } == sales)
        // The host knows nothing of it and would approve.
        #expect(try bank.terminal(till.id).lifecycle == .active && bank.terminal(till.id).warnings.isEmpty)
    }

    struct Course: Sendable, CustomTestStringConvertible {
        let fault: HardwareFault
        /// What the estate's desk reads first.
        let reported: WarningCode
        /// Who gives which clearances once it is repaired.
        var clearances: [(WarningCode, Principal)] = []
        var comesBack = true
        var testDescription: String { fault.rawValue }
    }

    static let courses: [Course] = [
        Course(fault: .selfTest, reported: .h01),
        Course(fault: .missingKey, reported: .k02, clearances: [(.k02, Bank.alice)]),
        Course(fault: .notActivated, reported: .a01, clearances: [(.a01, Bank.alice)]),
        Course(fault: .incompatible, reported: .c02),
        Course(fault: .loose, reported: .l01),
        Course(fault: .temperature, reported: .h06),
        Course(fault: .random, reported: .h02, clearances: [(.h02, Bank.bob)]),
        Course(fault: .tamper, reported: .t01, comesBack: false),
        Course(fault: .overheat, reported: .t02, comesBack: false),
    ]

    /// The warnings that a report opens.
    private static func raised(by record: HostRecord) -> [WarningCode] {
        switch record.body {
        case .report(let change, _), .estate(let change):
            if case .reported(_, _, let raised, _) = change { return raised.codes }
            return []
        default: return []
        }
    }

    @Test(
        "all together: the fault is found, reported, halts everywhere, and is cleared by whom the catalogue says",
        arguments: courses, KeyProfile.dukpt)
    func course(course: Course, profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill.trading(bank, profile)
        #expect(till.sell(card, 10_00)?.isApproved == true)
        let start = bank.records.count
        till.change { $0.apply(course.fault) }
        till.wait(.seconds(10))

        // Right after the report the estate halts the terminal under the right code.
        let report = try require(
            bank.records.indices.dropFirst(start).first { index in
                Self.raised(by: bank.records[index]).isEmpty == false
            })
        let informed = try bank.host(after: report + 1)
        let known = try require(informed.estate.terminals[till.id])
        #expect(known.warnings.map(\.code).contains(course.reported))
        #expect(informed.estate.refusal(of: known, claims: nil, now: bank.now) != nil)
        #expect(known.haltingWarning != nil)

        guard case .refused? = till.sell(card, 10_00) else { throw Missing() }
        #expect(try bank.available(card) == 990_00)

        till.change { $0.repair(course.fault) }
        if course.fault == .missingKey { try till.loadKeys() }
        till.wait(.minutes(2))
        for (code, principal) in course.clearances {
            #expect(till.terminal.refusal(now: bank.now) != nil, "not before \(code.rawValue) is cleared")
            #expect(throws: CommandRefusal.self) { try bank.submit(.clearWarning(till.id, code), by: Bank.carol) }
            try bank.submit(.clearWarning(till.id, code), by: principal)
        }
        till.wait(.minutes(3))
        #expect((till.sell(card, 10_00)?.isApproved == true) == course.comesBack)
        #expect(try bank.available(card) == (course.comesBack ? 980_00 : 990_00))
        if course.comesBack {
            #expect(try bank.terminal(till.id).warnings.isEmpty && bank.terminal(till.id).lifecycle == .active)
        } else {
            #expect(try bank.terminal(till.id).lifecycle == .tampered)
            #expect(till.status.state == .tampered)
            #expect(throws: CommandRefusal.estate(.clearanceNotHere(.sc))) {
                try bank.submit(.clearWarning(till.id, course.reported), by: Bank.alice)
            }
        }
        try bank.check()
    }

    @Test("a key that is lost for good is loaded again by a technician before one operator clears K02")
    func keysLoadedAgain() throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill.trading(bank, .tdes)
        till.change { $0.apply(.missingKey) }
        till.wait(.minutes(1))
        till.change { $0.repair(.missingKey) }
        try till.loadKeys()
        till.wait(.minutes(2))
        try bank.submit(.clearWarning(till.id, .k02), by: Bank.alice)
        till.wait(.minutes(3))
        #expect(till.sell(card, 10_00)?.isApproved == true)
        try bank.check()
    }

    @Test("an open reversal of a terminal that halts is delivered while it is halted")
    func reversalWhileHalted() throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill.trading(bank, .aes)
        till.losesAnswers = true
        till.sell(card, 40_00)
        till.change { $0.apply(.notActivated) }
        till.wait(.seconds(30))
        till.losesAnswers = false
        till.wait(.minutes(3))
        #expect(till.status.state != .ready)
        #expect(till.terminal.openReversalCount == 0)
        #expect(try bank.available(card) == 1_000_00)
        try bank.check()
    }
}
