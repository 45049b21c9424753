// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Testing
import Vocabulary

@testable import SecurityModule

@Suite("Crash loops, daily duties, misuse, and keys at their end")
struct DutyTests {
    // MARK: S02

    @Test("the start after three that nobody closed, within ten minutes, is S02; any that is closed in order is none")
    func crashLoop() throws {
        let bench = try Bench()
        bench.signOn()
        for _ in 0..<6 { try bench.restart(inOrder: true) }
        #expect(bench.status.openWarnings.codes == [])
        for crash in 1...3 {
            bench.wait(.minutes(3))
            try bench.restart()
            #expect(bench.status.openWarnings == (crash < 3 ? [] : [RaisedWarning(.s02, .s2)]))
        }
        // One more crash is the first of the next three, and proof alone ends nothing.
        try bench.restart()
        bench.signOn(lease: 2)
        #expect(bench.status.openWarnings.codes == [.s02])
        bench.signOn(lease: 3, cleared: [.s02])
        #expect(bench.status.openWarnings.codes == [])
        try bench.restart()
        #expect(bench.status.openWarnings.codes == [])
    }

    @Test("three crashes in more than ten minutes are borne, and a clock set back makes none of them newer")
    func slowCrashes() throws {
        let bench = try Bench()
        bench.signOn()
        for _ in 0..<12 {
            bench.wait(.seconds(201))
            try bench.restart()
        }
        #expect(bench.status.openWarnings.codes == [])
        bench.wait(.hours(-1))
        try bench.restart()
        #expect(!bench.status.openWarnings.codes.contains(.s02))
    }

    @Test("after an orderly end the module starts again with the next command, and keeps what it knew")
    func shutDown() throws {
        let bench = try Bench()
        bench.signOn()
        _ = bench.handle(.beginPINEntry)
        bench.enter("1234")
        bench.module.shutDown(now: bench.now)
        bench.perform()
        #expect(bench.status.keypadCount == nil)
        #expect(bench.module.auditLog.records.last?.event == .shutDown)
        #expect(isProtected(bench.protect(.authorisation)))
        #expect(bench.module.record.boots.count == 2)
    }

    // MARK: S03

    @Test("a renewal that cannot run is an advisory from the twentieth hour and stops everything at the twenty-fourth")
    func renewalBlocked() throws {
        let bench = try Bench()
        _ = bench.attest()
        bench.accept(bench.ticket(hours: 100))
        bench.wait(.hours(19))
        for hour in 19..<24 {
            // Somebody is always at the keypad.
            _ = bench.handle(.beginPINEntry)
            bench.module.press(.digit(1), now: bench.now)
            bench.sense()
            #expect(bench.status.openWarnings == (hour < 20 ? [] : [RaisedWarning(.s03, .s4)]), "hour \(hour)")
            for _ in 0..<70 {
                bench.wait(.seconds(51))
                bench.module.press(.digit(1), now: bench.now)
            }
            bench.wait(.seconds(30))
        }
        bench.sense()
        #expect(bench.status.openWarnings == [RaisedWarning(.s03, .s2)])
        #expect(refusal(bench.protect(.authorisation)) != nil)
        bench.wait(.minutes(2))
        bench.signOn(lease: 2)
        #expect(bench.status.openWarnings == [] && bench.status.state == .ready)
    }

    @Test("in a quiet step from the twentieth hour the module tests itself and initialises its memory")
    func renewal() throws {
        let bench = try Bench()
        _ = bench.attest()
        bench.accept(bench.ticket(hours: 100))
        guard case .protected = bench.protect(.authorisation) else { throw Missing() }
        let number = bench.status.selfTestNumber
        bench.wait(.hours(20))
        // A message was just protected whose answer is due: the keys for it must stay.
        bench.module.duties.awaitsAnswerSince = bench.now
        bench.sense()
        #expect(bench.status.selfTestNumber == number && bench.hasTransaction)
        #expect(bench.status.openWarnings == [RaisedWarning(.s03, .s4)])
        bench.wait(.minutes(2))
        bench.sense()
        #expect(bench.status.selfTestNumber == number + 1 && !bench.hasTransaction)
        #expect(bench.module.auditLog.records.contains { $0.event == .memoryRenewed })
        bench.signOn(lease: 2)
        #expect(bench.status.openWarnings == [])
        // For another nineteen hours nothing is due.
        bench.wait(.hours(19))
        bench.sense()
        #expect(bench.status.openWarnings == [])
    }

    // MARK: S04

    @Test(
        "every request that no sound application makes counts: ten in a minute are S04, ten more stop everything",
        arguments: 0..<6)
    func misuse(kind: Int) throws {
        let bench = try Bench(kind == 5 ? .sessionTDESRetail : .tdes)
        if kind != 3 { bench.signOn() }
        let pan = try require(PAN("4111111111111111"))
        func misuse() -> ModuleRefusal? {
            switch kind {
            case 0: return refusal(bench.handle(.attest(nonce: [1], application: Bench.application)))
            case 1: return refusal(bench.handle(.acceptLease(ticket: [1, 2, 3])))
            case 2: return refusal(bench.protect(.authorisation, pin: true, pan: pan))
            case 3: return refusal(bench.handle(.beginPINEntry))
            case 4: return refusal(bench.handle(.verifyAnswer(message: [], mac: 4..<12)))
            default: return refusal(bench.handle(.acceptKeys(download: [], ticket: [])))
            }
        }
        let others = bench.status.openWarnings
        for attempt in 1...20 {
            #expect(misuse() != nil)
            let severity: Severity? = attempt < 10 ? nil : attempt < 20 ? .s3 : .s2
            #expect(bench.status.openWarnings == others + (severity.map { [RaisedWarning(.s04, $0)] } ?? []))
        }
        bench.signOn(lease: 2)
        #expect(bench.status.openWarnings.codes.contains(.s04))
        bench.signOn(lease: 3, cleared: [.s04])
        #expect(!bench.status.openWarnings.codes.contains(.s04))
    }

    @Test("nine in a minute, and a delivery that fails for want of keys, count for nothing")
    func noMisuse() throws {
        let bench = try Bench()
        bench.signOn()
        for _ in 0..<40 {
            for _ in 0..<9 { _ = bench.handle(.attest(nonce: [], application: Bench.application)) }
            bench.wait(.seconds(61))
        }
        #expect(bench.status.openWarnings == [])
        bench.make(.missingKey)
        for _ in 0..<40 { #expect(refusal(bench.protect(.delivery)) == .halted) }
        #expect(bench.status.openWarnings.codes == [.k02])
    }

    // MARK: K03, K05, K06

    @Test("at nine tenths of the counter K03 begins, at its end it stops; new keys end it", arguments: KeyProfile.dukpt)
    func keysEnd(profile: KeyProfile) throws {
        let bench = try Bench(profile)
        bench.signOn()
        // Below and above nine tenths, and the last counter that has no more ones than it may.
        let (before, after): (UInt32, UInt32) = profile == .tdes ? (0x1C_0000, 0x1D_0000) : (0xE000_0000, 0xE800_0000)
        let end: UInt32 = profile == .tdes ? 0x1F_F800 : 0xFFFF_0000
        #expect(bench.load(first: before))
        #expect(isProtected(bench.protect(.authorisation)))
        #expect(bench.status.openWarnings == [])
        #expect(bench.load(first: after))
        #expect(isProtected(bench.protect(.authorisation)))
        #expect(bench.status.openWarnings == [RaisedWarning(.k03, .s4)])
        #expect(isProtected(bench.protect(.authorisation)))

        #expect(bench.load(first: end))
        var count = 0
        while isProtected(bench.protect(.authorisation)), count < 3 { count += 1 }
        #expect(bench.status.openWarnings == [RaisedWarning(.k03, .s2)], "after \(count)")
        #expect(refusal(bench.protect(.delivery)) == .keysExhausted)
        // The proof that clears it is the renewed key.
        bench.signOn(lease: 2)
        #expect(bench.status.openWarnings.codes == [.k03])
        #expect(bench.load(first: 1, keySet: 4))
        bench.signOn(lease: 3)
        #expect(bench.status.openWarnings == [])
        #expect(isProtected(bench.protect(.authorisation)))
    }

    @Test("PIN guessing is throttled, then restricted, and stopped when it goes on all the same")
    func guessing() throws {
        let pan = try require(PAN("4111111111111111"))
        let bench = try Bench()
        bench.signOn()
        for _ in 0..<120 { _ = try bench.purchase("1234", pan) }
        for attempt in 1...25 {
            #expect(refusal(bench.handle(.beginPINEntry)) == .pinRateExceeded)
            let severity: Severity? = attempt < 10 ? nil : attempt < 20 ? .s3 : .s2
            #expect(bench.status.openWarnings == (severity.map { [RaisedWarning(.k05, $0)] } ?? []), "\(attempt)")
            if attempt == 12 { try bench.restart(inOrder: true) }
        }
        #expect(bench.status.lifecycle == .halted)
        bench.signOn(lease: 2)
        #expect(bench.status.openWarnings.codes == [.k05])
        bench.wait(.hours(2))
        bench.signOn(lease: 3, cleared: [.k05])
        _ = try bench.purchase("1234", pan)
    }

    @Test("a second K06 of wrong MACs within an hour needs an operator; a host's word that a sign-on is due does not")
    func macFailures() throws {
        let bench = try Bench()
        bench.signOn()
        func fail() {
            _ = bench.protect(.authorisation)
            for _ in 0..<3 {
                _ = bench.handle(.verifyAnswer(message: [UInt8](repeating: 0, count: 50), mac: 42..<50))
            }
        }
        fail()
        #expect(bench.status.openWarnings == [RaisedWarning(.k06, .s2)])
        bench.signOn(lease: 2)
        #expect(bench.status.openWarnings == [])
        bench.wait(.minutes(59))
        fail()
        bench.signOn(lease: 3)
        #expect(bench.status.openWarnings.codes == [.k06])
        bench.signOn(lease: 4, cleared: [.k06])
        #expect(bench.status.openWarnings == [])
        bench.wait(.minutes(61))
        for round in UInt32(0)..<3 {
            _ = bench.handle(.signOnDue)
            #expect(bench.status.openWarnings.codes == [.k06])
            bench.signOn(lease: 5 + round)
            #expect(bench.status.openWarnings == [])
        }
    }

    // MARK: Promotion

    @Test("a battery that is not replaced within thirty days restricts the terminal")
    func battery() throws {
        let bench = try Bench()
        bench.signOn()
        bench.make(.battery)
        for day in 1...31 {
            bench.wait(.hours(20))
            bench.sense()
            bench.signOn(lease: UInt32(day))
            bench.wait(.hours(4))
            bench.sense()
            #expect(bench.status.openWarnings == [RaisedWarning(.h05, day < 30 ? .s4 : .s3)], "day \(day)")
        }
        #expect(refusal(bench.protect(.authorisation)) == .halted)
        #expect(isProtected(bench.protect(.delivery)))
    }

    @Test(
        "whatever the catalogue promotes by time is promoted in the module, once and at its time",
        arguments: WarningCode.allCases.filter { $0.entry.levels.contains { $0.after != nil } })
    func promotion(code: WarningCode) throws {
        let bench = try Bench()
        bench.signOn()
        let levels = code.entry.levels
        let index = try require(levels.firstIndex { $0.after != nil })
        let after = try require(levels[index].after)
        bench.module.raise(code, severity: levels[index - 1].severity, bench.now)
        let raised = bench.status.eventCounter
        bench.module.promote(bench.now + after - .seconds(1))
        #expect(bench.status.openWarnings == [RaisedWarning(code, levels[index - 1].severity)])
        bench.module.promote(bench.now + after)
        #expect(bench.status.openWarnings == [RaisedWarning(code, levels[index].severity)])
        bench.module.promote(bench.now + after + after)
        #expect(bench.status.eventCounter == raised + 1)
    }
}
