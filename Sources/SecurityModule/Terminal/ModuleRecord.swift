// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// What the latch area keeps of a tampering: it outlives every key.
struct TamperLatch: Equatable, Sendable {
    var warning: WarningCode
    var at: Instant
    /// False between the latch and the end of zeroisation: a restart then resumes it.
    var zeroised: Bool
    /// Released once; empty when the module had never attested.
    var deathToken: [UInt8]

    var releasedToken: [UInt8]? { deathToken.isEmpty ? nil : deathToken }
}

/// Whether the estate has put the module in service.
enum Activation: UInt8, Sendable {
    case never = 0
    case active = 1
    /// By a ticket that says so.
    case suspended = 2
    /// The record was erased: only a ticket that clears A01 by name brings it back.
    case lost = 3
}

struct Lease: Equatable, Sendable {
    var number: UInt32
    var expires: Instant
}

/// Everything of the module that outlives a restart and is no secret.
struct ModuleRecord: Equatable, Sendable {
    var keys: TerminalKeys
    var serial: UInt64
    /// Rises with every stored image.
    var version: UInt64 = 0
    var latch: TamperLatch?
    var activation = Activation.never
    var lease: Lease?
    var firmwareRange: ClosedRange<SoftwareVersion>?
    var healthCounter: UInt32 = 0
    var eventCounter: UInt32 = 0
    var selfTestNumber: UInt32 = 0
    var selfTestPassedAt: Instant?
    /// The newest time the module has been told.
    var clock: Instant
    var openWarnings: [OpenWarning] = []
    /// When H01 was last cleared: a second failure within seven days needs the service centre.
    var algorithmFailureCleared: Instant?
    var financialKeysZeroised = false
    var deathTokenHash: [UInt8] = []
    /// In the order of `KeySlot.checked(_:)`.
    var checkValues: [[UInt8]]
    /// The counter of the stored DUKPT registers: the first one a restart may use. Zero in session profiles.
    var storedCounter: UInt64 = 0
    var pinRate = PINRate()
    var audit = AuditLog()

    init(keys: TerminalKeys, serial: UInt64, clock: Instant) {
        (self.keys, self.serial, self.clock) = (keys, serial, clock)
        checkValues = KeySlot.checked(keys.profile).map { _ in [] }
    }

    func isOpen(_ code: WarningCode) -> Bool { openWarnings.contains { $0.code == code } }

    /// The position in the lifecycle that the record amounts to.
    var lifecycle: Lifecycle {
        if latch != nil { return .tampered }
        switch activation {
        case .never: return .commissioned
        case .suspended, .lost: return .suspended
        case .active: return openWarnings.contains { $0.effect.halts == .all } ? .halted : .active
        }
    }

    /// What the health element says. A restricted terminal is not ready either: the host approves nothing of it.
    var state: ModuleState {
        if latch != nil { return .tampered }
        if openWarnings.contains(where: { $0.code != .a01 && $0.effect.halts != .none }) { return .halted }
        return activation == .active && !isOpen(.a01) ? .ready : .unprovisioned
    }

    // MARK: Codec

    private static let format: UInt8 = 1

    func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 2_560)
        writer.byte(Self.format)
        writer.word(keys.terminal.packed)
        writer.byte(keys.profile.rawValue)
        writer.unsigned(keys.keySet)
        writer.unsigned(keys.identityEpoch)
        writer.word(serial)
        writer.unsigned(version)
        writer.optional(latch) { writer, latch in
            writer.byte(latch.warning.wireNumber)
            writer.instant(latch.at)
            writer.flag(latch.zeroised)
            writer.sized(latch.deathToken)
        }
        writer.byte(activation.rawValue)
        writer.optional(lease) { writer, lease in
            writer.unsigned(lease.number)
            writer.instant(lease.expires)
        }
        writer.optional(firmwareRange) { writer, range in
            writer.unsigned(range.lowerBound.packed)
            writer.unsigned(range.upperBound.packed)
        }
        writer.unsigned(healthCounter)
        writer.unsigned(eventCounter)
        writer.unsigned(selfTestNumber)
        writer.optional(selfTestPassedAt) { $0.instant($1) }
        writer.instant(clock)
        writer.list(openWarnings) { $1.write(to: &$0) }
        writer.optional(algorithmFailureCleared) { $0.instant($1) }
        writer.flag(financialKeysZeroised)
        writer.sized(deathTokenHash)
        writer.list(checkValues) { $0.sized($1) }
        writer.unsigned(storedCounter)
        pinRate.write(to: &writer)
        audit.write(to: &writer)
        return writer.bytes
    }

    init(decoding bytes: [UInt8]) throws(CodecError) {
        var reader = ByteReader(bytes)
        guard try reader.byte() == Self.format else { throw .invalid(offset: 0, what: "module record format") }
        let terminal = TerminalID(packed: try reader.word())
        let profile = try reader.raw(KeyProfile.self, "key profile")
        let keySet: UInt16 = try reader.unsigned()
        keys = TerminalKeys(
            terminal: terminal, profile: profile, keySet: keySet, identityEpoch: try reader.unsigned())
        serial = try reader.word()
        version = try reader.unsigned()
        latch = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            let warning = try reader.warning()
            let at = try reader.instant()
            let zeroised = try reader.flag()
            return TamperLatch(warning: warning, at: at, zeroised: zeroised, deathToken: try reader.sized())
        }
        activation = try reader.raw(Activation.self, "activation")
        lease = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            let number: UInt32 = try reader.unsigned()
            return Lease(number: number, expires: try reader.instant())
        }
        firmwareRange = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            let start = reader.offset
            let minimum = SoftwareVersion(packed: try reader.unsigned())
            let maximum = SoftwareVersion(packed: try reader.unsigned())
            guard minimum <= maximum else { throw .invalid(offset: start, what: "firmware range") }
            return minimum...maximum
        }
        healthCounter = try reader.unsigned()
        eventCounter = try reader.unsigned()
        selfTestNumber = try reader.unsigned()
        selfTestPassedAt = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try reader.instant()
        }
        clock = try reader.instant()
        openWarnings = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            try OpenWarning(from: &reader)
        }
        algorithmFailureCleared = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try reader.instant()
        }
        financialKeysZeroised = try reader.flag()
        deathTokenHash = try reader.sized()
        checkValues = try reader.list { (reader: inout ByteReader) throws(CodecError) in try reader.sized() }
        guard checkValues.count == KeySlot.checked(profile).count else {
            throw .invalid(offset: reader.offset, what: "check values")
        }
        storedCounter = try reader.unsigned()
        pinRate = try PINRate(from: &reader)
        audit = try AuditLog(from: &reader)
        guard reader.isAtEnd else { throw .invalid(offset: reader.offset, what: "end of module record") }
    }
}
