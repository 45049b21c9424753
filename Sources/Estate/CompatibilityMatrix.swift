// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// Which device, firmware and application go together, as the supplier has signed it (C01, C02).
public struct CompatibilityMatrix: Equatable, Sendable {
    /// Rises with every matrix; an older one is not taken in place of a newer one.
    public var version: UInt32
    public var rows: [Row]
    /// ECDSA on P-256 with SHA-256 over `signedBytes`: r and s, 32 bytes each.
    public var signature: [UInt8]

    public struct Row: Equatable, Sendable {
        public var model: UInt16
        public var revisions: ClosedRange<UInt16>
        /// The algorithm set and with it the protocol that is spoken.
        public var profiles: [KeyProfile]
        public var firmware: FirmwareRange
        public var application: FirmwareRange

        public init(
            model: UInt16, revisions: ClosedRange<UInt16>, profiles: [KeyProfile], firmware: FirmwareRange,
            application: FirmwareRange
        ) {
            (self.model, self.revisions, self.profiles) = (model, revisions, profiles)
            (self.firmware, self.application) = (firmware, application)
        }

        func names(_ device: DeviceClaims, _ profile: KeyProfile) -> Bool {
            model == device.model && revisions.contains(device.revision) && profiles.contains(profile)
        }
    }

    public static let rowsMax = 256
    private static let mark = Array("tillguard-matrix/1".utf8)

    public init(version: UInt32, rows: [Row], signature: [UInt8] = []) {
        (self.version, self.rows, self.signature) = (version, rows, signature)
    }

    /// What the supplier signs.
    public var signedBytes: [UInt8] {
        var writer = ByteWriter(capacity: 256)
        writer.raw(Self.mark)
        write(to: &writer)
        return writer.bytes
    }

    /// Whether this model, revision and algorithm set are supported at all.
    func supports(_ device: DeviceClaims, _ profile: KeyProfile) -> Bool {
        rows.contains { $0.names(device, profile) }
    }

    /// Whether firmware and application fit a row of the device's.
    func fits(_ device: DeviceClaims, _ evidence: EvidenceClaims) -> Bool {
        rows.contains {
            $0.names(device, evidence.profile) && $0.firmware.contains(evidence.firmware)
                && $0.application.contains(evidence.application)
        }
    }

    /// The whole file: version, rows, signature.
    public func encode(to writer: inout ByteWriter) {
        write(to: &writer)
        writer.sized(signature)
    }

    /// - Throws: `CodecError` for what is no matrix, or one with more than `rowsMax` rows.
    public init(from reader: inout ByteReader) throws(CodecError) {
        version = try reader.unsigned()
        let start = reader.offset
        rows = try reader.list { (reader: inout ByteReader) throws(CodecError) in try Row(from: &reader) }
        guard rows.count <= Self.rowsMax else { throw .invalid(offset: start, what: "matrix") }
        signature = try reader.sized()
    }

    private func write(to writer: inout ByteWriter) {
        writer.unsigned(version)
        writer.list(rows) { $1.encode(to: &$0) }
    }
}

extension CompatibilityMatrix.Row {
    fileprivate func encode(to writer: inout ByteWriter) {
        writer.unsigned(model)
        writer.unsigned(revisions.lowerBound)
        writer.unsigned(revisions.upperBound)
        writer.list(profiles) { $0.byte($1.rawValue) }
        firmware.encode(to: &writer)
        application.encode(to: &writer)
    }

    fileprivate init(from reader: inout ByteReader) throws(CodecError) {
        model = try reader.unsigned()
        let start = reader.offset
        let (low, high): (UInt16, UInt16) = (try reader.unsigned(), try reader.unsigned())
        guard low <= high else { throw .invalid(offset: start, what: "revisions") }
        revisions = low...high
        profiles = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            try reader.raw(KeyProfile.self, "key profile")
        }
        firmware = try FirmwareRange(from: &reader)
        application = try FirmwareRange(from: &reader)
    }
}

extension FirmwareRange {
    func encode(to writer: inout ByteWriter) {
        writer.unsigned(minimum.packed)
        writer.unsigned(maximum.packed)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        let minimum = SoftwareVersion(packed: try reader.unsigned())
        self.init(minimum: minimum, maximum: SoftwareVersion(packed: try reader.unsigned()))
    }
}
