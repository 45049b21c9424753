// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

/// A record with its MAC.
public struct AuditEntry: Equatable, Sendable {
    public var record: AuditRecord
    /// The forward-secure MAC of the head after the record, 16 bytes; empty where no chain of keys was held: before the
    /// first epoch, and after the keys were erased.
    public var code: [UInt8]

    func write(to writer: inout ByteWriter) {
        writer.raw(record.bytes)
        writer.sized(code)
    }

    init(record: AuditRecord, code: [UInt8]) {
        (self.record, self.code) = (record, code)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        let start = reader.offset
        guard let record = AuditRecord(bytes: try reader.raw(AuditRecord.length)) else {
            throw .invalid(offset: start, what: "audit record")
        }
        self.record = record
        let place = reader.offset
        code = try reader.sized()
        guard code.isEmpty || code.count == ForwardMAC.codeCount else {
            throw .invalid(offset: place, what: "audit code")
        }
    }

    /// At most so many, as `ByteWriter.list` wrote them.
    static func list(from reader: inout ByteReader, max: Int) throws(CodecError) -> [AuditEntry] {
        let start = reader.offset
        let entries = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            try AuditEntry(from: &reader)
        }
        guard entries.count <= max else { throw .invalid(offset: start, what: "audit entries") }
        return entries
    }
}
