// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

/// A stretch of an audit log on its way to the host: consecutive records with their codes, the head before them, and the
/// checkpoints that were made on them. Nothing of it is believed until an `AuditVerifier` has taken it.
///
///     0        version, 1
///     1..13    serial number, epoch
///     13..49   the head before: index, digest
///     then     records (32 bytes, and the code with its length before it), checkpoints (index, digest, signature);
///              each list with its count before it
public struct LogSegment: Equatable, Sendable {
    /// The least room that any record fits into.
    public static let roomMin = overhead + entryByteCount + SignedAuditHead.length
    /// The bytes of a segment without records, at most.
    static let overhead = 1 + AuditIdentity.length + AuditHead.length + 4
    static let entryByteCount = AuditRecord.length + 1 + ForwardMAC.codeCount
    private static let version: UInt8 = 1

    public var identity: AuditIdentity
    /// Before the first record.
    public var start: AuditHead
    /// Oldest first.
    public var entries: [AuditEntry] = []
    /// Oldest first.
    public var checkpoints: [SignedAuditHead] = []

    init(identity: AuditIdentity, start: AuditHead) {
        (self.identity, self.start) = (identity, start)
    }

    /// After the last record.
    public var end: AuditHead { entries.reduce(start) { $0.followed(by: $1.record) } }

    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: Self.overhead + entries.count * Self.entryByteCount)
        writer.byte(Self.version)
        writer.raw(identity.bytes)
        writer.raw(start.bytes)
        writer.list(entries) { $1.write(to: &$0) }
        writer.list(checkpoints) { $0.raw($1.bytes) }
        return writer.bytes
    }

    /// - Throws: `CodecError` for what no log ever gave; says nothing about authenticity.
    public init(decoding bytes: [UInt8]) throws(CodecError) {
        var reader = ByteReader(bytes)
        guard try reader.byte() == Self.version else { throw .invalid(offset: 0, what: "log segment version") }
        identity = try AuditIdentity(from: &reader)
        start = try AuditHead(from: &reader)
        entries = try AuditEntry.list(from: &reader, max: AuditLog.recordsMax)
        checkpoints = try SignedAuditHead.list(from: &reader, max: AuditLog.checkpointsMax)
        guard reader.isAtEnd else { throw .invalid(offset: reader.offset, what: "end of log segment") }
    }

    /// The first record in which two segments of one log differ, when each of the two histories is signed by the module's
    /// key at or behind it: the module, or a copy of it, has lived twice.
    ///
    /// - Returns: nil for one history, and for a difference that is not signed on both sides.
    public func fork(from other: LogSegment, signedBy key: P256PublicKey) -> UInt32? {
        guard identity == other.identity else { return nil }
        let (left, right) = (heads, other.heads)
        let first = max(start.index, other.start.index)
        guard
            let index = zip(left.drop { $0.index < first }, right.drop { $0.index < first })
                .first(where: { $0.index == $1.index && $0.digest != $1.digest })?.0.index
        else { return nil }
        func isSigned(_ segment: LogSegment, _ heads: [AuditHead]) -> Bool {
            segment.checkpoints.contains { signed in
                signed.head.index >= index && heads.contains(signed.head)
                    && signed.isCheckpoint(of: identity, by: key)
            }
        }
        return isSigned(self, left) && isSigned(other, right) ? index : nil
    }

    /// Before the first record, and after each.
    private var heads: [AuditHead] {
        var heads = [start]
        heads.reserveCapacity(entries.count + 1)
        for entry in entries { heads.append(heads[heads.count - 1].followed(by: entry.record)) }
        return heads
    }
}
