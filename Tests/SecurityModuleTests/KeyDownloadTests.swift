// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Testing
import Vocabulary

@testable import SecurityModule

/// What a terminal's module takes for keys, and what the MAC under them is worth.
@Suite("Key downloads")
struct KeyDownloadTests {
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
                #expect(refusal(reply) == .keysRefused && bench.status.openWarnings.codes == [.k02], "byte \(index)")
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
        #expect(bench.status.openWarnings.codes.isEmpty)
        // A ticket that came with keys is not taken without them, and DUKPT has no downloads.
        _ = bench.attest()
        #expect(refusal(bench.handle(.acceptLease(ticket: ticket))) == .ticketRefused)
        let dukpt = try Bench(.aes)
        #expect(refusal(dukpt.handle(.acceptKeys(download: download, ticket: ticket))) == .badRequest)
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
}
