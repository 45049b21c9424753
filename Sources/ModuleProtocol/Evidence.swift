// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Vocabulary

/// A version of module firmware or POS application: major.minor.patch, compared as a number.
public struct SoftwareVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var packed: UInt32

    public init(packed: UInt32) { self.packed = packed }
    public init(_ major: UInt8, _ minor: UInt8, _ patch: UInt16) {
        packed = UInt32(major) << 24 | UInt32(minor) << 16 | UInt32(patch)
    }

    public static func < (left: SoftwareVersion, right: SoftwareVersion) -> Bool { left.packed < right.packed }
    public var description: String { "\(packed >> 24).\(packed >> 16 & 0xFF).\(packed & 0xFFFF)" }
}

/// What a module attests at sign-on over the host's nonce: the evidence of RFC 9334, in a record of our own.
public struct EvidenceClaims: Equatable, Sendable {
    public var nonce: [UInt8]
    public var serial: UInt64
    public var firmware: SoftwareVersion
    public var application: SoftwareVersion
    public var profile: KeyProfile
    /// The host's key set that the terminal's initial key was derived from.
    public var keySet: UInt16
    public var lifecycle: Lifecycle
    public var identityEpoch: UInt16
    public var healthCounter: UInt32
    public var eventCounter: UInt32
    public var selfTestNumber: UInt32
    public var selfTestAgeSeconds: UInt32
    public var openWarnings: [WarningCode]
    /// SHA-256 of the one-time token that the module releases when it is tampered with (rule R7).
    public var deathTokenHash: [UInt8]
    /// SHA-256 of the one-time token that the POS application shows when it has lost its module.
    public var linkTokenHash: [UInt8]
    /// SHA-256 head of the module's audit log.
    public var auditHead: [UInt8]

    public init(
        nonce: [UInt8], serial: UInt64, firmware: SoftwareVersion, application: SoftwareVersion, profile: KeyProfile,
        keySet: UInt16, lifecycle: Lifecycle, identityEpoch: UInt16, healthCounter: UInt32, eventCounter: UInt32,
        selfTestNumber: UInt32, selfTestAgeSeconds: UInt32, openWarnings: [WarningCode], deathTokenHash: [UInt8],
        linkTokenHash: [UInt8], auditHead: [UInt8]
    ) {
        self.nonce = nonce
        self.serial = serial
        self.firmware = firmware
        self.application = application
        self.profile = profile
        self.keySet = keySet
        self.lifecycle = lifecycle
        self.identityEpoch = identityEpoch
        self.healthCounter = healthCounter
        self.eventCounter = eventCounter
        self.selfTestNumber = selfTestNumber
        self.selfTestAgeSeconds = selfTestAgeSeconds
        self.openWarnings = openWarnings
        self.deathTokenHash = deathTokenHash
        self.linkTokenHash = linkTokenHash
        self.auditHead = auditHead
    }

    public static let macLength = 16
    private static let version: UInt8 = 1

    /// The attested bytes; sixteen bytes of AES-CMAC under the health key follow them on the wire (DE 57).
    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 192)
        writer.byte(Self.version)
        writer.sized(nonce)
        writer.word(serial)
        writer.unsigned(firmware.packed)
        writer.unsigned(application.packed)
        writer.byte(profile.rawValue)
        writer.unsigned(keySet)
        writer.byte(lifecycle.rawValue)
        writer.unsigned(identityEpoch)
        writer.unsigned(healthCounter)
        writer.unsigned(eventCounter)
        writer.unsigned(selfTestNumber)
        writer.unsigned(selfTestAgeSeconds)
        writer.list(openWarnings) { $0.byte($1.wireNumber) }
        writer.sized(deathTokenHash)
        writer.sized(linkTokenHash)
        writer.sized(auditHead)
        return writer.bytes
    }

    /// - Throws: `CodecError` for anything but exactly one encoded record.
    public init(decoding bytes: [UInt8]) throws(CodecError) {
        var reader = ByteReader(bytes)
        guard try reader.byte() == Self.version else { throw .invalid(offset: 0, what: "evidence version") }
        nonce = try reader.sized()
        serial = try reader.word()
        firmware = SoftwareVersion(packed: try reader.unsigned())
        application = SoftwareVersion(packed: try reader.unsigned())
        profile = try reader.raw(KeyProfile.self, "key profile")
        keySet = try reader.unsigned()
        lifecycle = try reader.raw(Lifecycle.self, "lifecycle")
        identityEpoch = try reader.unsigned()
        healthCounter = try reader.unsigned()
        eventCounter = try reader.unsigned()
        selfTestNumber = try reader.unsigned()
        selfTestAgeSeconds = try reader.unsigned()
        openWarnings = try reader.list { (reader: inout ByteReader) throws(CodecError) in try reader.warning() }
        deathTokenHash = try reader.sized()
        linkTokenHash = try reader.sized()
        auditHead = try reader.sized()
        guard reader.isAtEnd else { throw .invalid(offset: reader.offset, what: "end of evidence") }
    }
}

/// The host's licence to trade, in the answer to an accepted sign-on (DE 57); sixteen bytes of AES-CMAC follow it.
///
/// It holds only for the identity epoch it names, and the module believes nothing else: warnings are cleared and
/// the terminal is activated by what stands here, under a key the POS application does not have.
public struct LeaseTicket: Equatable, Sendable {
    public var leaseID: UInt32
    public var identityEpoch: UInt16
    /// The nonce of the evidence it answers.
    public var nonce: [UInt8]
    public var validForSeconds: UInt32
    /// False leaves or puts the module out of service (A01).
    public var activated: Bool
    /// Firmware outside this range must halt with C02.
    public var firmwareMinimum: SoftwareVersion
    public var firmwareMaximum: SoftwareVersion
    /// Warnings the estate has cleared, by whoever may.
    public var cleared: [WarningCode]

    public init(
        leaseID: UInt32, identityEpoch: UInt16, nonce: [UInt8], validForSeconds: UInt32, activated: Bool,
        firmwareMinimum: SoftwareVersion, firmwareMaximum: SoftwareVersion, cleared: [WarningCode]
    ) {
        self.leaseID = leaseID
        self.identityEpoch = identityEpoch
        self.nonce = nonce
        self.validForSeconds = validForSeconds
        self.activated = activated
        self.firmwareMinimum = firmwareMinimum
        self.firmwareMaximum = firmwareMaximum
        self.cleared = cleared
    }

    public static let macLength = 16
    private static let version: UInt8 = 1

    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 48)
        writer.byte(Self.version)
        writer.unsigned(leaseID)
        writer.unsigned(identityEpoch)
        writer.sized(nonce)
        writer.unsigned(validForSeconds)
        writer.flag(activated)
        writer.unsigned(firmwareMinimum.packed)
        writer.unsigned(firmwareMaximum.packed)
        writer.list(cleared) { $0.byte($1.wireNumber) }
        return writer.bytes
    }

    /// - Throws: `CodecError` for anything but exactly one encoded ticket.
    public init(decoding bytes: [UInt8]) throws(CodecError) {
        var reader = ByteReader(bytes)
        guard try reader.byte() == Self.version else { throw .invalid(offset: 0, what: "ticket version") }
        leaseID = try reader.unsigned()
        identityEpoch = try reader.unsigned()
        nonce = try reader.sized()
        validForSeconds = try reader.unsigned()
        activated = try reader.flag()
        firmwareMinimum = SoftwareVersion(packed: try reader.unsigned())
        firmwareMaximum = SoftwareVersion(packed: try reader.unsigned())
        cleared = try reader.list { (reader: inout ByteReader) throws(CodecError) in try reader.warning() }
        guard reader.isAtEnd else { throw .invalid(offset: reader.offset, what: "end of ticket") }
    }
}

extension ByteReader {
    /// A one-byte enumeration.
    public mutating func raw<T: RawRepresentable>(
        _ type: T.Type, _ what: String
    ) throws(CodecError) -> T where T.RawValue == UInt8 {
        let start = offset
        guard let value = T(rawValue: try byte()) else { throw .invalid(offset: start, what: what) }
        return value
    }

    /// A warning by its wire number.
    public mutating func warning() throws(CodecError) -> WarningCode {
        let start = offset
        guard let code = WarningCode(wireNumber: try byte()) else { throw .invalid(offset: start, what: "warning") }
        return code
    }
}
