// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import HostServer
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Terminal
import TerminalAgent
import Testing
import Vocabulary

@testable import tillguard

@Suite("Stop on a warning")
struct WarningTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var fault: HardwareFault
        var code: WarningCode
        var lifecycle: Lifecycle
        /// What the host refuses later sales for.
        var intent: Intent
        var till: Int
        /// Whether the module finds it in the very step, or the terminal a few heartbeats later.
        var isImmediate = true
        var testDescription: String { fault.rawValue }
    }

    static let cases = [
        Case(fault: .tamper, code: .t01, lifecycle: .tampered, intent: .moduleTampered, till: 0),
        Case(fault: .selfTest, code: .h01, lifecycle: .halted, intent: .moduleHalted, till: 1),
        Case(fault: .missingKey, code: .k02, lifecycle: .halted, intent: .moduleHalted, till: 0),
        Case(fault: .notActivated, code: .a01, lifecycle: .halted, intent: .moduleHalted, till: 1),
        Case(fault: .incompatible, code: .c02, lifecycle: .halted, intent: .moduleHalted, till: 0),
        Case(fault: .loose, code: .l01, lifecycle: .halted, intent: .moduleHalted, till: 1, isImmediate: false),
    ]

    static let operatorOne = Principal(staff: StaffID(packed: 0x4F50_3100_0000_0000), role: .operator)
    static let merchant = Principal(staff: StaffID(packed: 0x4D31_0000_0000_0000), role: .merchant)

    @Test(
        "A fault stops terminal and host, nobody unfit can clear it, and the cure is the catalogue's", arguments: cases)
    func fault(_ fault: Case) async throws {
        let id = DemoEstate.tills[fault.till].id
        try await ServerHouse.with { house in
            try await BankHouse.with(house, tills: [fault.till]) { bank in
                try await bank.isReady(fault.till)
                try await expectApproval(bank, fault.till)
                #expect(await bank.bank.setFault(id, fault.fault.rawValue, repair: false))
                if !fault.isImmediate {
                    try await eventually("the halt") { await bank.bank.screen(id)?.phase == .halted }
                }
                try await expectHalted(bank, fault)
                try await expectKnown(house, fault)
                // Other terminals are not concerned.
                try await Neighbour.trading(beside: house) { try await expectRefused(house, fault) }
                try await expectNoClearance(house, fault)
                #expect(await bank.bank.setFault(id, fault.fault.rawValue, repair: true))
                try await cure(house, bank, fault)
            }
        }
    }

    @Test("The liar of these tests would be believed, were it not for the warning")
    func liarWithoutWarning() async throws {
        try await ServerHouse.with { house in
            try await BankHouse.with(house, tills: [0]) { bank in
                try await bank.isReady(0)
                let (till, line) = try await liar(house, 0)
                try await lie(house, till, counterAbove: 1)
                #expect(try await till.sell(.init(DemoEstate.cards[4], 10_00), on: line).code == "00")
            }
        }
    }

    // MARK: - Steps

    private func expectApproval(_ bank: BankHouse, _ till: Int) async throws {
        let outcome = try await bank.sell(till, card: 4, 10_00, pin: false)
        guard case .approved = outcome else {
            Issue.record("\(String(describing: outcome))")
            return
        }
    }

    /// The terminal shows the warning and starts no sale.
    private func expectHalted(_ bank: BankHouse, _ fault: Case) async throws {
        let id = DemoEstate.tills[fault.till].id
        let screen = try #require(await bank.bank.screen(id))
        #expect(screen.phase == .halted)
        #expect(screen.warnings.contains(fault.code))
        #expect(!screen.en.isEmpty && !screen.zh.isEmpty)
        let card = DemoEstate.cards[4]
        _ = await bank.bank.startSale(
            id,
            TillSale(
                pan: card.pan, expiry: card.expiry, amount: Money(minorUnits: 10_00, DemoEstate.currency), goods: [],
                wantsPIN: false))
        #expect(await bank.bank.screen(id)?.lastOutcome == "refused")
    }

    /// The estate desk has the warning and the lifecycle that goes with it.
    private func expectKnown(_ house: ServerHouse, _ fault: Case) async throws {
        let id = DemoEstate.tills[fault.till].id
        try await eventually("\(fault.code) at the estate desk") {
            try await house.terminal(id).warnings.contains { $0.code == fault.code }
        }
        #expect(try await house.terminal(id).lifecycle == fault.lifecycle)
        #expect(!fault.code.entry.steps.isEmpty)
    }

    /// Somebody with the terminal's keys.
    private func liar(_ house: ServerHouse, _ index: Int) async throws -> (Till, Line) {
        let demo = DemoEstate.tills[index]
        let known = try await house.terminal(demo.id)
        return (
            try Till(demo, module: house.module, firstCounter: known.ksn.highest + 40), try await house.line()
        )
    }

    /// Lets the liar say what a sound module would say. Its counter is one that has been used, unless told otherwise:
    /// the host would take the true module for a clone of it afterwards.
    private func lie(_ house: ServerHouse, _ till: Till, counterAbove: UInt32 = 0) async throws {
        let known = try await house.terminal(till.id)
        await till.claim(
            HealthClaims(
                state: .ready, counter: known.health.highest - 1 + counterAbove, leaseID: known.lease?.id ?? 0,
                identityEpoch: known.identityEpoch, eventCounter: known.eventCounter,
                selfTestNumber: known.selfTestNumber))
    }

    private func expectRefused(_ house: ServerHouse, _ fault: Case) async throws {
        let (till, line) = try await liar(house, fault.till)
        let before = try await house.available(4)
        for pin in [nil, DemoEstate.cards[4].pin] {
            try await lie(house, till)
            let answer = try await till.sell(.init(DemoEstate.cards[4], 10_00, pin: pin), on: line)
            #expect(answer.code == "TH" && answer.isAuthentic)
        }
        let refusals = try house.records().compactMap { record -> Intent? in
            guard case .refusal(let refusal) = record.body, refusal.usage.terminal == till.id else { return nil }
            return refusal.answer.intent
        }
        #expect(refusals.suffix(2) == [fault.intent, fault.intent])
        #expect(try await house.available(4) == before)
    }

    private func refusal(_ house: ServerHouse, _ command: Command, by principal: Principal) async throws
        -> CommandRefusal?
    {
        do {
            try await house.deployment.server.submit(command, by: principal)
            return nil
        } catch let refusal as CommandRefusal { return refusal }
    }

    private func expectNoClearance(_ house: ServerHouse, _ fault: Case) async throws {
        let id = DemoEstate.tills[fault.till].id
        let clearing = Command.clearWarning(id, fault.code)
        #expect(try await refusal(house, clearing, by: Self.merchant) == .notYours(.merchant))
        #expect(try await refusal(house, .activate(id), by: Self.merchant) == .notYours(.merchant))
        #expect(try await refusal(house, .resume(id), by: Self.merchant) == .notYours(.merchant))
        let clearance = fault.code.clearance
        if clearance == .auto || clearance == .sc {
            let expected = CommandRefusal.estate(.clearanceNotHere(clearance))
            #expect(try await refusal(house, clearing, by: Self.operatorOne) == expected)
        }
    }

    /// The fault is repaired; what is still missing is what the catalogue asks for.
    private func cure(_ house: ServerHouse, _ bank: BankHouse, _ fault: Case) async throws {
        let id = DemoEstate.tills[fault.till].id
        guard fault.lifecycle != .tampered else {
            #expect(await bank.bank.screen(id)?.phase == .halted)
            #expect(await bank.bank.status(id)?.state == .tampered)
            #expect(try await house.terminal(id).lifecycle == .tampered)
            return
        }
        if fault.fault == .missingKey {
            // The memory is whole again; what it held is not, until a technician loads it.
            try await bank.bank.load(id)
        }
        if fault.code.clearance == .r1 {
            // The module is sound again and says so; the warning stands until a person clears it.
            let before = try house.signOnsRefused(id)
            try await eventually("another sign-on, refused") { try house.signOnsRefused(id) > before + 1 }
            #expect(try await house.terminal(id).lifecycle == fault.lifecycle)
            try await expectHalted(bank, fault)
            #expect(try await refusal(house, .clearWarning(id, fault.code), by: Self.operatorOne) == nil)
        }
        try await bank.isReady(fault.till)
        try await expectApproval(bank, fault.till)
        let terminal = try await house.terminal(id)
        #expect(terminal.lifecycle == .active && terminal.warnings.isEmpty)
    }
}

extension ServerHouse {
    func signOnsRefused(_ id: TerminalID) throws -> Int {
        try records().count {
            if case .estate(.signOnRefused(let usage, _, _)) = $0.body { usage.terminal == id } else { false }
        }
    }
}
