// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Testing
import Vocabulary

@testable import SecurityModule

@Suite("What never leaves a module")
struct SecretsTests {
    @Test(
        "no image, reply or message holds the PIN in ASCII, in BCD or as a clear block, nor a key",
        arguments: KeyProfile.allCases)
    func markers(profile: KeyProfile) throws {
        let bench = try Bench(profile)
        let pan = try require(PAN("4111111111111111"))
        bench.signOn()
        let marker = "739146285073"
        for _ in 0..<20 { _ = try bench.purchase(marker, pan) }
        bench.seen.append(bench.module.sealedState())
        _ = bench.handle(.beginPINEntry)
        bench.enter(marker)
        bench.seen.append(bench.module.sealedState())
        bench.make(.tamper)
        bench.seen.append(bench.module.sealedState())

        let ascii = Array(marker.utf8)
        let digits = ascii.map { $0 - 0x30 }
        var needles: [[UInt8]] = [ascii, digits]
        needles.append(stride(from: 0, to: 12, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
        // ISO 9564 formats 0 and 4 put the length before the digits; format 0 XORs the PAN over all but the first two.
        needles.append([0x73, 0x91, 0x46, 0x28])
        needles.append([0x0C, 0x73, 0x91 ^ 0x11, 0x46 ^ 0x11])
        needles.append([0x4C, 0x73, 0x91, 0x46])
        needles.append([0x0C, 0x73, 0x91, 0x46])
        // The provisioned keys come out of their blocks by a test's own hand.
        let provisioning = bench.host.provision(bench.keys, serial: 77, firmware: Bench.firmware)
        for name in LoadableKey.allCases { needles.append(try provisioning.key(name).withBytes { Array($0) }) }
        if let download = bench.host.issueWorkingKeys(bench.keys, session: 1) {
            let cipher: WorkingKeyDownload.Cipher = profile.isSM4 ? .sm4 : .tdes
            let working = try WorkingKeyDownload.open(
                download, masterKey: try provisioning.key(.initial), cipher: cipher)
            needles.append(working.pin.withBytes { Array($0) })
            needles.append(working.mac.withBytes { Array($0) })
        }
        #expect(bench.seen.count > 20)
        for needle in needles {
            for bytes in bench.seen { #expect(!contains(bytes, needle)) }
        }
        #expect(needles.count >= 12)
    }

    private func contains(_ bytes: [UInt8], _ needle: [UInt8]) -> Bool {
        guard bytes.count >= needle.count else { return false }
        return (0...bytes.count - needle.count).contains { bytes[$0..<$0 + needle.count].elementsEqual(needle) }
    }

    @Test("provisioning travels wrapped and comes back the same; another key or a changed byte gives nothing")
    func provisioning() throws {
        let bench = try Bench(.tdes)
        let transport = SecretKey.random(count: 32)
        let stranger = SecretKey.random(count: 32)
        let wrapped = bench.host.provision(bench.keys, serial: 9, firmware: Bench.firmware, firstCounter: 32)
            .wrapped(under: transport)
        guard let back = ModuleProvisioning(wrapped: wrapped, under: transport) else { throw Missing() }
        let (keys, serial, firmware, first) = (back.keys, back.serial, back.firmware, back.firstCounter)
        #expect(keys == bench.keys && serial == 9 && firmware == Bench.firmware && first == 32)
        let foreign = ModuleProvisioning(wrapped: wrapped, under: stranger) == nil
        #expect(foreign)
        for index in wrapped.indices {
            var changed = wrapped
            changed[index] ^= 1
            let unauthentic = ModuleProvisioning(wrapped: changed, under: transport) == nil
            #expect(unauthentic, "byte \(index)")
            let short = ModuleProvisioning(wrapped: Array(wrapped[..<index]), under: transport) == nil
            #expect(short)
        }
        for name in LoadableKey.allCases {
            let again = bench.host.provision(bench.keys, serial: 9, firmware: firmware)
            let same = try back.key(name).equals(again.key(name))
            #expect(same)
        }
    }

    @Test("the host's master keys come back from their wrapping, and open what they sealed")
    func hostKeys() throws {
        let key = SecretKey.random(count: 32)
        let host = SoftHostModule.create()
        guard let again = SoftHostModule(wrapped: host.wrapped(under: key), under: key) else { throw Missing() }
        let pan = try require(PAN("6225880137000005") ?? PAN("4111111111111111"))
        #expect(again.cardKey(pan) == host.cardKey(pan))
        let sealed = host.sealPAN(pan)
        #expect(again.openPAN(sealed) == pan)
        #expect(sealed != host.sealPAN(pan))
        let pin = try clearPIN("482916")
        #expect(
            again.pinReference(pan: pan, pin: pin, kind: .offset)
                == host.pinReference(pan: pan, pin: pin, kind: .offset))
        let stranger = SoftHostModule.create()
        #expect(stranger.cardKey(pan) != host.cardKey(pan))
        #expect(stranger.openPAN(sealed) == nil)
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(host.openPAN(changed) == nil)
        }
        #expect(host.openPAN([]) == nil)
        #expect(SoftHostModule(wrapped: host.wrapped(under: key), under: SecretKey.random(count: 32)) == nil)
    }

    @Test("device numbers tell terminals apart and fit their bits")
    func deviceNumbers() throws {
        var random = SeededRandom(seed: 3)
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._/".utf8)
        var numbers: [UInt64: TerminalID] = [:]
        for _ in 0..<20_000 {
            let text = (0..<1 + random.below(8)).map { _ in alphabet[random.below(alphabet.count)] }
            let terminal = try require(TerminalID(ascii: text))
            let number = KSNLayout.device(of: terminal)
            #expect(number < 1 << 43)
            #expect(numbers.updateValue(terminal, forKey: number).map { $0 == terminal } ?? true)
        }
        let largest = KSNLayout.device(of: try require(TerminalID("////////")))
        let hashed = KSNLayout.device(of: try require(TerminalID("shop 1")))
        #expect(largest == 7_984_925_229_120)
        #expect(hashed > largest && hashed < 1 << 43)
        let keys = TerminalKeys(
            terminal: try require(TerminalID("////////")), profile: .tdes, keySet: 0xABCD, identityEpoch: 1)
        let ksn = KSNLayout.initialKSN(of: keys)
        #expect(ksn.bytes.count == 10 && ksn.bytes[0] == 0xAB && ksn.bytes[1] == 0xCD && ksn.counter == 0)
    }

    @Test("a load terminal is a terminal to the host", arguments: KeyProfile.dukpt)
    func loadTerminal(profile: KeyProfile) throws {
        let bench = try Bench(profile)
        let pan = try require(PAN("4111111111111111"))
        guard
            var load = LoadTerminal(
                provisioning: bench.host.provision(bench.keys, serial: 5, firmware: Bench.firmware))
        else { throw Missing() }
        let evidence = load.attest(nonce: Bench.nonce, application: Bench.application)
        let accepted = load.acceptLease(ticket: bench.sealed(bench.ticket(), ksn: bench.anyKSN))
        #expect(evidence.count > 100 && accepted)
        let pin = try clearPIN("482916")
        let reference = bench.host.pinReference(pan: pan, pin: pin, kind: .offset)
        let (message, holes) = bench.request(pin: true)
        for count in 1...200 {
            let sent = try require(load.protect(message: message, holes: holes, pan: pan, pin: pin))
            var command = bench.openCommand(sent, reference: reference, pan: pan, above: UInt32(count - 1))
            command.expectation?.eventCounter = 0
            #expect(bench.host.open([command])[0].pin == .right)
            let answer = bench.host.seal([
                SealCommand(
                    keys: bench.keys, ksn: Array(sent[holes.ksn]), message: message, mac: holes.mac)
            ])[0]
            let authentic = load.verifyAnswer(message: answer, mac: holes.mac)
            let forged = load.verifyAnswer(message: message, mac: holes.mac)
            #expect(authentic && !forged)
        }
        let unfit = load.protect(message: message, holes: holes) == nil
        #expect(unfit)
    }
}
