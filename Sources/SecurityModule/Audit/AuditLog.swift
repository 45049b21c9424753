// SPDX-License-Identifier: Apache-2.0
import Catalogue
import PaymentCryptography
import Vocabulary

/// The module's audit log: fixed-size records, each chained to all before it by SHA-256.
///
/// `head` after a record is SHA-256(head before ‖ record). The module keeps the newest records and the head that
/// stood before the oldest of them, so that what is kept can always be verified; every attestation shows the host the head.
public struct AuditLog: Equatable, Sendable {
    /// Records kept; older ones live on in the head only.
    public static let recordsMax = 64

    /// The head before the oldest record kept; zeros before the first record ever.
    public private(set) var anchor = [UInt8](repeating: 0, count: SHA256.digestCount)
    public private(set) var head = [UInt8](repeating: 0, count: SHA256.digestCount)
    /// Oldest first.
    public private(set) var records: [AuditRecord] = []

    public init() {}

    /// Whether the records kept lead from the anchor to the head without a gap.
    public var isIntact: Bool {
        var chain = anchor
        for (offset, record) in records.enumerated() {
            guard offset == 0 || record.index == records[offset - 1].index &+ 1 else { return false }
            chain = Self.chained(chain, record)
        }
        return chain == head
    }

    mutating func append(
        _ event: AuditEvent, warning: WarningCode? = nil, eventCounter: UInt32, detail: UInt32 = 0, at now: Instant
    ) {
        let record = AuditRecord(
            index: (records.last?.index ?? 0) &+ 1, at: now, event: event, warning: warning,
            eventCounter: eventCounter, detail: detail)
        if records.count == Self.recordsMax { anchor = Self.chained(anchor, records.removeFirst()) }
        records.append(record)
        head = Self.chained(head, record)
    }

    private static func chained(_ head: [UInt8], _ record: AuditRecord) -> [UInt8] { SHA256.hash(head + record.bytes) }

    func write(to writer: inout ByteWriter) {
        writer.raw(anchor)
        writer.raw(head)
        writer.list(records) { $0.raw($1.bytes) }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        anchor = try reader.raw(SHA256.digestCount)
        head = try reader.raw(SHA256.digestCount)
        let start = reader.offset
        records = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            let start = reader.offset
            guard let record = AuditRecord(bytes: try reader.raw(AuditRecord.length)) else {
                throw .invalid(offset: start, what: "audit record")
            }
            return record
        }
        guard records.count <= Self.recordsMax, isIntact else { throw .invalid(offset: start, what: "audit chain") }
    }
}
