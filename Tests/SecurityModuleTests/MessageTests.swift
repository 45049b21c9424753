// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Testing
import Vocabulary

@Suite("Messages between the modules")
struct MessageTests {
    @Test("a changed byte anywhere before the MAC, or in it, is not authentic", arguments: KeyProfile.allCases)
    func everyByte(profile: KeyProfile) throws {
        let bench = try Bench(profile)
        bench.signOn()
        guard case .protected(let message) = bench.protect(.authorisation) else { throw Missing() }
        #expect(bench.open(message).macAuthentic)
        for index in message.indices {
            var changed = message
            changed[index] ^= 0x40
            let verdict = bench.open(changed)
            #expect(!verdict.macAuthentic && verdict.health == nil && verdict.pin == .untried, "byte \(index)")
        }
    }

    @Test(
        "a health element that is rewritten, or taken from another message, is refused", arguments: KeyProfile.dukpt)
    func healthBinding(profile: KeyProfile) throws {
        // A terminal whose application has the transaction keys, but not the health key: the load terminal of another
        // identity epoch stands for it, since DUKPT keys do not depend on the epoch.
        let bench = try Bench(profile)
        bench.signOn()
        guard case .protected(let genuine) = bench.protect(.authorisation) else { throw Missing() }
        let element = Array(genuine[bench.request(pin: false).holes.health])
        let other = TerminalKeys(terminal: bench.keys.terminal, profile: profile, keySet: 3, identityEpoch: 2)
        let provisioning = bench.host.provision(other, serial: 77, firmware: Bench.firmware)
        guard var forger = LoadTerminal(provisioning: provisioning) else { throw Missing() }
        forger.claims.leaseID = 1
        forger.claims.identityEpoch = 1
        forger.claims.counter = 900
        let (message, holes) = bench.request(pin: false)

        let forged = try require(forger.protect(message: message, holes: holes))
        #expect(bench.open(forged).macAuthentic)
        #expect(bench.open(forged).health == nil)

        // The genuine element, where it belongs, in another message under an authentic MAC: its digest tells.
        var transplanted = message
        transplanted.replaceSubrange(holes.health, with: element)
        var elsewhere = holes
        elsewhere.health = holes.health.upperBound + 4..<holes.health.upperBound + 40
        let moved = try require(forger.protect(message: transplanted, holes: elsewhere))
        #expect(Array(moved[holes.health]) == element)
        #expect(bench.open(moved).macAuthentic)
        #expect(bench.open(moved).health == nil)
        #expect(bench.open(genuine).health?.counter == 1)
    }

    @Test("counters rise with every message and the host sees a repeat of either", arguments: KeyProfile.allCases)
    func counters(profile: KeyProfile) throws {
        let bench = try Bench(profile)
        bench.signOn()
        var last: (ksn: UInt32, health: UInt32) = (0, 0)
        for _ in 0..<40 {
            guard case .protected(let message) = bench.protect(.authorisation) else { throw Missing() }
            let verdict = bench.open(message)
            let health = try require(verdict.health)
            #expect(verdict.ksnCounter > last.ksn && health.counter > last.health)
            #expect(bench.open(message) == verdict)
            last = (verdict.ksnCounter, health.counter)
        }
    }

    @Test("a message of one terminal is not authentic as another's", arguments: KeyProfile.dukpt)
    func otherTerminal(profile: KeyProfile) throws {
        let bench = try Bench(profile)
        bench.signOn()
        guard case .protected(let message) = bench.protect(.authorisation) else { throw Missing() }
        var command = bench.openCommand(message)
        command.keys.terminal = try require(TerminalID("T0000002"))
        #expect(!bench.host.open([command])[0].macAuthentic)
        command = bench.openCommand(message)
        command.keys.keySet = 4
        #expect(!bench.host.open([command])[0].macAuthentic)
        command = bench.openCommand(message)
        command.keys.identityEpoch = 2
        #expect(bench.host.open([command])[0].macAuthentic)
        #expect(bench.host.open([command])[0].health == nil)
    }

    @Test("an answer verifies under the request's keys and no other", arguments: KeyProfile.dukpt)
    func answers(profile: KeyProfile) throws {
        let bench = try Bench(profile)
        bench.signOn()
        guard case .protected(let message) = bench.protect(.authorisation) else { throw Missing() }
        let ksn = Array(message[bench.request(pin: false).holes.ksn])
        let answer = bench.host.seal([
            SealCommand(keys: bench.keys, ksn: ksn, message: Array(repeating: 0x31, count: 50), mac: 42..<50)
        ])[0]
        #expect(bench.handle(.verifyAnswer(message: answer, mac: 42..<50)) == .answerAuthentic(true))
        #expect(bench.handle(.verifyAnswer(message: answer, mac: 42..<50)) == .answerAuthentic(true))
        for index in answer.indices {
            var changed = answer
            changed[index] ^= 1
            let verdict = bench.handle(.verifyAnswer(message: changed, mac: 42..<50))
            #expect(verdict == .answerAuthentic(false))
            #expect(bench.handle(.verifyAnswer(message: answer, mac: 42..<50)) == .answerAuthentic(true))
        }
        _ = bench.protect(.authorisation)
        #expect(bench.handle(.verifyAnswer(message: answer, mac: 42..<50)) == .answerAuthentic(false))
    }

    @Test("a seal that makes no sense gives no MAC")
    func senselessSeal() throws {
        let bench = try Bench(.aes)
        let message = [UInt8](repeating: 0x31, count: 50)
        let zeros = [UInt8](repeating: 0, count: 8)
        var foreign = bench.anyKSN
        foreign[4] ^= 1
        var exhausted = bench.anyKSN
        exhausted[11] = 0
        let ticket = bench.ticket()
        for command in [
            SealCommand(keys: bench.keys, ksn: foreign, message: message, mac: 42..<50),
            SealCommand(keys: bench.keys, ksn: exhausted, message: message, mac: 42..<50),
            SealCommand(keys: bench.keys, ksn: [1], message: message, mac: 42..<50),
            SealCommand(
                keys: bench.keys, ksn: bench.anyKSN, message: message, mac: 42..<50, ticket: (ticket, at: 0..<20)),
        ] { #expect(Array(bench.host.seal([command])[0][42...]) == zeros) }
        let short = SealCommand(keys: bench.keys, ksn: bench.anyKSN, message: message, mac: 40..<48)
        #expect(bench.host.seal([short])[0].isEmpty)
    }

    @Test("senseless ranges in an open command give an empty verdict")
    func senselessOpen() throws {
        let bench = try Bench(.tdes)
        bench.signOn()
        guard case .protected(let message) = bench.protect(.authorisation) else { throw Missing() }
        let sound = bench.openCommand(message)
        for (ksn, mac) in [
            (0..<10, sound.mac), (sound.ksn, 0..<8), (sound.ksn, sound.mac.lowerBound..<sound.mac.upperBound + 4),
            (message.count..<message.count + 10, sound.mac), (20..<29, sound.mac),
            (sound.mac.lowerBound - 5..<sound.mac.lowerBound + 5, sound.mac),
        ] {
            var command = sound
            command.ksn = ksn
            command.mac = mac
            #expect(!bench.host.open([command])[0].macAuthentic)
        }
    }

    @Test("holes that are outside, overlap, follow the MAC or have a wrong length are a bad request")
    func holes() throws {
        let bench = try Bench(.aes)
        bench.signOn()
        let (message, sound) = bench.request(pin: true)
        let pan = try require(PAN("4111111111111111"))
        var cases: [MessageHoles] = Array(repeating: sound, count: 9)
        cases[0].ksn = 20..<31
        cases[1].health = sound.health.lowerBound..<sound.health.upperBound - 1
        cases[2].pinBlock = 0..<8
        cases[3].mac = sound.mac.lowerBound..<sound.mac.upperBound - 1
        cases[4].mac = 0..<8
        cases[5].ksn = sound.health.lowerBound - 6..<sound.health.lowerBound + 6
        cases[6].pinBlock = sound.ksn.lowerBound..<sound.ksn.lowerBound + 16
        cases[7].health = sound.mac.lowerBound - 30..<sound.mac.lowerBound + 6
        cases[8].mac = message.count..<message.count + 8
        for holes in cases {
            let reply = bench.handle(.protect(purpose: .authorisation, message: message, holes: holes, pan: pan))
            #expect(refusal(reply) == .badRequest)
        }
        // Only an authorisation carries a PIN, and never without a PAN.
        for purpose in [ProtectionPurpose.delivery, .signOn, .report] {
            bench.wait(.seconds(61))
            #expect(refusal(bench.protect(purpose, pin: true, pan: pan)) == .badRequest)
        }
        #expect(refusal(bench.protect(.authorisation, pin: true)) == .badRequest)
    }

    @Test("ten bad requests in a minute are S04, and ten more make it stop everything")
    func misuse() throws {
        let bench = try Bench()
        bench.signOn()
        func bad() { _ = bench.handle(.verifyAnswer(message: [1], mac: 0..<1)) }
        for _ in 0..<9 { bad() }
        bench.wait(.seconds(61))
        for _ in 0..<9 { bad() }
        #expect(bench.status.openWarnings.codes == [])
        bad()
        #expect(bench.status.openWarnings.codes == [.s04])
        #expect(bench.status.lifecycle == .active)
        #expect(refusal(bench.protect(.authorisation)) == .halted)
        for _ in 0..<10 { bad() }
        #expect(bench.status.lifecycle == .halted)
    }

    @Test("three answers in a row that fail are K06; a good one between starts anew")
    func answerFailures() throws {
        let bench = try Bench()
        bench.signOn()
        guard case .protected(let message) = bench.protect(.authorisation) else { throw Missing() }
        let ksn = Array(message[bench.request(pin: false).holes.ksn])
        let good = bench.host.seal([
            SealCommand(keys: bench.keys, ksn: ksn, message: Array(repeating: 0x31, count: 50), mac: 42..<50)
        ])[0]
        let bad = [UInt8](repeating: 0x31, count: 50)
        for answer in [bad, bad, good, bad, bad] { _ = bench.handle(.verifyAnswer(message: answer, mac: 42..<50)) }
        #expect(bench.status.openWarnings.codes == [])
        _ = bench.handle(.verifyAnswer(message: bad, mac: 42..<50))
        #expect(bench.status.openWarnings.codes == [.k06])
        #expect(bench.handle(.verifyAnswer(message: good, mac: 42..<50)) == .answerAuthentic(false))
        #expect(bench.signOn(lease: 2))
        #expect(bench.status.state == .ready)
    }
}
