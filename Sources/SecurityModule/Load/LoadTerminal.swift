// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// A terminal's message protection for load tests and replays: no keypad, no limit on PINs, no self-test, no storage.
///
/// It has the keys of one `ModuleProvisioning` that a test made, and never those of a `TerminalSecurityModule`, which
/// has no such switch. The host treats it as any terminal: it signs on, gets a lease, and its counters must rise.
public struct LoadTerminal: ~Copyable, Sendable {
    public let keys: TerminalKeys
    public let serial: UInt64
    public let firmware: SoftwareVersion
    /// What the next health element says; the counter rises by itself.
    public var claims: HealthClaims
    /// DUKPT profiles.
    private var device: TransactionKeyDevice?
    /// Session profiles.
    private let master: TerminalMasterKey?
    /// From the last sign-on; nil before the first.
    private var session: SessionKeys?
    private var transaction: TransactionKeys?
    private let health: SecretKey
    private let lease: AESCMAC
    private var nonce: [UInt8] = []

    /// - Returns: nil when the provisioned keys are not those of a module, the first counter is not legal, or the TMK weak.
    public init?(provisioning: borrowing ModuleProvisioning) {
        guard let initial = try? provisioning.key(.initial) else { return nil }
        guard let health = try? provisioning.key(.health) else { return nil }
        guard let lease = try? provisioning.key(.lease) else { return nil }
        self.init(provisioning, initial, health, lease)
    }

    private init?(
        _ provisioning: borrowing ModuleProvisioning, _ initial: borrowing SecretKey, _ health: borrowing SecretKey,
        _ lease: borrowing SecretKey
    ) {
        keys = provisioning.keys
        serial = provisioning.serial
        firmware = provisioning.firmware
        let isSession = provisioning.keys.profile.isSession
        master = TerminalMasterKey(initial, profile: provisioning.keys.profile)
        device =
            isSession
            ? nil
            : TransactionKeyDevice.make(
                initialKey: initial, ksn: KSNLayout.initialKSN(of: provisioning.keys),
                firstCounter: provisioning.firstCounter)
        guard isSession ? master != nil && provisioning.firstCounter > 0 : device != nil else { return nil }
        transaction = nil
        self.health = health.copy()
        self.lease = AESCMAC(key: lease)
        claims = HealthClaims(
            state: .ready, counter: isSession ? provisioning.firstCounter - 1 : 0, leaseID: 0,
            identityEpoch: provisioning.keys.identityEpoch, eventCounter: 0,
            selfTestNumber: 1)
    }

    /// Writes KSN, PIN block, health element and MAC.
    ///
    /// - Returns: nil for holes that do not fit, a PIN hole without PAN, or exhausted keys.
    public mutating func protect(
        message: [UInt8], holes: MessageHoles, pan: PAN?, pin: borrowing ClearPIN
    ) -> [UInt8]? {
        guard holes.fit(message, keys.profile), !holes.mac.isEmpty, let transaction = nextTransaction() else {
            return nil
        }
        var output = message
        if let range = holes.pinBlock {
            guard let number = pan?.forPIN else { return nil }
            output.replaceSubrange(range, with: transaction.encryptPINBlock(pin, pan: number, fill: RandomBytes.word()))
        }
        return finish(&output, holes, transaction)
    }

    /// As `protect(message:holes:pan:pin:)`, for a message without a PIN.
    ///
    /// - Returns: nil for holes that do not fit, a PIN hole, or exhausted or missing keys.
    public mutating func protect(message: [UInt8], holes: MessageHoles) -> [UInt8]? {
        guard holes.fit(message, keys.profile), holes.pinBlock == nil else { return nil }
        var output = message
        guard !holes.mac.isEmpty else {
            writeHealth(&output, holes)
            return output
        }
        guard let transaction = nextTransaction() else { return nil }
        return finish(&output, holes, transaction)
    }

    /// Counters are reserved by the thousand, without a store: this terminal is never restored.
    private mutating func nextTransaction() -> TransactionKeys? {
        if let session { return .session(session) }
        guard var device = device.take() else { return nil }
        if !device.isReserved { device.confirm(stored: device.reserve(1_000, under: .random(count: 32))) }
        let transaction = device.nextTransaction()
        self.device = consume device
        return transaction
    }

    private mutating func writeHealth(_ output: inout [UInt8], _ holes: MessageHoles) {
        claims.counter += 1
        HealthElementSeal.write(claims, key: health, into: &output, holes.health, holes.covered)
    }

    private mutating func finish(
        _ output: inout [UInt8], _ holes: MessageHoles, _ transaction: consuming TransactionKeys
    ) -> [UInt8] {
        output.replaceSubrange(holes.ksn, with: transaction.ksn)
        writeHealth(&output, holes)
        output.replaceSubrange(holes.mac, with: transaction.requestMAC(output, holes.covered))
        self.transaction = consume transaction
        return output
    }

    /// Whether the MAC, the last eight bytes, is that of the answer to the message protected last.
    public mutating func verifyAnswer(message: [UInt8], mac: Range<Int>, macStart: Int = 0) -> Bool {
        guard mac.count == MessageHoles.macLength, mac.upperBound == message.count,
            macStart >= 0, macStart < mac.lowerBound
        else { return false }
        let code = transaction.borrowed { $0.responseMAC(message, macStart..<mac.lowerBound) }
        return constantTimeEquals(code ?? [], Array(message[mac]))
    }

    /// Evidence as a sound module's, with its CMAC: what a sign-on carries.
    ///
    /// - Parameter token: the one-time token to hash in; random if there is none.
    public mutating func attest(nonce: [UInt8], application: SoftwareVersion, token: [UInt8]? = nil) -> [UInt8] {
        self.nonce = nonce
        let token = token ?? RandomBytes.bytes(SHA256.digestCount)
        let evidence = EvidenceClaims(
            nonce: nonce, serial: serial, firmware: firmware, application: application, profile: keys.profile,
            keySet: keys.keySet, lifecycle: claims.leaseID == 0 ? .commissioned : .active,
            identityEpoch: keys.identityEpoch, healthCounter: claims.counter, eventCounter: claims.eventCounter,
            selfTestNumber: claims.selfTestNumber, selfTestAgeSeconds: 0, openWarnings: [],
            deathTokenHash: SHA256.hash(token), linkTokenHash: SHA256.hash(token),
            auditHead: [UInt8](repeating: 0, count: SHA256.digestCount))
        let bytes = evidence.encoded()
        return bytes + AESCMAC(key: health).code(bytes)
    }

    /// What a module that has raised these warnings says of them in a report, with its CMAC.
    public func statement(_ warnings: [RaisedWarning]) -> [UInt8] {
        let statement = WarningStatement(
            identityEpoch: keys.identityEpoch, eventCounter: claims.eventCounter, openWarnings: warnings)
        let bytes = statement.encoded()
        return bytes + AESCMAC(key: health).code(bytes)
    }

    /// Session profiles: takes the keys of a download and the lease that came with it.
    public mutating func acceptKeys(download: [UInt8], ticket: [UInt8]) -> Bool {
        guard let session = master.borrowed({ $0.session(opening: download) }).flatMap({ $0 }),
            acceptLease(ticket: ticket, with: download)
        else { return false }
        self.session = session
        return true
    }

    /// Takes the lease of an authentic ticket for the attestation made last.
    public mutating func acceptLease(ticket bytes: [UInt8]) -> Bool { acceptLease(ticket: bytes, with: []) }

    private mutating func acceptLease(ticket bytes: [UInt8], with download: [UInt8]) -> Bool {
        let body = Array(bytes.dropLast(LeaseTicket.macLength))
        guard bytes.count > LeaseTicket.macLength,
            lease.verify(Array(bytes.suffix(LeaseTicket.macLength)), message: body + download),
            let ticket = try? LeaseTicket(decoding: body), ticket.identityEpoch == keys.identityEpoch,
            ticket.nonce == nonce, ticket.activated
        else { return false }
        claims.leaseID = ticket.leaseID
        return true
    }
}
