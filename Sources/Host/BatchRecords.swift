// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Issuer
import ModuleProtocol
import Vocabulary

/// A terminal's totals, compared with the host's.
public struct Settlement: Equatable, Sendable {
    public enum Outcome: UInt8, CaseIterable, Sendable {
        /// The totals agree: the batch is closed.
        case balanced = 1
        /// They do not: the terminal uploads its transactions.
        case unbalanced = 2
        /// The batch was closed before and its answer got lost: nothing changes.
        case closedBefore = 3
    }

    public var usage: TerminalUsage
    public var names: MessageNames
    public var batch: UInt32
    public var claimed: BatchTotals
    /// What the host had counted.
    public var counted: BatchTotals
    public var outcome: Outcome
    public var answer: StoredAnswer

    func encode(to writer: inout ByteWriter) {
        usage.encode(to: &writer)
        names.encode(to: &writer)
        writer.unsigned(batch)
        claimed.encode(to: &writer)
        counted.encode(to: &writer)
        writer.byte(outcome.rawValue)
        answer.encode(to: &writer)
    }

    init(
        usage: TerminalUsage, names: MessageNames, batch: UInt32, claimed: BatchTotals, counted: BatchTotals,
        outcome: Outcome, answer: StoredAnswer
    ) {
        self.usage = usage
        self.names = names
        self.batch = batch
        self.claimed = claimed
        self.counted = counted
        self.outcome = outcome
        self.answer = answer
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        usage = try TerminalUsage(from: &reader)
        names = try MessageNames(from: &reader)
        batch = try reader.unsigned()
        claimed = try BatchTotals(from: &reader)
        counted = try BatchTotals(from: &reader)
        outcome = try reader.raw(Outcome.self, "outcome of a settlement")
        answer = try StoredAnswer(from: &reader)
    }
}

/// A part of a batch's transactions, or the end of them.
public struct BatchUpload: Equatable, Sendable {
    public var usage: TerminalUsage
    public var names: MessageNames
    public var batch: UInt32
    /// Items that had not come before.
    public var received: UInt32
    public var matched: UInt32
    public var differing: UInt32
    /// The batch is closed with this message.
    public var isEnd: Bool
    public var answer: StoredAnswer

    func encode(to writer: inout ByteWriter) {
        usage.encode(to: &writer)
        names.encode(to: &writer)
        writer.unsigned(batch)
        writer.unsigned(received)
        writer.unsigned(matched)
        writer.unsigned(differing)
        writer.flag(isEnd)
        answer.encode(to: &writer)
    }

    init(
        usage: TerminalUsage, names: MessageNames, batch: UInt32, received: UInt32 = 0, matched: UInt32 = 0,
        differing: UInt32 = 0, isEnd: Bool = false, answer: StoredAnswer
    ) {
        self.usage = usage
        self.names = names
        self.batch = batch
        self.received = received
        self.matched = matched
        self.differing = differing
        self.isEnd = isEnd
        self.answer = answer
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        usage = try TerminalUsage(from: &reader)
        names = try MessageNames(from: &reader)
        batch = try reader.unsigned()
        received = try reader.unsigned()
        matched = try reader.unsigned()
        differing = try reader.unsigned()
        isEnd = try reader.flag()
        answer = try StoredAnswer(from: &reader)
    }
}

/// The business day changes: whatever is decided behind this record belongs to the next one.
public struct DayCut: Equatable, Sendable {
    /// The day that begins; the first one is 0.
    public var day: UInt32
    public var by: StaffID
    /// Holds whose time is up.
    public var released: [Hold]

    /// Holds of one record; what is left goes with the next.
    public static let releasedMax = 4_096

    func encode(to writer: inout ByteWriter) {
        writer.unsigned(day)
        writer.code(by)
        writer.list(released) { $1.encode(to: &$0) }
    }

    init(day: UInt32, by: StaffID, released: [Hold]) {
        self.day = day
        self.by = by
        self.released = released
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        day = try reader.unsigned()
        by = try reader.code()
        released = try reader.list { (reader: inout ByteReader) throws(CodecError) in try Hold(from: &reader) }
    }
}
