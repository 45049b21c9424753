// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Testing
import Vocabulary

@testable import SecurityModule

@Suite("Supervisors of the PIN pad")
struct SupervisorTests {
    private func begin(_ bench: Bench, _ number: UInt8, _ purpose: SupervisorPurpose) -> SupervisorRefusal? {
        defer { bench.perform() }
        do { try bench.module.beginSupervisorEntry(number, purpose, now: bench.now) } catch { return error }
        return nil
    }

    /// The whole way of a passcode; nil when none was taken.
    private func type(
        _ bench: Bench, _ number: UInt8, _ digits: String, _ purpose: SupervisorPurpose = .enter
    ) -> SupervisorOutcome? {
        guard begin(bench, number, purpose) == nil else { return nil }
        bench.enter(digits)
        guard let check = bench.module.takeSupervisorCheck(now: bench.now, random: &bench.random) else { return nil }
        bench.perform()
        defer { bench.perform() }
        return bench.module.conclude(check.run(), now: bench.now)
    }

    /// A terminal in service with one supervisor.
    private func supervised() throws -> Bench {
        let bench = try Bench()
        #expect(type(bench, 1, "24680", .enrol) == .enrolled)
        bench.signOn()
        return bench
    }

    @Test("a supervisor enters with the passcode set before the terminal was in service, for five minutes")
    func enters() throws {
        let bench = try supervised()
        #expect(bench.module.supervisor(now: bench.now) == nil)
        #expect(type(bench, 1, "24680") == .entered)
        #expect(bench.module.supervisor(now: bench.now) == 1)
        bench.wait(.minutes(5))
        #expect(bench.module.supervisor(now: bench.now) == nil)
        try bench.restart()
        #expect(type(bench, 1, "24681") == .wrong(triesLeft: 4))
        #expect(type(bench, 2, "24680") == .wrong(triesLeft: 3))
        #expect(type(bench, 1, "24680") == .entered)
        #expect(type(bench, 1, "246800") == .wrong(triesLeft: 4))
        #expect(bench.status.openWarnings == [] && bench.status.state == .ready)
    }

    @Test("in service only a supervisor who has entered sets a passcode, of up to eight; a new one replaces the old")
    func enrols() throws {
        let bench = try supervised()
        #expect(begin(bench, 2, .enrol) == .notAllowed)
        #expect(begin(bench, 0, .enter) == .unknownNumber && begin(bench, 9, .enter) == .unknownNumber)
        #expect(type(bench, 1, "24680") == .entered)
        for number in UInt8(2)...8 { #expect(type(bench, number, "1111\(number)", .enrol) == .enrolled) }
        #expect(type(bench, 1, "13579", .enrol) == .enrolled)
        try bench.restart()
        #expect(type(bench, 1, "24680") == .wrong(triesLeft: 4))
        #expect(type(bench, 1, "13579") == .entered)
        #expect(type(bench, 8, "11118") == .entered)
        #expect(bench.module.record.supervisors.entries.map(\.number) == Array(1...8))
        // The hashes are sealed, and none is another's.
        #expect(Set(bench.module.record.supervisors.entries.map(\.sealedHash)).count == 8)
    }

    @Test("five wrong passcodes lock all supervisors out for half an hour; sales go on, and time ends it")
    func locks() throws {
        let bench = try supervised()
        for left in [4, 3, 2, 1] { #expect(type(bench, 1, "99999") == .wrong(triesLeft: left)) }
        #expect(type(bench, 1, "99999") == .locked)
        #expect(bench.status.openWarnings == [RaisedWarning(.k07, .s3)])
        #expect(begin(bench, 1, .enter) == .locked)
        #expect(bench.status.state == .ready && isProtected(bench.protect(.authorisation)))
        bench.wait(.seconds(1_799))
        try bench.restart()
        #expect(begin(bench, 1, .enter) == .locked)
        bench.wait(.seconds(1))
        bench.sense()
        #expect(bench.status.openWarnings == [])
        #expect(type(bench, 1, "24680") == .entered)
    }

    @Test("a host's order ends a lock-out before its time")
    func order() throws {
        let bench = try supervised()
        for _ in 0..<5 { _ = type(bench, 1, "99999") }
        bench.signOn(lease: 2, cleared: [.k07])
        #expect(bench.status.openWarnings.codes == [.k07])
        _ = bench.attest()
        bench.accept(bench.ticket(lease: 3, orders: [.unlockSupervisors]))
        #expect(bench.status.openWarnings == [])
        #expect(type(bench, 1, "24680") == .entered)
    }

    @Test("three lock-outs within a day stop the terminal, which neither time nor a sign-on ends")
    func threeLockOuts() throws {
        let bench = try supervised()
        for lockOut in 1...3 {
            for _ in 0..<5 { _ = type(bench, 1, "99999") }
            #expect(bench.status.openWarnings == [RaisedWarning(.k07, lockOut < 3 ? .s3 : .s2)])
            bench.wait(.minutes(31))
            bench.sense()
        }
        #expect(bench.status.openWarnings == [RaisedWarning(.k07, .s2)])
        #expect(refusal(bench.protect(.authorisation)) == .halted)
        bench.signOn(lease: 2)
        #expect(bench.status.openWarnings.codes == [.k07])
        bench.signOn(lease: 3, cleared: [.k07])
        #expect(bench.status.openWarnings == [] && bench.status.state == .ready)
    }

    @Test("a try is counted before it is looked at: pulling the plug wins none")
    func plug() throws {
        let bench = try supervised()
        for _ in 0..<5 {
            #expect(begin(bench, 1, .enter) == nil)
            bench.enter("99999")
            let isTaken = bench.module.takeSupervisorCheck(now: bench.now, random: &bench.random) != nil
            #expect(isTaken)
            bench.perform()
            bench.wait(.minutes(4))
            try bench.restart()
        }
        #expect(begin(bench, 1, .enter) == .locked)
        #expect(bench.status.openWarnings.codes == [.k07])
    }

    @Test("a verdict answers its own check, once; a passcode is no PIN, and a PIN no passcode")
    func ports() throws {
        let pan = try require(PAN("4111111111111111"))
        let bench = try supervised()
        #expect(begin(bench, 1, .enter) == nil)
        bench.enter("24680")
        #expect(refusal(bench.protect(.authorisation, pin: true, pan: pan)) == .noPIN)
        guard let check = bench.module.takeSupervisorCheck(now: bench.now, random: &bench.random) else {
            throw Missing()
        }
        let isAgain = bench.module.takeSupervisorCheck(now: bench.now, random: &bench.random) != nil
        #expect(!isAgain)
        #expect(begin(bench, 1, .enter) == nil)
        let late = bench.module.conclude(check.run(), now: bench.now)
        #expect(late == .stale)
        _ = bench.module.press(.cancel, now: bench.now)

        _ = bench.handle(.beginPINEntry)
        bench.enter("24680")
        #expect(begin(bench, 1, .enter) == .busy)
        let isPIN = bench.module.takeSupervisorCheck(now: bench.now, random: &bench.random) != nil
        #expect(!isPIN)
        #expect(isProtected(bench.protect(.authorisation, pin: true, pan: pan)))
        bench.make(.tamper)
        #expect(begin(bench, 1, .enter) == .tampered)
    }
}
