// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Vocabulary

/// Whose sealed journal it is. A new identity begins a new journal, with a new first key, and so does another module.
public struct JournalIdentity: Hashable, Sendable {
    public var terminal: TerminalID
    public var identityEpoch: UInt16
    /// Of the module.
    public var serial: UInt64

    public init(terminal: TerminalID, identityEpoch: UInt16, serial: UInt64) {
        (self.terminal, self.identityEpoch, self.serial) = (terminal, identityEpoch, serial)
    }
}

/// What a sealed record is.
public enum SealedKind: UInt8, CaseIterable, Sendable {
    /// Tells something.
    case note = 0
    /// Opens an intent: the host may have moved funds for it until a later record covers it.
    case intent = 1
    /// The last one of a module that was tampered with; its intents are those that are open.
    case closing = 2
}

/// What is wrong with a sealed record, or with the place where it should be.
public enum JournalFinding: Error, Hashable, Sendable {
    /// Not in a record's form; the place among those that came, from 0.
    case malformed(Int)
    /// Not what the module wrote under this number, or never this module's.
    case edited(UInt64)
    /// The module has written two records of this number: it was copied or set back.
    case forked(UInt64)
    /// Delivered before; the second time it has no effect.
    case repeated(UInt64)
    /// Authentic, but not sealed for this host, or saying nothing that can be read.
    case unreadable(UInt64)
    /// So far beyond the first gap that it is not looked into.
    case tooFar(UInt64)
    /// Numbers that are not there, and others behind them are.
    case missing(ClosedRange<UInt64>)
    /// The closing record of this number names other open intents than its journal says.
    case contradicted(UInt64)
}

/// What a closing record says beside the open intents.
public struct JournalClosing: Equatable, Sendable {
    public var warning: WarningCode
    public var at: Instant

    public init(warning: WarningCode, at: Instant) { (self.warning, self.at) = (warning, at) }

    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 12)
        writer.byte(warning.wireNumber)
        writer.instant(at)
        return writer.bytes
    }

    /// - Returns: nil for bytes that no closing record has.
    public init?(_ bytes: [UInt8]) {
        do {
            var reader = ByteReader(bytes)
            guard let warning = WarningCode(wireNumber: try reader.byte()) else { return nil }
            self.init(warning: warning, at: try reader.instant())
            guard reader.isAtEnd else { return nil }
        } catch { return nil }
    }
}

/// What the host keeps of a record that was delivered.
public struct DeliveredNote: Equatable, Sendable {
    public var index: UInt64
    public var kind: SealedKind
    /// Of a record the intents it covers, of a closing record those that are open; ascending.
    public var intents: [UInt64]
    /// SHA-256 of what it says: by which another record of the same number is told from a repetition.
    public var digest: [UInt8]

    public static let digestCount = 32

    public init(index: UInt64, kind: SealedKind, intents: [UInt64], digest: [UInt8]) {
        (self.index, self.kind, self.intents, self.digest) = (index, kind, intents, digest)
    }

    public func write(to writer: inout ByteWriter) {
        writer.unsigned(index)
        writer.byte(kind.rawValue)
        writer.list(intents) { $0.unsigned($1) }
        writer.raw(digest)
    }

    public init(from reader: inout ByteReader) throws(CodecError) {
        index = try reader.unsigned()
        kind = try reader.raw(SealedKind.self, "kind of sealed record")
        intents = try reader.list { (reader: inout ByteReader) throws(CodecError) in try reader.unsigned() }
        digest = try reader.raw(Self.digestCount)
    }
}

/// A record that was delivered: authentic, and never before.
public struct DeliveredRecord: Equatable, Sendable {
    public var note: DeliveredNote
    /// The terminal's record; empty for a closing record.
    public var content: [UInt8]
    /// Of a closing record.
    public var closing: JournalClosing?

    public var index: UInt64 { note.index }
    public var kind: SealedKind { note.kind }
    public var intents: [UInt64] { note.intents }

    public init(_ note: DeliveredNote, content: [UInt8], closing: JournalClosing?) {
        (self.note, self.content, self.closing) = (note, content, closing)
    }
}

/// What came of some sealed records.
public struct JournalDelivery: Equatable, Sendable {
    /// By index.
    public var records: [DeliveredRecord]
    public var findings: [JournalFinding]

    public init(records: [DeliveredRecord] = [], findings: [JournalFinding] = []) {
        (self.records, self.findings) = (records, findings)
    }
}

/// The question for the host's module: it has the key that records are sealed for and the first key of each journal.
public struct OpenJournalCommand: Equatable, Sendable {
    public var identity: JournalIdentity
    /// What was delivered before.
    public var state: JournalState
    /// As they came; beyond `recordsMax` they are not looked at.
    public var records: [[UInt8]]

    public static let recordsMax = 1_024

    public init(identity: JournalIdentity, state: JournalState, records: [[UInt8]]) {
        (self.identity, self.state, self.records) = (identity, state, records)
    }
}
