// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// One record of a module's sealed journal as it is stored and sent: its number, and bytes that only the host reads.
public struct SealedItem: Equatable, Sendable {
    public var index: UInt64
    public var bytes: [UInt8]

    public init(index: UInt64, bytes: [UInt8]) { (self.index, self.bytes) = (index, bytes) }

    public func write(to writer: inout ByteWriter) {
        writer.unsigned(index)
        writer.sized(bytes)
    }

    public init(from reader: inout ByteReader) throws(CodecError) {
        index = try reader.unsigned()
        bytes = try reader.sized()
    }
}

extension [SealedItem] {
    /// What DE 57 of a message carries: each record with its length before it.
    public var tail: [UInt8] {
        var writer = ByteWriter(capacity: 1_024)
        for item in self { writer.sized(item.bytes) }
        return writer.bytes
    }

    /// The first ones, as many as fit, at least one.
    ///
    /// - Parameter bytesMax: room for them together (`tail`).
    public func leading(bytesMax: Int) -> [SealedItem] {
        var output: [SealedItem] = []
        for item in self {
            guard output.isEmpty || (output + [item]).tail.count <= bytesMax else { break }
            output.append(item)
        }
        return output
    }
}

/// Records in DE 57 of a message; what does not fit the form ends the list.
public func sealedRecords(ofTail bytes: [UInt8]) -> [[UInt8]] {
    var reader = ByteReader(bytes)
    var records: [[UInt8]] = []
    while !reader.isAtEnd, let record = try? reader.sized() { records.append(record) }
    return records
}

/// What a module is to seal.
public struct SealRequest: Equatable, Sendable {
    public var content: [UInt8]
    /// Whether it opens an intent; the record's number names it from then on.
    public var opens: Bool
    /// Intents that it completes or takes back.
    public var covers: [UInt64]

    public init(_ content: [UInt8], opens: Bool = false, covers: [UInt64] = []) {
        (self.content, self.opens, self.covers) = (content, opens, covers)
    }
}
