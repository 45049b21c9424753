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
    private func answer(_ bench: Bench, session: UInt32, start: Int = 0) -> [UInt8] {
        bench.host.seal([
            SealCommand(
                keys: bench.keys, ksn: [], message: Array(repeating: 0x31, count: 50), mac: 42..<50, session: session,
                macStart: start)
        ])[0]
    }

    private func verify(_ bench: Bench, _ answer: [UInt8], start: Int = 0) -> Bool {
        bench.handle(.verifyAnswer(message: answer, mac: 42..<50, macStart: start)) == .answerAuthentic(true)
    }

    private func protected(_ bench: Bench, _ purpose: ProtectionPurpose = .authorisation) throws -> [UInt8] {
        guard case .protected(let message) = bench.protect(purpose) else { throw Missing() }
        return message
    }

    /// A message without room for a MAC.
    private func bare(_ bench: Bench, _ purpose: ProtectionPurpose) -> TerminalModuleReply {
        let holes = MessageHoles(health: 10..<46, pinBlock: nil, mac: 60..<60)
        let message = [UInt8](repeating: 0x20, count: 60)
        return bench.handle(.protect(purpose: purpose, message: message, holes: holes, pan: nil))
    }

    private func openBare(_ bench: Bench, _ message: [UInt8], admitted: Bool = true) -> OpenVerdict {
        bench.host.open([
            OpenCommand(
                keys: bench.keys, message: message, ksn: 0..<0, mac: message.count..<message.count, health: 10..<46,
                sessions: SessionCandidates(current: nil, admitsNoMAC: admitted))
        ])[0]
    }

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

    @Test("the MAC and PIN block on the wire are those of the profile's algorithms under the downloaded keys")
    func algorithms() throws {
        for profile in KeyProfile.session {
            let bench = try Bench(profile)
            bench.signOn()
            let message = try protected(bench)
            let code = message.suffix(8)
            let isText = code.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x46).contains($0) }
            #expect(isText == (profile == .sessionTDES || profile == .sessionSM4XOR), "\(profile)")
            let pan = try require(PAN("4111111111111111"))
            let block = try bench.purchase("1234", pan)[try require(bench.request(pin: true).holes.pinBlock)]
            #expect(block.count == (profile.isSM4 ? 16 : 8))
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

    @Test("a download with any byte changed is refused with K02, and the old keys go on", arguments: KeyProfile.session)
    func changedDownload(profile: KeyProfile) throws {
        for hasTrackKey in [false, true] {
            for index in 0..<(hasTrackKey ? 60 : 40) {
                let bench = try Bench(profile)
                bench.signOn()
                _ = try protected(bench)
                _ = bench.attest()
                var (ticket, download) = bench.grant(bench.ticket(lease: 2), session: 2, hasTrackKey: hasTrackKey)
                download[index] ^= 0x10
                let reply = bench.handle(.acceptKeys(download: download, ticket: ticket))
                #expect(refusal(reply) == .keysRefused && bench.status.openWarnings == [.k02], "byte \(index)")
                #expect(verify(bench, answer(bench, session: 1)))
                download[index] ^= 0x10
                ticket =
                    bench.grant(bench.ticket(lease: 2, cleared: [.k02]), session: 2, hasTrackKey: hasTrackKey).ticket
                _ = bench.attest()
                #expect(refusal(bench.handle(.acceptKeys(download: download, ticket: ticket))) == nil)
                #expect(bench.status.state == .ready)
                bench.session = 2
                #expect(bench.open(try protected(bench)).session == 2)
            }
        }
    }

    @Test("keys of another session, swapped keys, single-length keys and a bare ticket do not pass for a download")
    func forgedDownload() throws {
        func take(_ change: (Bench, inout [UInt8], inout [UInt8]) -> Void) throws -> ModuleRefusal? {
            let bench = try Bench(.sessionTDES)
            bench.signOn()
            _ = bench.attest()
            var (ticket, download) = bench.grant(bench.ticket(lease: 2), session: 2)
            change(bench, &ticket, &download)
            let reply = refusal(bench.handle(.acceptKeys(download: download, ticket: ticket)))
            #expect(bench.open(try protected2(bench)).session == 1)
            return reply
        }
        func protected2(_ bench: Bench) throws -> [UInt8] {
            guard case .protected(let message) = bench.protect(.delivery) else { throw Missing() }
            return message
        }
        // Check values alone would let these two through.
        #expect(
            try take { bench, _, download in download = bench.host.issueWorkingKeys(bench.keys, session: 1) ?? [] }
                == .keysRefused)
        #expect(try take { _, _, download in download = Array(download[20...] + download[..<20]) } == .keysRefused)
        #expect(try take { _, _, download in download = [] } == .keysRefused)
        #expect(try take { _, _, download in download += download } == .keysRefused)
        #expect(
            try take { bench, ticket, _ in ticket = bench.grant(bench.ticket(lease: 2), session: nil).ticket }
                == .keysRefused)
        // Nobody asked: refused without a warning that would stop the terminal.
        let bench = try Bench(.sessionTDES)
        bench.signOn()
        let (ticket, download) = bench.grant(bench.ticket(lease: 2), session: 2)
        #expect(refusal(bench.handle(.acceptKeys(download: download, ticket: ticket))) == .ticketRefused)
        #expect(bench.status.openWarnings.isEmpty)
        // A ticket that came with keys is not taken without them, and DUKPT has no downloads.
        _ = bench.attest()
        #expect(refusal(bench.handle(.acceptLease(ticket: ticket))) == .ticketRefused)
        let dukpt = try Bench(.aes)
        #expect(refusal(dukpt.handle(.acceptKeys(download: download, ticket: ticket))) == .badRequest)
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
        #expect(bench.status.openWarnings == [.k06] && bench.status.state == .halted)
        #expect(!verify(bench, answer(bench, session: 1)))
        #expect(refusal(bench.protect(.authorisation)) == .halted)
        #expect(refusal(bench.protect(.delivery)) == .signOnNeeded)
        #expect(isProtected(bare(bench, .report)))
        try bench.restart()
        #expect(refusal(bench.protect(.delivery)) == .signOnNeeded)
        #expect(bench.signOn(lease: 2))
        #expect(bench.status.state == .ready && bench.status.openWarnings.isEmpty)
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
            #expect(bench.status.state == .ready && bench.status.openWarnings.isEmpty)
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

    @Test("sample and weak master keys, weak working keys and keys of single length are refused")
    func weakKeys() throws {
        func key(_ hex: String) throws -> SecretKey {
            guard let key = SecretKey(hex: hex) else { throw Missing() }
            return key
        }
        for hex in [
            String(repeating: "44", count: 16), "0123456789ABCDEF0123456789ABCDEF", "E0FEE0FEF1FEF1FE0123456789ABCDEF",
            "0123456789ABCDEF",
        ] {
            let isTaken = TerminalMasterKey(try key(hex), profile: .sessionTDES) != nil
            #expect(!isTaken)
        }
        let sound = "0123456789ABCDEFFEDCBA9876543210"
        let isDUKPT = TerminalMasterKey(try key(sound), profile: .tdes) != nil
        #expect(!isDUKPT)
        guard let master = TerminalMasterKey(try key(sound), profile: .sessionTDES) else { throw Missing() }
        for (pin, mac, isSound) in [
            ("1122334455667788AABBCCDDEEFF0011", "8899AABBCCDDEEFF0123456776543210", true),
            (String(repeating: "22", count: 16), "8899AABBCCDDEEFF0123456776543210", false),
            ("1122334455667788AABBCCDDEEFF0011", "11223344556677881122334455667788", false),
            ("1122334455667788AABBCCDDEEFF0011", "8899AABBCCDDEEFF", false),
            ("1122334455667788", "8899AABBCCDDEEFF", false),
        ] {
            let keys = WorkingKeys(pin: try key(pin), mac: try key(mac))
            let download = try WorkingKeyDownload.seal(keys, masterKey: try key(sound))
            #expect((master.session(opening: download) != nil) == isSound, "\(pin) \(mac)")
        }
    }

    @Test("swapped blocks, or one bit in two blocks, keep the XOR MAC of an answer, and no other profile's")
    func linearMAC() throws {
        for profile in KeyProfile.session {
            let bench = try Bench(profile)
            bench.signOn()
            let sent = try protected(bench)
            let width = profile.isSM4 ? 16 : 8
            let message = (0..<104).map { UInt8(truncatingIfNeeded: $0 &* 37 + 11) }
            let answer = bench.host.seal([
                SealCommand(keys: bench.keys, ksn: [], message: message, mac: 96..<104, session: 1)
            ])[0]
            var swapped = answer
            swapped.replaceSubrange(0..<2 * width, with: answer[width..<2 * width] + answer[..<width])
            var flipped = answer
            flipped[3] ^= 0x80
            flipped[3 + 2 * width] ^= 0x80
            for forged in [swapped, flipped] {
                #expect(forged != answer)
                let isTaken = bench.handle(.verifyAnswer(message: forged, mac: 96..<104)) == .answerAuthentic(true)
                #expect(isTaken == profile.risks.contains(.linearMAC), "\(profile)")
            }
            // A request has its health element, whose digest is no XOR. Nothing is written into its first bytes.
            var request = bench.openCommand(sent)
            request.message[0] ^= 0x80
            request.message[width] ^= 0x80
            #expect(!bench.host.open([request])[0].macAuthentic)
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
        #expect(missing.status.openWarnings == [.k02])
        #expect(refusal(bare(missing, .signOn)) == .halted)

        let stale = try Bench(.sessionTDES)
        stale.signOn()
        stale.hardware.raiseCounter(to: 10_000)
        stale.sense()
        #expect(stale.status.openWarnings == [.h04])
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
