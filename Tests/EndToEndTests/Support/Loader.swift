// SPDX-License-Identifier: Apache-2.0
import ISO8583
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Terminal
import Testing
import Vocabulary

/// A supplier's key, and what it has signed and a loader measures of a terminal's software.
final class Loader {
    let supplier: P256PrivateKey
    var executable = SHA256.hash(Array("module 1".utf8))
    let application = SHA256.hash(Array("application 1".utf8))

    init() throws { supplier = try P256PrivateKey.generate() }

    func manifest(_ component: SoftwareComponent, _ digest: [UInt8], security: UInt32 = 1) throws -> SoftwareManifest {
        try SoftwareManifest(
            signing: component, SoftwareVersion(1, 0, 0), digest: digest, securityVersion: security, by: supplier)
    }
}

/// The module and its surroundings, as a technician or a thief sees them.
extension LiveTill {
    /// All that another device needs to be this one.
    struct Copy {
        var image: [UInt8]
        var hardware: EmulatedHardware
    }

    var copy: Copy { Copy(image: image, hardware: hardware) }

    func present(_ loader: Loader) throws {
        try module.present(loader.manifest(.module, loader.executable), now: bank.now)
        try module.present(loader.manifest(.application, loader.application), now: bank.now)
        measure(loader)
    }

    /// What a loader does at each start and once a day.
    func measure(_ loader: Loader) {
        module.measure(executable: loader.executable, application: loader.application, now: bank.now)
        perform()
    }

    /// Cuts the module's power, or ends its work in order, and starts it from what is stored.
    func restartModule(inOrder: Bool, from stored: [UInt8]? = nil) throws {
        if inOrder {
            module.shutDown(now: bank.now)
            perform()
        }
        guard
            let again = TerminalSecurityModule(
                sealedState: stored ?? image, storageKey: storageKey, hardware: hardware, now: bank.now)
        else { throw Missing() }
        module = again
        module.resumeJournal(terminal.sealedTail.map(\.bytes))
        powerUp()
    }

    /// What is stored, with one bit of the sealed lease key another.
    func imageWithoutLeaseKey() throws -> [UInt8] {
        var reader = ByteReader(image)
        // Magic and state, the record, its MAC; then transaction keys, health key, lease key.
        _ = try reader.raw(5)
        _ = try reader.sized()
        _ = try reader.raw(16)
        for _ in 0..<3 { _ = try reader.sized() }
        var image = image
        image[reader.offset - 1] ^= 1
        return image
    }

    /// Another device with this one's keys takes its place in the terminal.
    func insert(_ copy: Copy) throws {
        hardware = copy.hardware
        try restartModule(inOrder: false, from: copy.image)
    }

    /// Another module, new from its maker, takes the place of the one in the terminal.
    func insert(_ provisioning: borrowing ModuleProvisioning) throws {
        hardware = EmulatedHardware(firmware: Bank.firmware)
        guard
            let new = TerminalSecurityModule(
                provisioning: provisioning, storageKey: storageKey, hardware: hardware, now: bank.now)
        else { throw Missing() }
        module = new
        powerUp()
    }

    private func powerUp() {
        if let loader { measure(loader) } else { module.powerUp(now: bank.now) }
        perform()
    }

    /// A sale as far as the module reads it.
    func message(pin: Bool) throws -> (bytes: [UInt8], holes: MessageHoles) {
        let profile = status.profile
        var builder = MessageBuilder(.financialRequest, spec: .iso8583_1987)
        builder.set(11, number: 900)
        builder.set(41, text: id.description)
        if pin { builder.reserve(profile.pinBlockField, count: profile.pinBlockLength) }
        builder.reserve(62, count: profile.ksnLength)
        builder.reserve(63, count: HealthElement.length)
        builder.reserveMAC()
        let encoded = try builder.encode()
        return (
            encoded.bytes,
            MessageHoles(
                ksn: try require(encoded.range(of: 62)), health: try require(encoded.range(of: 63)),
                pinBlock: pin ? encoded.range(of: profile.pinBlockField) : nil,
                mac: try require(encoded.macField.flatMap { encoded.range(of: $0) }))
        )
    }

    /// Uses up so many counters on messages that never leave.
    func burn(_ count: Int) throws {
        let (bytes, holes) = try message(pin: false)
        for _ in 0..<count {
            guard case .protected = ask(.protect(purpose: .report, message: bytes, holes: holes, pan: nil)) else {
                throw Missing()
            }
        }
    }

    /// The keys that the module says it holds, by slot; empty once it was tampered with, nil where it gives no evidence.
    var slots: [UInt8]? {
        guard status.state != .tampered else { return [] }
        let nonce = [UInt8](repeating: 9, count: 16)
        guard case .evidence(let bytes, _) = ask(.attest(nonce: nonce, application: SoftwareVersion(2, 0, 0))),
            let claims = try? EvidenceClaims(decoding: Array(bytes.dropLast(EvidenceClaims.macLength)))
        else { return nil }
        return claims.device?.inventory.map(\.slot)
    }

    /// A passcode typed at the module's keypad.
    @discardableResult
    func supervisor(_ number: UInt8, _ passcode: String, _ purpose: SupervisorPurpose) throws -> SupervisorOutcome {
        try module.beginSupervisorEntry(number, purpose, now: bank.now)
        for digit in passcode.utf8 { module.press(.digit(digit - 0x30), now: bank.now) }
        module.press(.enter, now: bank.now)
        guard let check = module.takeSupervisorCheck(now: bank.now, random: &random) else { throw Missing() }
        perform()
        defer { perform() }
        return module.conclude(check.run(), now: bank.now)
    }
}
