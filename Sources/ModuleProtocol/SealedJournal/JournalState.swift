// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What the host knows of one terminal's sealed journal; part of its own records.
public struct JournalState: Equatable, Sendable {
    /// A record that was delivered.
    package struct Delivered: Equatable, Sendable {
        package var index: UInt64
        package var digest: [UInt8]
    }

    /// Numbers below the newest delivered one by which a record may be told from another of the same number.
    package static let windowMax = 256
    /// Numbers beyond the last one without a gap that are taken.
    package static let aheadMax: UInt64 = 1_024

    /// Everything up to here has been delivered or given up: what the terminal may be told, and then forgets.
    public package(set) var through: UInt64 = 0
    /// Intents that no delivered record covers, ascending (rule R8).
    public package(set) var open: [UInt64] = []
    /// The last record of a module that was tampered with; nil while it lives.
    public package(set) var closedAt: UInt64?

    /// The newest, and all beyond `through`, ascending.
    package private(set) var delivered: [Delivered] = []
    /// Intents that were covered before they came.
    private var coveredAhead: [UInt64] = []
    /// What the closing record says of the open intents.
    public private(set) var closingIntents: [UInt64] = []

    public init() {}

    /// The lowest number of which a second record is looked into.
    package var windowStart: UInt64 { through >= UInt64(Self.windowMax) ? through - UInt64(Self.windowMax) + 1 : 1 }

    /// The numbers that are missing below the highest delivered one.
    public var missing: [ClosedRange<UInt64>] {
        var (gaps, next): ([ClosedRange<UInt64>], UInt64) = ([], through + 1)
        for one in delivered where one.index > through {
            if one.index > next { gaps.append(next...one.index - 1) }
            next = one.index + 1
        }
        return gaps
    }

    /// Takes note of a record that was delivered.
    public mutating func note(_ record: DeliveredNote) {
        let place = delivered.firstIndex { $0.index > record.index } ?? delivered.count
        delivered.insert(Delivered(index: record.index, digest: record.digest), at: place)
        switch record.kind {
        case .closing: (closedAt, closingIntents) = (record.index, record.intents)
        case .note, .intent:
            if record.kind == .intent {
                if let early = coveredAhead.firstIndex(of: record.index) {
                    coveredAhead.remove(at: early)
                } else {
                    open.insert(record.index, at: open.firstIndex { $0 > record.index } ?? open.count)
                }
            }
            for intent in record.intents {
                if let place = open.firstIndex(of: intent) {
                    open.remove(at: place)
                } else if !isDelivered(intent) {
                    coveredAhead.append(intent)
                }
            }
        }
        settle()
    }

    /// The module has attested that up to this number nothing is open: the terminal may be told, and what came of it is
    /// settled.
    public mutating func attested(through index: UInt64) {
        guard index > through, index < .max - Self.aheadMax else { return }
        through = index
        open.removeAll { $0 <= index }
        settle()
    }

    /// Goes on over what has been delivered, and forgets what lies below the window.
    package mutating func settle() {
        for one in delivered where one.index == through + 1 { through += 1 }
        let start = windowStart
        delivered.removeAll { $0.index < start }
        coveredAhead.removeAll { $0 <= through }
    }

    private func isDelivered(_ index: UInt64) -> Bool {
        index <= through || delivered.contains { $0.index == index }
    }

    // MARK: Codec

    public func write(to writer: inout ByteWriter) {
        writer.unsigned(through)
        writer.list(open) { $0.unsigned($1) }
        writer.optional(closedAt) { $0.unsigned($1) }
        writer.list(delivered) { writer, one in
            writer.unsigned(one.index)
            writer.raw(one.digest)
        }
        writer.list(coveredAhead) { $0.unsigned($1) }
        writer.list(closingIntents) { $0.unsigned($1) }
    }

    public init(from reader: inout ByteReader) throws(CodecError) {
        through = try reader.unsigned()
        open = try reader.indices()
        closedAt = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.unsigned() }
        let start = reader.offset
        delivered = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            let index: UInt64 = try reader.unsigned()
            return Delivered(index: index, digest: try reader.raw(DeliveredNote.digestCount))
        }
        coveredAhead = try reader.indices()
        closingIntents = try reader.indices()
        guard through < .max - Self.aheadMax, delivered.count <= Self.windowMax + Int(Self.aheadMax),
            zip(delivered, delivered.dropFirst()).allSatisfy({ $0.index < $1.index }),
            delivered.first.map({ $0.index >= windowStart }) ?? true,
            delivered.last.map({ $0.index <= through + Self.aheadMax }) ?? true
        else { throw .invalid(offset: start, what: "delivered records") }
    }
}

extension ByteReader {
    /// A list of record numbers.
    package mutating func indices() throws(CodecError) -> [UInt64] {
        try list { (reader: inout ByteReader) throws(CodecError) in try reader.unsigned() }
    }
}
