// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Vocabulary

/// A host's module and one terminal's module on a bench, wired to each other.
final class Bench {
    let host: SoftHostModule
    var keys: TerminalKeys
    var module: TerminalSecurityModule
    var hardware: EmulatedHardware
    /// What the shell has stored.
    var image: [UInt8] = []
    let storageKey = SecretKey.random(count: 32)
    var random = SeededRandom(seed: 20_260_814)
    var now = Instant(seconds: 1_786_700_000)
    /// The session whose keys the module took last, in a session profile.
    var session: UInt32 = 0
    /// Every byte string that has left the module.
    var seen: [[UInt8]] = []

    static let firmware = SoftwareVersion(1, 2, 0)
    static let application = SoftwareVersion(3, 0, 1)
    static let nonce = [UInt8](repeating: 7, count: 16)

    /// - Parameter supplier: pinned; the module is then started by what its loader measures.
    init(
        _ profile: KeyProfile = .aes, terminal: String = "T0000001", epoch: UInt16 = 1,
        supplier: P256PublicKey? = nil, host: SoftHostModule = .create()
    ) throws {
        self.host = host
        keys = TerminalKeys(
            terminal: try require(TerminalID(terminal)), profile: profile, keySet: 3, identityEpoch: epoch)
        hardware = EmulatedHardware(firmware: Self.firmware)
        guard
            let made = TerminalSecurityModule(
                provisioning: host.provision(keys, serial: 77, firmware: Self.firmware, supplier: supplier),
                storageKey: storageKey, hardware: hardware, now: now)
        else { throw Missing() }
        module = made
        if supplier == nil { module.powerUp(now: now) }
        perform()
    }

    /// Does what a shell does after each call.
    func perform() {
        for effect in module.takeEffects() {
            switch effect {
            case .store(let new):
                image = new
                seen.append(new)
            case .raiseCounter(let value): hardware.raiseCounter(to: value)
            case .barrier, .eraseStorageKey: break
            }
        }
    }

    func handle(_ command: TerminalModuleCommand) -> TerminalModuleReply {
        let reply = module.handle(command, now: now, random: &random)
        perform()
        return reply
    }

    func wait(_ interval: Interval) { now = now + interval }

    func sense() {
        module.sense(hardware, now: now)
        perform()
    }

    func make(_ fault: HardwareFault) {
        hardware.apply(fault)
        sense()
    }

    /// A technician loads keys again, of another set if need be.
    func load(first: UInt32, keySet: UInt16? = nil) -> Bool {
        var keys = keys
        if let keySet { keys.keySet = keySet }
        let loaded = module.load(
            host.provision(keys, serial: 77, firmware: Self.firmware, firstCounter: first), now: now)
        perform()
        if loaded { self.keys = keys }
        return loaded
    }

    var status: ModuleStatus { module.status(now: now) }

    /// Cuts the power and starts from what was stored.
    ///
    /// - Parameter inOrder: the module is shut down first.
    func restart(inOrder: Bool = false, powersUp: Bool = true) throws {
        if inOrder {
            module.shutDown(now: now)
            perform()
        }
        guard
            let again = TerminalSecurityModule(
                sealedState: image, storageKey: storageKey, hardware: hardware, now: now)
        else { throw Missing() }
        module = again
        if powersUp { module.powerUp(now: now) }
        perform()
    }

    // MARK: Lease

    func ticket(
        lease: UInt32 = 1, nonce: [UInt8] = Bench.nonce, epoch: UInt16? = nil, activated: Bool = true,
        hours: UInt32 = 24, cleared: [WarningCode] = [], grants: Bool = true, hostTime: Instant? = nil,
        orders: [ModuleOrder] = [], binding: UInt64 = 0
    ) -> LeaseTicket {
        var ticket = LeaseTicket(
            leaseID: lease, identityEpoch: epoch ?? keys.identityEpoch, nonce: nonce, validForSeconds: hours * 3_600,
            activated: activated, firmwareMinimum: SoftwareVersion(1, 0, 0), firmwareMaximum: SoftwareVersion(1, 9, 0),
            cleared: cleared, grantsLease: grants, hostTime: hostTime)
        ticket.orders = orders
        ticket.binding = binding
        return ticket
    }

    /// Hands a ticket to the module.
    @discardableResult
    func accept(_ ticket: LeaseTicket) -> TerminalModuleReply {
        handle(.acceptLease(ticket: sealed(ticket, ksn: anyKSN)))
    }

    /// The ticket as the host's module seals it into an answer.
    func sealed(_ ticket: LeaseTicket, ksn: [UInt8]) -> [UInt8] {
        if keys.profile.isSession { return grant(ticket, session: nil).ticket }
        let count = ticket.encoded().count + LeaseTicket.macLength
        let message = [UInt8](repeating: 0, count: count + 8)
        let command = SealCommand(
            keys: keys, ksn: ksn, message: message, mac: count..<count + 8, ticket: (ticket, at: 0..<count))
        return Array(host.seal([command])[0][..<count])
    }

    /// The ticket, and the keys of a session, as the host's module puts them into an answer without a MAC.
    func grant(
        _ ticket: LeaseTicket, session: UInt32?, hasTrackKey: Bool = false
    ) -> (ticket: [UInt8], download: [UInt8]) {
        let count = ticket.encoded().count + LeaseTicket.macLength
        let end = count + (session == nil ? 0 : hasTrackKey ? 60 : 40)
        let command = SealCommand(
            keys: keys, ksn: [], message: [UInt8](repeating: 0, count: end), mac: end..<end,
            ticket: (ticket, at: 0..<count), download: session.map { ($0, at: count..<end) })
        let message = host.seal([command])[0]
        return (Array(message[..<count]), Array(message[count...]))
    }

    var anyKSN: [UInt8] {
        if keys.profile.isSession { return [] }
        var ksn = KSNLayout.initialKSN(of: keys).bytes
        ksn[ksn.count - 1] |= 1
        return ksn
    }

    func attest(nonce: [UInt8] = Bench.nonce) -> EvidenceClaims? {
        guard case .evidence(let bytes, _) = handle(.attest(nonce: nonce, application: Self.application)) else {
            return nil
        }
        return (try? SignedEvidence(decoding: Array(bytes.dropLast(EvidenceClaims.macLength))))?.claims
    }

    /// Signs on: evidence out, ticket in.
    @discardableResult
    func signOn(lease: UInt32 = 1, activated: Bool = true, cleared: [WarningCode] = []) -> Bool {
        guard attest() != nil else { return false }
        if keys.profile.isSession {
            let (bytes, download) = grant(
                ticket(lease: lease, activated: activated, cleared: cleared), session: session + 1)
            guard case .leaseAccepted = handle(.acceptKeys(download: download, ticket: bytes)) else { return false }
            session += 1
            return true
        }
        let bytes = sealed(ticket(lease: lease, activated: activated, cleared: cleared), ksn: anyKSN)
        if case .leaseAccepted = handle(.acceptLease(ticket: bytes)) { return true }
        return false
    }

    // MARK: Messages

    /// A message of 140 to 152 bytes with its holes.
    func request(pin: Bool) -> (message: [UInt8], holes: MessageHoles) {
        let profile = keys.profile
        let ksn = 20..<20 + profile.ksnLength
        let block = ksn.upperBound + 4..<ksn.upperBound + 4 + profile.pinBlockLength
        let health = block.upperBound + 2..<block.upperBound + 2 + HealthElement.length
        let mac = health.upperBound + 44..<health.upperBound + 52
        let message = (0..<mac.upperBound).map { UInt8(truncatingIfNeeded: $0 &* 31 + 5) }
        return (message, MessageHoles(ksn: ksn, health: health, pinBlock: pin ? block : nil, mac: mac))
    }

    func enter(_ digits: String) {
        for digit in digits.utf8 { module.press(.digit(digit - 0x30), now: now) }
        module.press(.enter, now: now)
    }

    func protect(_ purpose: ProtectionPurpose, pin: Bool = false, pan: PAN? = nil) -> TerminalModuleReply {
        let (message, holes) = request(pin: pin)
        return handle(.protect(purpose: purpose, message: message, holes: holes, pan: pan))
    }

    /// A protected purchase with a PIN.
    func purchase(_ digits: String, _ pan: PAN) throws -> [UInt8] {
        _ = handle(.beginPINEntry)
        enter(digits)
        guard case .protected(let message) = protect(.authorisation, pin: true, pan: pan) else { throw Missing() }
        seen.append(message)
        return message
    }

    func expectation(above counter: UInt32 = 0) -> HealthExpectation {
        HealthExpectation(leaseID: 1, eventCounter: status.eventCounter, counterAbove: counter)
    }

    func openCommand(
        _ message: [UInt8], reference: PINReference? = nil, pan: PAN? = nil, above: UInt32 = 0
    ) -> OpenCommand {
        let holes = request(pin: true).holes
        var question: PINQuestion?
        if let reference, let pan, let block = holes.pinBlock {
            question = PINQuestion(block: block, pan: pan, reference: reference)
        }
        return OpenCommand(
            keys: keys, message: message, ksn: holes.ksn, mac: holes.mac, health: holes.health,
            expectation: expectation(above: above), pin: question,
            sessions: keys.profile.isSession ? SessionCandidates(current: session) : nil)
    }

    func open(_ message: [UInt8], reference: PINReference? = nil, pan: PAN? = nil, above: UInt32 = 0) -> OpenVerdict {
        host.open([openCommand(message, reference: reference, pan: pan, above: above)])[0]
    }
}

struct Missing: Error {}

func require<T: ~Copyable>(_ value: consuming T?) throws -> T {
    guard let value else { throw Missing() }
    return value
}

func refusal(_ reply: TerminalModuleReply) -> ModuleRefusal? {
    if case .refused(let refusal, _) = reply { return refusal }
    return nil
}

func isProtected(_ reply: TerminalModuleReply) -> Bool {
    if case .protected = reply { return true }
    return false
}

/// A PIN of digits that a test made up.
func clearPIN(_ digits: String) throws -> ClearPIN {
    let text = Array(digits.utf8)
    let secret = SecretKey(count: text.count) { $0.copyBytes(from: text) }
    guard let pin = ClearPIN(digits: secret) else { throw Missing() }
    return pin
}

/// Where an image keeps registers, health key, lease key, death token and the records' keys: behind the record and its MAC,
/// each after its length.
func storedParts(_ image: [UInt8]) throws -> [Range<Int>] {
    var reader = ByteReader(image)
    _ = try reader.raw(5)
    _ = try reader.sized()
    _ = try reader.raw(16)
    var places: [Range<Int>] = []
    while !reader.isAtEnd {
        let count = try reader.sized().count
        places.append(reader.offset - count..<reader.offset)
    }
    return places
}
