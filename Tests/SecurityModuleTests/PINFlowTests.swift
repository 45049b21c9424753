// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Testing
import Vocabulary

@Suite("A PIN from the keypad to the host's verdict")
struct PINFlowTests {
    let pan: PAN

    init() throws { pan = try require(PAN("4111111111111111")) }

    @Test("the right PIN is right and a wrong one wrong", arguments: KeyProfile.allCases)
    func rightAndWrong(profile: KeyProfile) throws {
        let bench = try Bench(profile)
        bench.signOn()
        let reference = bench.host.pinReference(pan: pan, pin: try clearPIN("1234"), kind: .pvv(keyIndex: 1))
        guard case .pvv(_, keyIndex: 1) = reference else { throw Missing() }

        let right = bench.open(try bench.purchase("1234", pan), reference: reference, pan: pan)
        #expect(right.macAuthentic && right.health?.state == .ready)
        #expect(right.pin == .right)
        #expect(bench.open(try bench.purchase("1235", pan), reference: reference, pan: pan).pin == .wrong)
        // A PVV says nothing of a fifth digit, so a longer PIN is never right.
        #expect(bench.open(try bench.purchase("12345", pan), reference: reference, pan: pan).pin == .wrong)
    }

    @Test("an offset covers every digit of a PIN", arguments: KeyProfile.allCases, 5...12)
    func offsets(profile: KeyProfile, count: Int) throws {
        let bench = try Bench(profile)
        bench.signOn()
        let digits = String("918273645546".prefix(count))
        let reference = bench.host.pinReference(pan: pan, pin: try clearPIN(digits), kind: .pvv(keyIndex: 1))
        guard case .offset(let offset) = reference else { throw Missing() }
        #expect(offset.count == count)
        #expect(bench.open(try bench.purchase(digits, pan), reference: reference, pan: pan).pin == .right)
        for place in 0..<count {
            var wrong = Array(digits.utf8)
            wrong[place] = 0x30 + (wrong[place] - 0x30 + 1) % 10
            let text = String(decoding: wrong, as: UTF8.self)
            #expect(bench.open(try bench.purchase(text, pan), reference: reference, pan: pan).pin == .wrong)
        }
        let shorter = String(digits.dropLast())
        #expect(bench.open(try bench.purchase(shorter, pan), reference: reference, pan: pan).pin == .wrong)
    }

    @Test(
        "a block for another PAN or of random bytes is unusable, or at least never right",
        arguments: KeyProfile.allCases)
    func unusable(profile: KeyProfile) throws {
        let bench = try Bench(profile)
        bench.signOn()
        let reference = bench.host.pinReference(pan: pan, pin: try clearPIN("1234"), kind: .offset)
        let other = try require(PAN("5555555555554444"))
        let verdict = bench.open(try bench.purchase("1234", pan), reference: reference, pan: other)
        #expect(verdict.pin != .right)
        var command = bench.openCommand(try bench.purchase("1234", pan), reference: reference, pan: pan)
        command.pin?.block = 0..<3
        #expect(bench.host.open([command])[0].pin == .unusable)
    }

    @Test("the PIN is untried unless health is as expected", arguments: KeyProfile.dukpt)
    func healthBeforePIN(profile: KeyProfile) throws {
        let bench = try Bench(profile)
        bench.signOn()
        let reference = bench.host.pinReference(pan: pan, pin: try clearPIN("1234"), kind: .offset)
        let message = try bench.purchase("1234", pan)
        let sound = bench.openCommand(message, reference: reference, pan: pan)
        #expect(bench.host.open([sound])[0].pin == .right)
        let counter = try require(bench.host.open([sound])[0].health?.counter)

        var changes: [OpenCommand] = [sound, sound, sound, sound, sound]
        changes[0].expectation?.leaseID = 2
        changes[1].expectation?.eventCounter += 1
        changes[2].expectation?.counterAbove = counter
        changes[3].expectation = nil
        changes[4].health = nil
        for verdict in bench.host.open(changes) {
            #expect(verdict.macAuthentic)
            #expect(verdict.pin == .untried)
        }
    }

    @Test("protecting uses the PIN up, and without a PIN nothing is protected")
    func consumed() throws {
        let bench = try Bench()
        bench.signOn()
        #expect(refusal(bench.protect(.authorisation, pin: true, pan: pan)) == .noPIN)
        _ = try bench.purchase("1234", pan)
        #expect(refusal(bench.protect(.authorisation, pin: true, pan: pan)) == .noPIN)
        #expect(bench.status.keypadCount == nil)
    }

    @Test("the keypad gives counts only, takes 4 to 12 digits and forgets on cancel and after a minute")
    func keypad() throws {
        let bench = try Bench()
        #expect(refusal(bench.handle(.beginPINEntry)) == .notActivated)
        #expect(bench.module.press(.digit(1), now: bench.now) == .closed)
        bench.signOn()
        _ = bench.handle(.beginPINEntry)
        #expect(bench.status.keypadCount == 0)
        for digit in 1...3 { bench.module.press(.digit(UInt8(digit)), now: bench.now) }
        #expect(bench.module.press(.enter, now: bench.now) == .entering(count: 3))
        #expect(refusal(bench.protect(.authorisation, pin: true, pan: pan)) == .noPIN)
        #expect(bench.module.press(.clear, now: bench.now) == .entering(count: 0))
        for _ in 0..<13 { bench.module.press(.digit(9), now: bench.now) }
        #expect(bench.module.press(.enter, now: bench.now) == .entered(count: 12))
        #expect(bench.module.press(.digit(1), now: bench.now) == .entered(count: 12))
        bench.wait(.seconds(60))
        #expect(bench.module.press(.digit(1), now: bench.now) == .closed)
        #expect(refusal(bench.protect(.authorisation, pin: true, pan: pan)) == .noPIN)

        _ = bench.handle(.beginPINEntry)
        bench.enter("1234")
        #expect(bench.module.press(.cancel, now: bench.now) == .cancelled)
        #expect(refusal(bench.protect(.authorisation, pin: true, pan: pan)) == .noPIN)
    }

    @Test("120 PINs go through at any speed; the 121st waits until the first is an hour old")
    func throttle() throws {
        let bench = try Bench()
        bench.signOn()
        for _ in 0..<120 {
            _ = try bench.purchase("1234", pan)
            bench.wait(.seconds(1))
        }
        #expect(refusal(bench.handle(.beginPINEntry)) == .pinRateExceeded)
        bench.wait(.seconds(3_600 - 120 - 1))
        #expect(refusal(bench.handle(.beginPINEntry)) == .pinRateExceeded)
        bench.wait(.seconds(1))
        _ = try bench.purchase("1234", pan)
        #expect(bench.status.state == .ready)
    }

    @Test("ten refusals in a row are K05, which stops the terminal")
    func guessing() throws {
        let bench = try Bench()
        bench.signOn()
        for _ in 0..<120 { _ = try bench.purchase("1234", pan) }
        for attempt in 1...10 {
            #expect(refusal(bench.handle(.beginPINEntry)) == .pinRateExceeded)
            #expect(bench.status.openWarnings.codes == (attempt < 10 ? [] : [.k05]))
        }
        #expect(refusal(bench.protect(.authorisation)) == .halted)
    }

    @Test("a restart forgets no PIN encryption")
    func throttleSurvivesRestart() throws {
        let bench = try Bench()
        bench.signOn()
        for _ in 0..<117 { _ = try bench.purchase("1234", pan) }
        try bench.restart()
        var more = 0
        while refusal(bench.handle(.beginPINEntry)) == nil, more < 10 {
            bench.enter("1234")
            #expect(isProtected(bench.protect(.authorisation, pin: true, pan: pan)))
            more += 1
        }
        #expect(more <= 3)
    }
}
