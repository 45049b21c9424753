// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Vocabulary

/// Terminals of one host, and what they send.
struct Fleet {
    static let firmware = SoftwareVersion(1, 2, 0)
    let pan: PAN
    let reference: PINReference
    /// Right PIN, wrong PIN, no question, a message that was changed, a range outside it, evidence and a translation, by turns.
    let commands: [OpenCommand]

    /// - Parameter issuer: makes the keys of the terminals and the reference of the PIN.
    init(_ issuer: any HostIssuingPort, terminals: Int, messagesEach: Int = 6) throws {
        pan = try require(PAN("4111111111111111"))
        reference = try issuer.pinReference(
            pan: pan, pin: try require(ClearPIN(digits: "1234")), kind: .pvv(keyIndex: 1))
        var commands: [OpenCommand] = []
        for number in 0..<terminals {
            commands += try Self.messages(number, messagesEach, issuer, pan, reference)
        }
        self.commands = commands
    }

    private static func messages(
        _ number: Int, _ count: Int, _ issuer: any HostIssuingPort, _ pan: PAN, _ reference: PINReference
    ) throws -> [OpenCommand] {
        let profile = KeyProfile.dukpt[number % 2]
        let keys = TerminalKeys(
            terminal: try require(TerminalID("T\(1_000_000 + number)")), profile: profile, keySet: 1, identityEpoch: 1)
        let provisioning = try issuer.provision(keys, serial: UInt64(number), firmware: firmware)
        var device = try require(LoadTerminal(provisioning: provisioning))
        device.claims.leaseID = 1
        let ksn = 20..<20 + profile.ksnLength
        let block = ksn.upperBound..<ksn.upperBound + profile.pinBlockLength
        let health = block.upperBound + 2..<block.upperBound + 2 + HealthElement.length
        let mac = health.upperBound + 10..<health.upperBound + 18
        let holes = MessageHoles(ksn: ksn, health: health, pinBlock: block, mac: mac)
        let empty = (0..<mac.upperBound).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ number) }
        return try (0..<count).map { turn in
            let pin = try require(ClearPIN(digits: turn == 1 ? "4321" : "1234"))
            let message = try require(device.protect(message: empty, holes: holes, pan: pan, pin: pin))
            var command = OpenCommand(
                keys: keys, message: message, ksn: ksn, mac: mac, health: health,
                expectation: HealthExpectation(leaseID: 1, eventCounter: 0, counterAbove: 0),
                pin: PINQuestion(block: block, pan: pan, reference: reference))
            switch turn {
            case 2: command.pin = nil
            case 3: command.message[3] ^= 1
            case 4: command.health = mac.upperBound + 100..<mac.upperBound + 136
            case 5:
                command.pin = nil
                command.translation = TranslatePIN(block: block, pan: pan, zone: Place.zone)
            default: break
            }
            return command
        }
    }

    /// Answers to the same messages.
    var seals: [SealCommand] {
        commands.map { command in
            SealCommand(
                keys: command.keys, ksn: Array(command.message[command.ksn]), message: command.message,
                mac: command.mac)
        }
    }
}
