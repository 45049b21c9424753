// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Vocabulary

/// What a module attests at sign-on over the host's nonce: the evidence of RFC 9334, in a record of our own.
///
/// Records of version 1, which journals hold, have no severities (each warning is at the one it begins with) and say
/// nothing of the device; those of version 2 say nothing of the module's identity.
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
    public var openWarnings: [RaisedWarning]
    /// SHA-256 of the one-time token that the module releases when it is tampered with (rule R7).
    public var deathTokenHash: [UInt8]
    /// SHA-256 of the one-time token that the POS application shows when it has lost its module.
    public var linkTokenHash: [UInt8]
    /// SHA-256 head of the module's audit log.
    public var auditHead: [UInt8]
    /// Nil in a record of version 1.
    public var device: DeviceClaims?
    /// Nil in a record of version 1 or 2. Whoever sets it sets `device` too.
    public var identity: IdentityClaims?

    public init(
        nonce: [UInt8], serial: UInt64, firmware: SoftwareVersion, application: SoftwareVersion, profile: KeyProfile,
        keySet: UInt16, lifecycle: Lifecycle, identityEpoch: UInt16, healthCounter: UInt32, eventCounter: UInt32,
        selfTestNumber: UInt32, selfTestAgeSeconds: UInt32, openWarnings: [RaisedWarning], deathTokenHash: [UInt8],
        linkTokenHash: [UInt8], auditHead: [UInt8], device: DeviceClaims? = nil, identity: IdentityClaims? = nil
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
        self.device = device
        self.identity = identity
    }

    public static let macLength = 16
    private static let versions: (codes: UInt8, device: UInt8, identity: UInt8) = (1, 2, 3)

    /// The attested bytes; the identity key's signature and sixteen bytes of AES-CMAC under the health key follow them on
    /// the wire (DE 57).
    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 320)
        writer.byte(
            device == nil ? Self.versions.codes : identity == nil ? Self.versions.device : Self.versions.identity)
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
        if device == nil {
            writer.list(openWarnings) { $0.byte($1.code.wireNumber) }
        } else {
            writer.list(openWarnings) { $1.write(to: &$0) }
        }
        writer.sized(deathTokenHash)
        writer.sized(linkTokenHash)
        writer.sized(auditHead)
        device?.write(to: &writer)
        if device != nil { identity?.write(to: &writer) }
        return writer.bytes
    }

    /// - Throws: `CodecError` for anything but exactly one encoded record.
    public init(decoding bytes: [UInt8]) throws(CodecError) {
        var reader = ByteReader(bytes)
        try self.init(from: &reader)
        guard reader.isAtEnd else { throw .invalid(offset: reader.offset, what: "end of evidence") }
    }

    /// One record at the beginning of what may go on behind it.
    init(from reader: inout ByteReader) throws(CodecError) {
        let version = try reader.byte()
        guard (Self.versions.codes...Self.versions.identity).contains(version) else {
            throw .invalid(offset: 0, what: "evidence version")
        }
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
        openWarnings =
            version != Self.versions.codes
            ? try reader.raisedWarnings()
            : try reader.list { (reader: inout ByteReader) throws(CodecError) in
                RaisedWarning(try reader.warning())
            }
        deathTokenHash = try reader.sized()
        linkTokenHash = try reader.sized()
        auditHead = try reader.sized()
        device = version != Self.versions.codes ? try DeviceClaims(from: &reader) : nil
        identity = version == Self.versions.identity ? try IdentityClaims(from: &reader) : nil
    }
}
