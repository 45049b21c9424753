// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Testing
import Vocabulary

@testable import SecurityModule

@Suite("Keys by custodians")
struct CeremonyTests {
    /// A terminal in service whose financial keys are gone, with three supervisors; and what custodians bring.
    private struct Stage {
        let bench: Bench
        let provisioning: [UInt8]
        /// Component and check value, as digits.
        var sheets: [[UInt8]] = []
        var checkValue: [UInt8]

        init() throws {
            bench = try Bench()
            _ = Self.passcode(bench, 1, .enrol)
            _ = Self.passcode(bench, 1, .enter)
            _ = Self.passcode(bench, 2, .enrol)
            _ = Self.passcode(bench, 3, .enrol)
            bench.signOn()
            bench.wait(.minutes(5))
            var renewed = bench.keys
            renewed.keySet += 1
            let key = SecretKey.random(count: 32)
            checkValue = KCV.aes(key)
            provisioning = bench.host.provision(renewed, serial: 77, firmware: Bench.firmware).wrapped(under: key)
            var sheets: [[UInt8]] = []
            try KeyComponents.split(key, algorithm: .aes, into: 2) { _, component, checkValue in
                let bytes = component.withBytes { Array($0) } + checkValue.prefix(3)
                sheets.append(bytes.flatMap { [$0 >> 4, $0 & 15] })
            }
            self.sheets = sheets
        }

        static func passcode(_ bench: Bench, _ number: UInt8, _ purpose: SupervisorPurpose) -> SupervisorOutcome? {
            do { try bench.module.beginSupervisorEntry(number, purpose, now: bench.now) } catch { return nil }
            bench.enter("2468\(number)")
            guard let check = bench.module.takeSupervisorCheck(now: bench.now, random: &bench.random) else {
                return nil
            }
            bench.perform()
            defer { bench.perform() }
            return bench.module.conclude(check.run(), now: bench.now)
        }

        func open(_ custodians: [UInt8] = [2, 3]) throws {
            #expect(Self.passcode(bench, 1, .enter) == .entered)
            try bench.module.beginCeremony(custodians: custodians, checkValue: checkValue, now: bench.now)
            bench.perform()
        }

        /// Everything one custodian does.
        func bring(_ sheet: [UInt8], by custodian: UInt8) throws -> ComponentOutcome {
            #expect(Self.passcode(bench, custodian, .enter) == .entered)
            try bench.module.beginComponent(now: bench.now)
            for digit in sheet { bench.module.press(.digit(digit), now: bench.now) }
            #expect(bench.module.press(.enter, now: bench.now) == .entered(count: 70))
            defer { bench.perform() }
            return bench.module.takeComponent(now: bench.now)
        }

        func load(_ bytes: [UInt8]) -> KeyLoadRefusal? {
            defer { bench.perform() }
            do { try bench.module.loadKeys(wrapped: bytes, now: bench.now) } catch { return error }
            return nil
        }
    }

    @Test("two custodians bring the key, in any order, and a module without keys has some again")
    func loads() throws {
        let stage = try Stage()
        let bench = stage.bench
        // An older image: the financial keys are gone (H04).
        let image = bench.image
        for _ in 0..<40 { _ = bench.protect(.delivery) }
        bench.image = image
        try bench.restart()
        #expect(refusal(bench.protect(.delivery)) == .halted)
        try stage.open()
        #expect(stage.load(stage.provisioning) == .unreadable)
        #expect(try stage.bring(stage.sheets[1], by: 3) == .taken(missing: 1))
        #expect(try stage.bring(stage.sheets[0], by: 2) == .formed)
        #expect(stage.load(stage.provisioning) == nil)
        #expect(isProtected(bench.protect(.delivery)))
        // Once.
        #expect(stage.load(stage.provisioning) == .unreadable)
        let events = bench.module.auditLog.records.map(\.event)
        #expect(events.contains(.ceremonyOpened) && events.filter { $0 == .componentTaken }.count == 2)
    }

    @Test("one person brings one component; who is no custodian brings none, and each has to enter for it")
    func people() throws {
        let stage = try Stage()
        let bench = stage.bench
        func refusal() -> CeremonyRefusal? {
            do { try bench.module.beginComponent(now: bench.now) } catch { return error }
            return nil
        }
        #expect(throws: CeremonyRefusal.notEntered) {
            try bench.module.beginCeremony(custodians: [2, 3], checkValue: stage.checkValue, now: bench.now)
        }
        #expect(refusal() == CeremonyRefusal.none)
        #expect(throws: CeremonyRefusal.plan(.custodians)) { try stage.open([2]) }
        #expect(throws: CeremonyRefusal.plan(.custodians)) { try stage.open([2, 2]) }
        #expect(throws: CeremonyRefusal.plan(.stranger)) { try stage.open([2, 4]) }
        try stage.open()
        // Number 1 has opened the ceremony and is no custodian of it.
        #expect(refusal() == .notTheirTurn)
        #expect(try stage.bring(stage.sheets[0], by: 2) == .taken(missing: 1))
        #expect(refusal() == .notEntered)
        #expect(Stage.passcode(bench, 2, .enter) == .entered)
        #expect(refusal() == .notTheirTurn)
    }

    @Test("a component with a wrong check value is refused, one that was brought before, and a wrong key in the end")
    func components() throws {
        let stage = try Stage()
        try stage.open()
        var mistyped = stage.sheets[0]
        mistyped[5] ^= 1
        #expect(try stage.bring(mistyped, by: 2) == .refused(.refused(.checkValue)))
        #expect(try stage.bring(stage.sheets[0], by: 2) == .taken(missing: 1))
        #expect(try stage.bring(stage.sheets[0], by: 3) == .refused(.refused(.enteredTwice)))
        let foreign = try Stage().sheets[1]
        #expect(try stage.bring(foreign, by: 3) == .refused(.over(.wrongKey(.wrongKey))))
        #expect(stage.load(stage.provisioning) == .unreadable)
    }

    @Test("after half an hour, a cut of power or a tampering nothing of it is left")
    func ends() throws {
        for end in 0..<3 {
            let stage = try Stage()
            let bench = stage.bench
            try stage.open()
            _ = try stage.bring(stage.sheets[0], by: 2)
            _ = try stage.bring(stage.sheets[1], by: 3)
            switch end {
            case 0: bench.wait(.minutes(31))
            case 1: try bench.restart()
            default: bench.make(.tamper)
            }
            #expect(stage.load(stage.provisioning) == .unreadable, "end \(end)")
        }
    }

    @Test("digits that nobody confirms are forgotten after a minute; clear and cancel forget them at once")
    func keypad() throws {
        let stage = try Stage()
        let bench = stage.bench
        try stage.open()
        #expect(Stage.passcode(bench, 2, .enter) == .entered)
        try bench.module.beginComponent(now: bench.now)
        for digit in stage.sheets[0].prefix(40) { bench.module.press(.digit(digit), now: bench.now) }
        #expect(bench.module.press(.enter, now: bench.now) == .entering(count: 40))
        #expect(bench.module.press(.clear, now: bench.now) == .entering(count: 0))
        #expect(bench.module.press(.digit(16), now: bench.now) == .entering(count: 0))
        bench.wait(.seconds(60))
        #expect(bench.module.press(.digit(1), now: bench.now) == .closed)
        #expect(bench.module.takeComponent(now: bench.now) == ComponentOutcome.none)
        #expect(Stage.passcode(bench, 2, .enter) == .entered)
        try bench.module.beginComponent(now: bench.now)
        #expect(bench.module.press(.cancel, now: bench.now) == .cancelled)
        #expect(try stage.bring(stage.sheets[0], by: 2) == .taken(missing: 1))
    }
}
