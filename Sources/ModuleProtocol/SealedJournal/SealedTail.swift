// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// The sealed records that a terminal keeps until its host has acknowledged them, oldest first.
public struct SealedTail: Equatable, Sendable {
    /// More than a terminal may leave undelivered: it halts before (P04).
    public static let recordsMax = 4_096

    public private(set) var items: [SealedItem] = []
    /// The host needs nothing up to here.
    public private(set) var acknowledged: UInt64 = 0

    /// - Parameter acknowledged: what the host has already.
    public init(acknowledged: UInt64 = 0) { self.acknowledged = acknowledged }

    /// The newest number that is kept, or was.
    public var last: UInt64 { items.last?.index ?? acknowledged }

    /// Whether a record may be kept: there is room, and it is the next. After a loss of the tail the journal goes on
    /// somewhere, and what lies before is a gap that the host sees.
    public func takes(_ item: SealedItem) -> Bool {
        items.count < Self.recordsMax && item.index > last && (items.isEmpty || item.index == last + 1)
    }

    /// Keeps the next record.
    ///
    /// - Returns: false, and nothing has changed, for one that it does not take.
    public mutating func append(_ item: SealedItem) -> Bool {
        guard takes(item) else { return false }
        items.append(item)
        return true
    }

    /// What is sent next: the oldest records beyond one, as many as fit, at least one.
    ///
    /// - Parameter bytesMax: room for them together (`[SealedItem].tail`).
    public func next(after index: UInt64 = 0, bytesMax: Int) -> [SealedItem] {
        items.filter { $0.index > index }.leading(bytesMax: bytesMax)
    }

    /// Forgets what the host needs no more, as an authenticated message of the host says.
    public mutating func acknowledge(through index: UInt64) {
        guard index > acknowledged, index <= last else { return }
        items.removeAll { $0.index <= index }
        acknowledged = index
    }

    public func write(to writer: inout ByteWriter) {
        writer.unsigned(acknowledged)
        writer.list(items) { $1.write(to: &$0) }
    }

    public init(from reader: inout ByteReader) throws(CodecError) {
        acknowledged = try reader.unsigned()
        let start = reader.offset
        for item in try reader.list({ (reader: inout ByteReader) throws(CodecError) in try SealedItem(from: &reader) })
        {
            guard append(item) else { throw .invalid(offset: start, what: "sealed records") }
        }
    }
}
