// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Vocabulary

/// One terminal's module, signed on, and what is handed into it.
final class TerminalBench {
    static let nonce = [UInt8](repeating: 7, count: 16)
    private static let calls = 500

    private let host = SoftHostModule.create()
    private let keys: TerminalKeys
    private let holes: MessageHoles
    private let pan: PAN
    private let hardware: EmulatedHardware
    private var module: TerminalSecurityModule
    private var random = SystemRandom()
    private var now = Instant(seconds: 1_800_000_000)

    init(_ profile: KeyProfile) throws {
        keys = TerminalKeys(
            terminal: try TerminalID("T0000001").orFail("terminal"), profile: profile, keySet: 1, identityEpoch: 1)
        holes = HostBench.holes(profile, pin: true)
        pan = try PAN("4111111111111111").orFail("PAN")
        let firmware = SoftwareVersion(1, 0, 0)
        hardware = EmulatedHardware(firmware: firmware)
        guard
            let made = TerminalSecurityModule(
                provisioning: host.provision(keys, serial: 1, firmware: firmware), storageKey: .random(count: 32),
                hardware: hardware, now: now)
        else { throw BenchError(what: "module") }
        module = made
        module.powerUp(now: now)
        _ = module.takeEffects()
    }

    func measure(_ stopwatch: inout Stopwatch) throws {
        let profile = keys.profile
        try stopwatch.measure("module_self_test_\(profile)", calls: Self.calls) { _ in
            guard case .status(let status) = ask(.selfTest) else { throw BenchError(what: "self-test") }
            return UInt64(status.selfTestNumber)
        }
        try stopwatch.measure("module_attest_\(profile)", calls: Self.calls) { _ in
            guard case .evidence(let bytes, _) = ask(attestation) else { throw BenchError(what: "evidence") }
            return UInt64(bytes.count)
        }
        stopwatch.measure("module_status_\(profile)", calls: Self.calls) { _ in
            if case .status = ask(.status) { 1 } else { 0 }
        }
        try signOn()
        // The limit on PINs is one in 30 s, and every measurement starts with a lease of its own.
        try stopwatch.measure("module_protect_with_pin_\(profile)", calls: Self.calls) { call in
            if call % Self.calls == 0 { try signOn() }
            now = now + .seconds(30)
            _ = ask(.beginPINEntry)
            for digit in UInt8(1)...4 { _ = module.press(.digit(digit), now: now) }
            _ = module.press(.enter, now: now)
            let command = TerminalModuleCommand.protect(
                purpose: .authorisation, message: message, holes: holes, pan: pan)
            let reply = ask(command)
            guard case .protected(let message) = reply else { throw BenchError(what: "\(reply)") }
            return UInt64(message[message.count - 1])
        }
    }

    private var attestation: TerminalModuleCommand {
        .attest(nonce: Self.nonce, application: SoftwareVersion(1, 0, 0))
    }

    private var message: [UInt8] { [UInt8](repeating: 0x31, count: holes.mac.upperBound) }

    private func ask(_ command: TerminalModuleCommand) -> TerminalModuleReply {
        now = now + .seconds(1)
        let reply = module.handle(command, now: now, random: &random)
        _ = module.takeEffects()
        return reply
    }

    /// A lease of a day, in the answer that a sign-on gets, once the module has done what it has to do each day.
    private func signOn() throws {
        now = now + .minutes(5)
        module.sense(hardware, now: now)
        _ = ask(.selfTest)
        guard case .evidence = ask(attestation) else { throw BenchError(what: "evidence") }
        let place = HostBench.holes(keys.profile, pin: false)
        let command = TerminalModuleCommand.protect(purpose: .signOn, message: message, holes: place, pan: nil)
        guard case .protected(let request) = ask(command) else { throw BenchError(what: "sign-on") }
        let ticket = LeaseTicket(
            leaseID: 1, identityEpoch: 1, nonce: Self.nonce, validForSeconds: 86_400, activated: true,
            firmwareMinimum: SoftwareVersion(1, 0, 0), firmwareMaximum: SoftwareVersion(1, 0, 0), cleared: [],
            grantsLease: true, hostTime: nil)
        let count = ticket.encoded().count + LeaseTicket.macLength
        let answer = SealCommand(
            keys: keys, ksn: Array(request[place.ksn]),
            message: [UInt8](repeating: 0, count: count + HostBench.macCount),
            mac: count..<count + HostBench.macCount, ticket: (ticket, at: 0..<count))
        let bytes = Array(host.seal([answer])[0][..<count])
        guard case .leaseAccepted = ask(.acceptLease(ticket: bytes)) else { throw BenchError(what: "lease") }
    }
}
