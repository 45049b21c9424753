// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// How the records of one commit are packed into its bytes.
///
/// A frame is the number of records (unsigned LEB128), then for each record one version byte, its length in bytes
/// (unsigned LEB128) and the record itself. The version is the frame's, not that of what the record says: a record
/// codec keeps its own tags and versions inside the record.
///
/// Frames are written for ever: a new version may be added, none that was ever written may be dropped.
public enum RecordFrame {
    /// The version byte written before each record.
    public static let version: UInt8 = 1

    /// The most records a frame may hold.
    public static let recordsMax = 65_536

    /// The longest frame in bytes, its counts and lengths included.
    public static let bytesMax = 16 * 1_024 * 1_024

    /// The longest record in bytes that a frame of its own has room for.
    public static let recordBytesMax = bytesMax - 1 - recordOverheadMax

    /// The most bytes that a record adds to a frame besides its own: version byte and length.
    static let recordOverheadMax = 1 + 4

    /// Packs records, in order.
    ///
    /// - Precondition: at least one record, and no more records or bytes than `recordsMax` and `bytesMax`: the gate
    ///   refuses such records before they come here.
    public static func encode(_ records: [[UInt8]]) -> [UInt8] {
        precondition(!records.isEmpty && records.count <= recordsMax, "a frame holds 1 to \(recordsMax) records")
        var size = countBytesMax
        for record in records { size += record.count + recordOverheadMax }
        var body = ByteWriter(capacity: size)
        body.count(records.count)
        for record in records { append(record, to: &body) }
        precondition(body.bytes.count <= bytesMax, "a frame holds at most \(bytesMax) bytes")
        return body.bytes
    }

    /// Unpacks the records of a frame, in order.
    ///
    /// - Throws: `CodecError` for a frame that is cut short, empty, too large, of an unknown version, or followed by
    ///   anything.
    public static func decode(_ bytes: [UInt8]) throws(CodecError) -> [[UInt8]] {
        var reader = ByteReader(bytes)
        let total = try count(&reader, of: bytes)
        var records: [[UInt8]] = []
        records.reserveCapacity(total)
        for _ in 0..<total {
            let start = reader.offset
            guard try reader.byte() == version else { throw .invalid(offset: start, what: "record version") }
            records.append(try record(&reader))
        }
        guard reader.isAtEnd else { throw .invalid(offset: reader.offset, what: "bytes after the last record") }
        return records
    }

    /// The number of records that a frame says it holds, without unpacking them.
    ///
    /// - Throws: `CodecError` for a count that no frame can have.
    public static func count(_ bytes: [UInt8]) throws(CodecError) -> Int {
        var reader = ByteReader(bytes)
        return try count(&reader, of: bytes)
    }

    /// The longest count in bytes: `recordsMax` takes three.
    static let countBytesMax = 3

    static func append(_ record: [UInt8], to body: inout ByteWriter) {
        body.byte(version)
        body.sized(record)
    }

    private static func count(_ reader: inout ByteReader, of bytes: [UInt8]) throws(CodecError) -> Int {
        guard bytes.count <= bytesMax else { throw .invalid(offset: 0, what: "frame length") }
        let total = try reader.count()
        guard total >= 1, total <= recordsMax else { throw .invalid(offset: 0, what: "record count") }
        return total
    }

    /// A length beyond the end is a frame cut short, not a wrong length: the two call for different help.
    private static func record(_ reader: inout ByteReader) throws(CodecError) -> [UInt8] {
        let length: UInt64 = try reader.unsigned()
        guard length <= UInt64(recordBytesMax) else { throw .truncated(offset: reader.offset) }
        return try reader.raw(Int(length))
    }
}
