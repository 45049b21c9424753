// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Vocabulary

struct Missing: Error {}

func require<T>(_ value: T?) throws -> T {
    guard let value else { throw Missing() }
    return value
}

func pin(_ text: String) -> SecretKey {
    let bytes = Array(text.utf8)
    return SecretKey(count: bytes.count) { $0.copyBytes(from: bytes) }
}

/// The host's module and what a terminal and it say to each other, whatever hardware the terminal has.
final class Counterpart {
    static let firmware = SoftwareVersion(1, 2, 0)
    static let nonce = [UInt8](repeating: 7, count: 16)
    static let start = Instant(seconds: 1_786_700_000)

    let host = SoftHostModule.create()
    let keys: TerminalKeys
    /// The last counters that a message was accepted with: none may come again.
    private(set) var last: (ksn: UInt32, health: UInt32) = (0, 0)

    init(_ profile: KeyProfile = .aes) throws {
        keys = TerminalKeys(
            terminal: try require(TerminalID("T0000001")), profile: profile, keySet: 3, identityEpoch: 1)
    }

    var provisioning: ModuleProvisioning { host.provision(keys, serial: 77, firmware: Self.firmware) }

    /// The ticket that answers evidence over `nonce`, as it comes in an answer.
    func ticket() -> [UInt8] {
        let ticket = LeaseTicket(
            leaseID: 1, identityEpoch: keys.identityEpoch, nonce: Self.nonce, validForSeconds: 86_400, activated: true,
            firmwareMinimum: SoftwareVersion(1, 0, 0), firmwareMaximum: SoftwareVersion(1, 9, 0), cleared: [])
        let count = ticket.encoded().count + LeaseTicket.macLength
        var ksn = KSNLayout.initialKSN(of: keys).bytes
        ksn[ksn.count - 1] |= 1
        let command = SealCommand(
            keys: keys, ksn: ksn, message: [UInt8](repeating: 0, count: count + 8), mac: count..<count + 8,
            ticket: (ticket, at: 0..<count))
        return Array(host.seal([command])[0][..<count])
    }

    /// A message with its holes.
    func request(_ purpose: ProtectionPurpose) -> TerminalModuleCommand {
        let message = (0..<mac.upperBound).map { UInt8(truncatingIfNeeded: $0 &* 31 + 5) }
        return .protect(
            purpose: purpose, message: message, holes: MessageHoles(ksn: ksn, health: health, pinBlock: nil, mac: mac),
            pan: nil)
    }

    /// Where KSN, health element and MAC begin and end.
    var bounds: [Int] { [ksn.lowerBound, ksn.upperBound, health.upperBound, mac.lowerBound, mac.upperBound] }

    private var ksn: Range<Int> { 20..<20 + keys.profile.ksnLength }
    private var health: Range<Int> { ksn.upperBound..<ksn.upperBound + HealthElement.length }
    private var mac: Range<Int> { health.upperBound + 44..<health.upperBound + 52 }

    /// Whether the host takes a protected message: authentic, ready, and under counters it has not seen.
    func accepts(_ message: [UInt8], eventCounter: UInt32) -> Bool {
        let verdict = host.open([
            OpenCommand(
                keys: keys, message: message, ksn: ksn, mac: mac, health: health,
                expectation: HealthExpectation(leaseID: 1, eventCounter: eventCounter, counterAbove: last.health),
                pin: nil, sessions: nil)
        ])[0]
        guard verdict.macAuthentic, let element = verdict.health, verdict.ksnCounter > last.ksn,
            element.counter > last.health
        else { return false }
        last = (verdict.ksnCounter, element.counter)
        return true
    }
}

// MARK: - One terminal's side

extension HardwareModule where Hardware: ~Copyable {
    /// Evidence out, ticket in.
    mutating func signOn(_ counterpart: Counterpart, now: Instant) throws -> Bool {
        let command = TerminalModuleCommand.attest(
            nonce: Counterpart.nonce, application: SoftwareVersion(3, 0, 1))
        guard case .evidence = try handle(command, now: now) else { return false }
        guard case .leaseAccepted = try handle(.acceptLease(ticket: counterpart.ticket()), now: now) else {
            return false
        }
        return true
    }

    /// One purchase that the host accepts.
    mutating func sell(_ counterpart: Counterpart, now: Instant) throws -> Bool {
        guard case .protected(let message) = try handle(counterpart.request(.authorisation), now: now) else {
            return false
        }
        return counterpart.accepts(message, eventCounter: status(now: now).eventCounter)
    }
}
