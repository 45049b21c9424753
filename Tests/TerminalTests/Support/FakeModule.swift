// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Vocabulary

/// Eight bytes that change with every byte before them: stands for a MAC where no key is wanted.
func fakeMAC(_ bytes: some Sequence<UInt8>, salt: UInt64) -> [UInt8] {
    var hash = 0xCBF2_9CE4_8422_2325 ^ salt
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return (0..<8).map { UInt8(truncatingIfNeeded: hash >> UInt64(8 * $0)) }
}

/// A security module that keeps the rules of the protocol and holds no key.
struct FakeModule {
    static let requestSalt: UInt64 = 1
    static let answerSalt: UInt64 = 2

    var profile: KeyProfile
    var state = ModuleState.ready
    var lifecycle = Lifecycle.active
    var warnings: [WarningCode] = []
    var serial: UInt64 = 42
    /// What its evidence names instead, in claims that can be read.
    var evidencedSerial: UInt64?
    /// K06, which any accepted lease ends.
    var isSessionEnded = false
    /// Answers in a row whose MAC was wrong.
    var answerFailures = 0
    /// Tickets it has taken.
    var tickets: [LeaseTicket] = []
    var leaseExpires: Instant?
    var leaseLife = Interval.hours(8)
    var deathToken: [UInt8]?
    var keypadCount: Int?
    var ksnCounter: UInt8 = 0
    var attestations: UInt8 = 0
    /// Refuses what is asked next for the purpose.
    var refusals: [(ProtectionPurpose, ModuleRefusal)] = []
    var refusesKeypad: ModuleRefusal?
    /// Flips a byte outside the holes.
    var isAltering = false
    /// Records of its audit log, and the room that was given each time it was collected.
    var logIndex: UInt32 = 0
    var collections: [Int] = []

    init(profile: KeyProfile = .tdes) { self.profile = profile }

    var status: ModuleStatus {
        ModuleStatus(
            state: state, lifecycle: lifecycle,
            openWarnings: (warnings + (isSessionEnded ? [.k06] : [])).map {
                RaisedWarning($0, $0.entry.levels.first?.severity)
            },
            eventCounter: UInt32(warnings.count),
            selfTestNumber: 1, profile: profile, serial: serial, firmware: SoftwareVersion(1, 2, 3),
            keypadCount: keypadCount, leaseExpires: leaseExpires, deathToken: deathToken)
    }

    mutating func perform(_ command: TerminalModuleCommand, now: Instant) -> TerminalModuleReply {
        switch command {
        case .status, .selfTest: return .status(status)
        case .beginPINEntry:
            if let refusal = refusesKeypad { return .refused(refusal, status) }
            keypadCount = 4
            return .status(status)
        case .cancelPINEntry:
            keypadCount = nil
            return .status(status)
        case .protect(let purpose, let message, let holes, let pan):
            return protect(purpose, message, holes, pan, now)
        case .verifyAnswer(let message, let mac, _):
            let isAuthentic = Array(message[mac]) == fakeMAC(message[..<mac.lowerBound], salt: Self.answerSalt)
            answerFailures = isAuthentic ? 0 : answerFailures + 1
            if answerFailures == 3 { endSession() }
            return .answerAuthentic(isAuthentic)
        case .attest(let nonce, _):
            guard state != .tampered else { return .refused(.tampered, status) }
            attestations &+= 1
            return .evidence(bytes: claims(nonce) ?? [0xE5] + nonce, linkToken: [0x11, attestations])
        case .describe:
            return state == .tampered ? .refused(.tampered, status) : .statement([0x57] + warnings.map(\.wireNumber))
        case .acceptLease(let ticket):
            guard ticket.last == 0x7C, let read = try? LeaseTicket(decoding: Array(ticket.dropLast(16))) else {
                return .refused(.ticketRefused, status)
            }
            tickets.append(read)
            guard read.grantsLease else { return .leaseAccepted(status) }
            isSessionEnded = false
            leaseExpires = now + leaseLife
            return .leaseAccepted(status)
        case .signOnDue:
            endSession()
            return .status(status)
        // It keeps no sealed journal.
        case .acceptKeys, .seal: return .refused(.badRequest, status)
        case .collectLog(let index, let bytesMax): return collect(from: index, bytesMax)
        }
    }

    /// One byte a record.
    private mutating func collect(from index: UInt32, _ bytesMax: Int) -> TerminalModuleReply {
        let last = min(logIndex, index - 1 + 4)
        collections.append(bytesMax)
        guard index <= logIndex else { return .log(segment: [], through: logIndex, isLast: true) }
        return .log(
            segment: (index...last).map { UInt8(truncatingIfNeeded: $0) }, through: last, isLast: last == logIndex)
    }

    private func claims(_ nonce: [UInt8]) -> [UInt8]? {
        guard let evidencedSerial else { return nil }
        return EvidenceClaims(
            nonce: nonce, serial: evidencedSerial, firmware: SoftwareVersion(1, 2, 3),
            application: SoftwareVersion(2, 0, 1), profile: profile, keySet: 1, lifecycle: lifecycle, identityEpoch: 1,
            healthCounter: 1, eventCounter: 1, selfTestNumber: 1, selfTestAgeSeconds: 0, openWarnings: [],
            deathTokenHash: [], linkTokenHash: [], auditHead: []
        ).encoded() + [UInt8](repeating: 0, count: EvidenceClaims.macLength)
    }

    private mutating func endSession() {
        answerFailures = 0
        isSessionEnded = true
    }

    private mutating func protect(
        _ purpose: ProtectionPurpose, _ message: [UInt8], _ holes: MessageHoles, _ pan: PAN?, _ now: Instant
    ) -> TerminalModuleReply {
        if let index = refusals.firstIndex(where: { $0.0 == purpose }) {
            return .refused(refusals.remove(at: index).1, status)
        }
        if state == .tampered { return .refused(.tampered, status) }
        if purpose == .authorisation {
            guard state == .ready else { return .refused(.halted, status) }
            guard let leaseExpires, now < leaseExpires else { return .refused(.leaseMissingOrExpired, status) }
        }
        guard holes.ksn.count == profile.ksnLength, holes.health.count == HealthElement.length, holes.mac.count == 8,
            holes.mac.upperBound == message.count, message[holes.ksn].allSatisfy({ $0 == 0 }),
            message[holes.health].allSatisfy({ $0 == 0 }), message[holes.mac].allSatisfy({ $0 == 0 })
        else { return .refused(.badRequest, status) }
        var output = message
        ksnCounter &+= 1
        output.replaceSubrange(holes.ksn, with: [UInt8](repeating: 0xA0, count: profile.ksnLength - 1) + [ksnCounter])
        output.replaceSubrange(holes.health, with: [UInt8](repeating: 0xBB, count: HealthElement.length))
        if let block = holes.pinBlock {
            guard keypadCount != nil, pan != nil else { return .refused(.noPIN, status) }
            keypadCount = nil
            output.replaceSubrange(block, with: [UInt8](repeating: 0xCC, count: profile.pinBlockLength))
        }
        let mac = fakeMAC(output[..<holes.mac.lowerBound], salt: Self.requestSalt)
        output.replaceSubrange(holes.mac, with: mac)
        if isAltering { output[30] ^= 1 }
        return .protected(message: output)
    }
}
