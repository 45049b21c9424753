// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Vocabulary

/// A batch that was settled.
public struct ClosedBatch: Equatable, Sendable {
    public var number: UInt32
    public var day: UInt32
    /// What the host had counted.
    public var host: BatchTotals
    /// What the terminal said.
    public var terminal: BatchTotals
    public var isBalanced: Bool
    /// Of an upload: items the host knows just so, and items it does not.
    public var matched: UInt32
    public var differing: UInt32
    public var at: Instant

    /// Transactions that the host counts and the terminal did not upload.
    public var missing: Int { isBalanced ? 0 : max(0, host.count - Int(matched)) }

    func encode(to writer: inout ByteWriter) {
        writer.unsigned(number)
        writer.unsigned(day)
        host.encode(to: &writer)
        terminal.encode(to: &writer)
        writer.flag(isBalanced)
        writer.unsigned(matched)
        writer.unsigned(differing)
        writer.instant(at)
    }

    init(
        number: UInt32, day: UInt32, host: BatchTotals, terminal: BatchTotals, isBalanced: Bool, matched: UInt32,
        differing: UInt32, at: Instant
    ) {
        self.number = number
        self.day = day
        self.host = host
        self.terminal = terminal
        self.isBalanced = isBalanced
        self.matched = matched
        self.differing = differing
        self.at = at
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        number = try reader.unsigned()
        day = try reader.unsigned()
        host = try BatchTotals(from: &reader)
        terminal = try BatchTotals(from: &reader)
        isBalanced = try reader.flag()
        matched = try reader.unsigned()
        differing = try reader.unsigned()
        at = try reader.instant()
    }
}

/// A terminal's batch as the host counts it: everything since the last settlement.
public struct TerminalBatch: Equatable, Sendable {
    /// The upload of a batch whose totals did not agree.
    public struct Upload: Equatable, Sendable {
        public var claimed: BatchTotals
        /// Items so far.
        public var received: UInt32 = 0
        public var matched: UInt32 = 0
        public var differing: UInt32 = 0
    }

    public var number: UInt32 = 1
    public var totals = BatchTotals()
    public var upload: Upload?
    public var last: ClosedBatch?

    /// Ends the batch and begins the next.
    mutating func close(_ terminal: BatchTotals, isBalanced: Bool, day: UInt32, at: Instant) {
        last = ClosedBatch(
            number: number, day: day, host: totals, terminal: terminal, isBalanced: isBalanced,
            matched: upload?.matched ?? 0, differing: upload?.differing ?? 0, at: at)
        number = TerminalData.batch(after: number)
        totals = BatchTotals()
        upload = nil
    }

    init() {}

    func encode(to writer: inout ByteWriter) {
        writer.unsigned(number)
        totals.encode(to: &writer)
        writer.optional(upload) { writer, upload in
            upload.claimed.encode(to: &writer)
            writer.unsigned(upload.received)
            writer.unsigned(upload.matched)
            writer.unsigned(upload.differing)
        }
        writer.optional(last) { $1.encode(to: &$0) }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        number = try reader.unsigned()
        totals = try BatchTotals(from: &reader)
        upload = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            Upload(
                claimed: try BatchTotals(from: &reader), received: try reader.unsigned(),
                matched: try reader.unsigned(), differing: try reader.unsigned())
        }
        last = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try ClosedBatch(from: &reader) }
    }
}
