// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Testing
import Vocabulary

@testable import SecurityModule

/// Master and session keys: one terminal's module and the host's, with every profile and MAC.
@Suite("Session keys between the modules")
struct SessionTests {
    @Test("protect, open, seal and verify go together, behind a header too", arguments: KeyProfile.session)
    func exchange(profile: KeyProfile) throws {
        let bench = try Bench(profile)
        #expect(bench.signOn())
        for start in [0, 13] {
            var (message, holes) = bench.request(pin: false)
            holes.macStart = start
            let reply = bench.handle(.protect(purpose: .authorisation, message: message, holes: holes, pan: nil))
            guard case .protected(let sent) = reply else { throw Missing() }
            #expect(sent[..<holes.health.lowerBound] == message[..<holes.health.lowerBound])
            var command = bench.openCommand(sent)
            command.macStart = start
            let verdict = bench.host.open([command])[0]
            #expect(verdict.macAuthentic && verdict.session == 1 && verdict.health?.state == .ready)
            #expect(verdict.ksnCounter == verdict.health?.counter)
            // A gateway may change the header on the way; what the MAC covers is as before, for the repeat's digest too.
            if start > 0 {
                command.message[2] ^= 0xFF
                #expect(bench.host.open([command])[0] == verdict)
            }
            let answer = answer(bench, session: 1, start: start)
            #expect(verify(bench, answer, start: start))
            message = answer
            message[20] ^= 1
            #expect(!verify(bench, message, start: start))
            #expect(verify(bench, answer, start: start))
        }
    }

    @Test("the MAC on the wire is that of the profile's algorithm under the session's MAK")
    func algorithms() throws {
        for profile in KeyProfile.session {
            let bench = try Bench(profile)
            bench.signOn()
            let message = try protected(bench)
            let (covered, code) = (Array(message.dropLast(8)), Array(message.suffix(8)))
            let mak = bench.host.sessionKeys(bench.keys, 1).mak.copy()
            let isRight =
                switch profile {
                case .sessionTDES: UnionPayMAC.verify(code, key: mak, message: covered)
                case .sessionTDESCBC: RetailMAC.verifyAlgorithm1(code, key: mak, message: covered)
                case .sessionTDESRetail: RetailMAC.verify(code, key: mak, message: covered)
                case .sessionSM4: try SM4.verify(code, message: covered, key: mak)
                case .sessionSM4XOR: try UnionPayMAC.verifySM4(code, key: mak, message: covered)
                case .tdes, .aes: false
                }
            #expect(isRight, "\(profile)")
        }
    }

    @Test("without session keys nothing with a MAC goes out, and sign-on and report go by their health element")
    func beforeSignOn() throws {
        let bench = try Bench(.sessionTDES)
        #expect(refusal(bench.protect(.signOn)) == .signOnNeeded)
        for purpose in [ProtectionPurpose.signOn, .report] {
            guard case .protected(let message) = bare(bench, purpose) else { throw Missing() }
            let verdict = openBare(bench, message)
            #expect(verdict.macAuthentic && verdict.session == nil && verdict.ksnCounter == verdict.health?.counter)
            #expect(!openBare(bench, message, admitted: false).macAuthentic)
            for index in message.indices {
                var changed = message
                changed[index] ^= 4
                #expect(!openBare(bench, changed).macAuthentic, "byte \(index)")
            }
        }
        bench.signOn()
        #expect(refusal(bare(bench, .authorisation)) == .badRequest)
        #expect(refusal(bare(bench, .delivery)) == .badRequest)
    }

    @Test("a message is not authentic without its health element, under another session, or without a session named")
    func oneAnswer() throws {
        for profile in KeyProfile.session {
            let bench = try Bench(profile)
            bench.signOn()
            let command = bench.openCommand(try protected(bench))
            let right = bench.host.open([command])[0]
            #expect(right.macAuthentic)
            var wrong = [OpenCommand](repeating: command, count: 6)
            wrong[0].health = nil
            wrong[1].sessions = SessionCandidates(current: 2)
            wrong[2].sessions = nil
            wrong[3].sessions = SessionCandidates(current: nil)
            wrong[4].keys.keySet += 1
            wrong[5].keys.identityEpoch += 1
            let empty = OpenVerdict(
                macAuthentic: false, health: nil, evidence: nil, pin: .untried, ksnCounter: 0, digest: right.digest)
            for (index, verdict) in bench.host.open(wrong).enumerated() { #expect(verdict == empty, "\(index)") }
            var older = command
            older.sessions = SessionCandidates(current: 2, previous: 1)
            #expect(bench.host.open([older])[0].session == 1)
        }
    }

    @Test("every host process issues the same keys, and other terminals, epochs and sessions get others")
    func derivation() throws {
        let storage = SecretKey.random(count: 32)
        for profile in KeyProfile.session {
            let bench = try Bench(profile)
            let copy = try require(SoftHostModule(wrapped: bench.host.wrapped(under: storage), under: storage))
            let field = try require(bench.host.issueWorkingKeys(bench.keys, session: 1))
            #expect(field.count == 40 && copy.issueWorkingKeys(bench.keys, session: 1) == field)
            let long = try require(bench.host.issueWorkingKeys(bench.keys, session: 1, hasTrackKey: true))
            #expect(long.count == 60 && long.starts(with: field))
            var others = [TerminalKeys](repeating: bench.keys, count: 3)
            others[0].terminal = try require(TerminalID("T0000002"))
            others[1].keySet += 1
            others[2].identityEpoch += 1
            for other in others { #expect(bench.host.issueWorkingKeys(other, session: 1) != field) }
            #expect(bench.host.issueWorkingKeys(bench.keys, session: 2) != field)
            #expect(bench.host.issueWorkingKeys(bench.keys, session: 0) == nil)
        }
        let bench = try Bench(.aes)
        #expect(bench.host.issueWorkingKeys(bench.keys, session: 1) == nil)
    }

    @Test(
        "the previous MAK verifies a late answer until the first answer under the new keys",
        arguments: KeyProfile.session)
    func overlap(profile: KeyProfile) throws {
        let bench = try Bench(profile)
        bench.signOn()
        _ = try protected(bench)
        let late = answer(bench, session: 1)
        bench.signOn(lease: 2)
        #expect(bench.session == 2)
        #expect(verify(bench, late))
        let message = try protected(bench)
        #expect(bench.open(message).session == 2)
        #expect(verify(bench, late))
        #expect(verify(bench, answer(bench, session: 2)))
        #expect(!verify(bench, late))
        #expect(verify(bench, answer(bench, session: 2)))
    }

    @Test("three wrong MACs in a row, or the host's order, drop the session keys alone", arguments: [true, false])
    func sessionEnds(ordered: Bool) throws {
        let bench = try Bench(.sessionSM4)
        bench.signOn()
        _ = try protected(bench)
        let wrong = answer(bench, session: 9)
        if ordered {
            _ = bench.handle(.signOnDue)
        } else {
            for _ in 0..<3 { #expect(!verify(bench, wrong)) }
        }
        #expect(bench.status.openWarnings.codes == [.k06] && bench.status.state == .halted)
        #expect(!verify(bench, answer(bench, session: 1)))
        #expect(refusal(bench.protect(.authorisation)) == .halted)
        #expect(refusal(bench.protect(.delivery)) == .signOnNeeded)
        #expect(isProtected(bare(bench, .report)))
        try bench.restart()
        #expect(refusal(bench.protect(.delivery)) == .signOnNeeded)
        #expect(bench.signOn(lease: 2))
        #expect(bench.status.state == .ready && bench.status.openWarnings.codes.isEmpty)
        #expect(bench.open(try protected(bench)).session == 2)
    }

    @Test("cutting the power at any step of a key change leaves whole keys, the old or the new", arguments: 0...3)
    func powerCut(step: Int) throws {
        for profile in KeyProfile.session {
            let bench = try Bench(profile)
            bench.signOn()
            _ = try protected(bench)
            // 0: nothing has happened yet. 1: attested. 2: the image is stored, the counter not raised. 3: all is done.
            let (image, hardware) = (bench.image, bench.hardware)
            if step == 1 { _ = bench.attest() } else if step > 1 { bench.signOn(lease: 2) }
            if step < 2 { bench.image = image }
            if step < 3 { bench.hardware = hardware }
            try bench.restart()
            #expect(bench.status.state == .ready && bench.status.openWarnings.codes.isEmpty)
            #expect(!verify(bench, answer(bench, session: 1)), "no answer is waited for after a restart")
            var command = bench.openCommand(try protected(bench))
            command.sessions = SessionCandidates(current: 2, previous: 1)
            let verdict = bench.host.open([command])[0]
            #expect(verdict.session == (step < 2 ? 1 : 2), "\(profile)")
            #expect(verify(bench, answer(bench, session: try require(verdict.session))))
            bench.session = 2
            #expect(bench.signOn(lease: 3))
            #expect(bench.open(try protected(bench)).session == 3)
        }
    }

    @Test("tampering, a lost key slot and a damaged image leave no session and no master key")
    func keysGo() throws {
        let bench = try Bench(.sessionTDES)
        bench.signOn()
        bench.make(.tamper)
        for purpose in ProtectionPurpose.allCases { #expect(refusal(bench.protect(purpose)) == .tampered) }

        let missing = try Bench(.sessionTDES)
        missing.signOn()
        missing.make(.missingKey)
        #expect(missing.status.openWarnings.codes == [.k02])
        #expect(refusal(bare(missing, .signOn)) == .halted)

        let stale = try Bench(.sessionTDES)
        stale.signOn()
        stale.hardware.raiseCounter(to: 10_000)
        stale.sense()
        #expect(stale.status.openWarnings.codes == [.h04])
        #expect(refusal(bare(stale, .signOn)) == .halted)
    }

    @Test("a terminal made again starts above the counters it has used")
    func personalised() throws {
        let bench = try Bench(.sessionTDES)
        let provisioning = bench.host.provision(bench.keys, serial: 77, firmware: Bench.firmware, firstCounter: 900)
        let isLoaded = bench.module.load(provisioning, now: bench.now)
        #expect(isLoaded)
        bench.signOn()
        #expect(bench.open(try protected(bench)).ksnCounter == 900)
        let none = bench.host.provision(bench.keys, serial: 77, firmware: Bench.firmware, firstCounter: 0)
        let isLoadedAgain = bench.module.load(none, now: bench.now)
        #expect(!isLoadedAgain)
    }
}
