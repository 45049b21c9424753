// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// A place in an audit log: the number of a record and the chain's hash after it. Index 0 is before the first record.
public struct AuditHead: Hashable, Sendable {
    public static let length = 4 + SHA256.digestCount

    public var index: UInt32
    /// 32 bytes.
    public var digest: [UInt8]

    public init(index: UInt32, digest: [UInt8]) {
        (self.index, self.digest) = (index, digest)
    }

    /// Before the first record of a log.
    public static let origin = AuditHead(index: 0, digest: [UInt8](repeating: 0, count: SHA256.digestCount))

    /// The head after one more record.
    func followed(by record: AuditRecord) -> AuditHead {
        AuditHead(index: record.index, digest: SHA256.hash(digest + record.chained))
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(index)
        return bytes + digest
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        let bytes = try reader.raw(Self.length)
        self.init(index: bytes.bigEndian(at: 0), digest: Array(bytes[4...]))
    }
}

/// Whose audit log it is, and under which chain of keys.
public struct AuditIdentity: Hashable, Sendable {
    static let length = 12

    /// The serial number of the module's hardware.
    public var serial: UInt64
    /// From 1, and one more whenever two people order a new chain (S06); 0 for a log that has begun none.
    public var epoch: UInt32

    public init(serial: UInt64, epoch: UInt32) {
        (self.serial, self.epoch) = (serial, epoch)
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(serial)
        bytes.appendBigEndian(epoch)
        return bytes
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        let bytes = try reader.raw(Self.length)
        self.init(serial: bytes.bigEndian(at: 0), epoch: bytes.bigEndian(at: 8))
    }

    /// What is signed of a head: by the module's identity key as a checkpoint, by the host as a countersignature.
    func digest(_ purpose: StaticString, _ head: AuditHead) -> [UInt8] {
        SHA256.hash(purpose.withUTF8Buffer { Array($0) } + [0] + bytes + head.bytes)
    }
}

/// A head of an audit log with a signature: of the module's identity key on a checkpoint, of the host on what it has
/// collected.
public struct SignedAuditHead: Equatable, Sendable {
    static let length = AuditHead.length + P256PublicKey.signatureCount

    public var head: AuditHead
    /// ECDSA on P-256, `r ‖ s`.
    public var signature: [UInt8]

    public init(head: AuditHead, signature: [UInt8]) {
        (self.head, self.signature) = (head, signature)
    }

    /// What the module's identity key signs: 32 bytes.
    public static func checkpointDigest(_ head: AuditHead, of identity: AuditIdentity) -> [UInt8] {
        identity.digest("audit checkpoint", head)
    }

    /// What the host's key signs once everything up to the head is collected and verified: 32 bytes.
    public static func acknowledgementDigest(_ head: AuditHead, of identity: AuditIdentity) -> [UInt8] {
        identity.digest("audit acknowledgement", head)
    }

    func isCheckpoint(of identity: AuditIdentity, by key: P256PublicKey) -> Bool {
        key.verifies(signature, ofDigest: Self.checkpointDigest(head, of: identity))
    }

    var bytes: [UInt8] { head.bytes + signature }

    init(from reader: inout ByteReader) throws(CodecError) {
        head = try AuditHead(from: &reader)
        signature = try reader.raw(P256PublicKey.signatureCount)
    }
}
