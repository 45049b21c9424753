// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

extension AuditLog {
    /// The newest form: with epochs.
    public static let codecVersion: UInt8 = 2
    /// Checkpoints kept: one of each 32 records, and of the stretches that begin and end within one.
    static let checkpointsMax = recordsMax / Int(checkpointInterval) + 1

    /// - Parameter version: 1 has no epochs and is written for a log that has begun none; 2 has everything.
    func write(to writer: inout ByteWriter, version: UInt8 = 1) {
        guard version > 1 else {
            precondition(identity.epoch == 0, "a log with an epoch is written in version 2")
            writer.raw(anchor.digest)
            writer.raw(position.digest)
            return writer.list(entries) { $0.raw($1.record.chained) }
        }
        writer.raw(identity.bytes)
        writer.raw(anchor.bytes)
        writer.raw(position.bytes)
        writer.unsigned(boot)
        writer.unsigned(unlogged)
        writer.list(entries) { $1.write(to: &$0) }
        writer.list(checkpoints) { $0.raw($1.bytes) }
        writer.optional(acknowledged) { $0.raw($1.bytes) }
    }

    /// - Parameter version: what `write(to:version:)` was told.
    init(from reader: inout ByteReader, version: UInt8 = 1) throws(CodecError) {
        guard version > 1 else {
            try self.init(beforeEpochs: &reader)
            return
        }
        self.init()
        identity = try AuditIdentity(from: &reader)
        anchor = try AuditHead(from: &reader)
        position = try AuditHead(from: &reader)
        boot = try reader.unsigned()
        unlogged = try reader.unsigned()
        let start = reader.offset
        entries = try AuditEntry.list(from: &reader, max: Self.recordsMax)
        let place = reader.offset
        checkpoints = try SignedAuditHead.list(from: &reader, max: Self.checkpointsMax)
        acknowledged = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try SignedAuditHead(from: &reader)
        }
        guard isIntact, (identity.epoch > 0) == (boot > 0) else { throw .invalid(offset: start, what: "audit chain") }
        let indices = checkpoints.map(\.head.index)
        guard zip(indices, indices.dropFirst()).allSatisfy(<), indices.first.map({ $0 > anchor.index }) ?? true,
            indices.last.map({ $0 <= position.index }) ?? true
        else { throw .invalid(offset: place, what: "audit checkpoints") }
    }

    private init(beforeEpochs reader: inout ByteReader) throws(CodecError) {
        self.init()
        let anchor = try reader.raw(SHA256.digestCount)
        let head = try reader.raw(SHA256.digestCount)
        let start = reader.offset
        entries = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            let start = reader.offset
            guard let record = AuditRecord(bytes: try reader.raw(AuditRecord.lengthBeforeEpochs)) else {
                throw .invalid(offset: start, what: "audit record")
            }
            return AuditEntry(record: record, code: [])
        }
        self.anchor = AuditHead(index: (entries.first?.record.index ?? 1) &- 1, digest: anchor)
        position = AuditHead(index: entries.last?.record.index ?? 0, digest: head)
        guard entries.count <= Self.recordsMaxBeforeEpochs, isIntact else {
            throw .invalid(offset: start, what: "audit chain")
        }
    }
}

extension SignedAuditHead {
    /// At most so many, as `ByteWriter.list` wrote them.
    static func list(from reader: inout ByteReader, max: Int) throws(CodecError) -> [SignedAuditHead] {
        let start = reader.offset
        let heads = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            try SignedAuditHead(from: &reader)
        }
        guard heads.count <= max else { throw .invalid(offset: start, what: "audit checkpoints") }
        return heads
    }
}
