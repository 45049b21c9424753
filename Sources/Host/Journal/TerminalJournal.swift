// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

/// An intent that was delivered out of a sealed journal and is not settled here.
public struct SealedIntent: Equatable, Sendable {
    /// The number of its record.
    public var index: UInt64
    public var intent: JournalIntent
    /// There was no closing record in time: its funds are held, and a case asks what became of it.
    public var isHeld = false

    init(index: UInt64, intent: JournalIntent) { (self.index, self.intent) = (index, intent) }

    func encode(to writer: inout ByteWriter) {
        writer.unsigned(index)
        intent.write(to: &writer)
        writer.flag(isHeld)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        index = try reader.unsigned()
        intent = try JournalIntent(from: &reader)
        isHeld = try reader.flag()
    }
}

/// What has been delivered of a dead terminal's sealed journal (rule R8).
public struct TerminalJournal: Equatable, Sendable {
    /// Intents that may be open at once; a module opens 64.
    static let intentsMax = 1_024
    /// Findings that are kept; more of them say nothing new.
    static let findingsMax = 32

    /// Nil before anything was delivered.
    public internal(set) var identity: JournalIdentity?
    public internal(set) var state = JournalState()
    /// Ascending.
    public internal(set) var intents: [SealedIntent] = []
    public internal(set) var findings: [JournalFinding] = []
    /// When a record came last.
    public internal(set) var deliveredAt: Instant?

    init() {}

    /// Of a module that is another one, or attests that more is settled.
    func of(_ identity: JournalIdentity, attested: UInt32?) -> TerminalJournal {
        var journal = self.identity == identity ? self : TerminalJournal()
        journal.identity = identity
        journal.state.attested(through: UInt64(attested ?? 0))
        return journal
    }

    mutating func take(_ record: JournalRecord, at: Instant) {
        for note in record.notes { state.note(note) }
        intents += record.opened
        intents.sort { $0.index < $1.index }
        findings += record.findings
        if !record.notes.isEmpty { deliveredAt = at }
    }

    /// What the terminal completed or took back itself needs nothing here.
    mutating func forgetSettled() {
        intents = intents.filter { $0.isHeld || isOpen($0.index) || isNamed($0.index) }
    }

    /// Whether a record that came covers it; one that comes later may.
    func isCovered(_ index: UInt64) -> Bool { !state.open.contains(index) }
    /// Whether the closing record names it as open; false while there is none.
    func isNamed(_ index: UInt64) -> Bool { state.closingIntents.contains(index) }
    /// Whether it is open as far as is known.
    private func isOpen(_ index: UInt64) -> Bool { state.closedAt == nil && !isCovered(index) }

    func encode(to writer: inout ByteWriter) {
        writer.optional(identity) { $1.encode(to: &$0) }
        guard identity != nil else { return }
        state.write(to: &writer)
        writer.list(intents) { $1.encode(to: &$0) }
        writer.list(findings) { $1.encode(to: &$0) }
        writer.optional(deliveredAt) { $0.instant($1) }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        identity = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try JournalIdentity(from: &reader)
        }
        guard identity != nil else { return }
        state = try JournalState(from: &reader)
        let start = reader.offset
        intents = try reader.list { (reader: inout ByteReader) throws(CodecError) in try SealedIntent(from: &reader) }
        findings = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            try JournalFinding(from: &reader)
        }
        guard intents.count <= Self.intentsMax, findings.count <= Self.findingsMax,
            zip(intents, intents.dropFirst()).allSatisfy({ $0.index < $1.index })
        else { throw .invalid(offset: start, what: "sealed intents") }
        deliveredAt = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.instant() }
    }
}

extension JournalIdentity {
    func encode(to writer: inout ByteWriter) {
        writer.code(terminal)
        writer.unsigned(identityEpoch)
        writer.word(serial)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        self.init(
            terminal: try reader.code(), identityEpoch: try reader.unsigned(), serial: try reader.word())
    }
}

extension JournalFinding {
    func encode(to writer: inout ByteWriter) {
        func number(_ kind: UInt8, _ index: UInt64) {
            writer.byte(kind)
            writer.unsigned(index)
        }
        switch self {
        case .malformed(let place): number(0, UInt64(max(0, place)))
        case .edited(let index): number(1, index)
        case .forked(let index): number(2, index)
        case .repeated(let index): number(3, index)
        case .unreadable(let index): number(4, index)
        case .tooFar(let index): number(5, index)
        case .missing(let range):
            number(6, range.lowerBound)
            writer.unsigned(range.upperBound)
        case .contradicted(let index): number(7, index)
        }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        let start = reader.offset
        let kind = try reader.byte()
        let index: UInt64 = try reader.unsigned()
        switch kind {
        case 0: self = .malformed(Int(clamping: index))
        case 1: self = .edited(index)
        case 2: self = .forked(index)
        case 3: self = .repeated(index)
        case 4: self = .unreadable(index)
        case 5: self = .tooFar(index)
        case 6:
            let upper: UInt64 = try reader.unsigned()
            guard upper >= index else { throw .invalid(offset: start, what: "missing records") }
            self = .missing(index...upper)
        case 7: self = .contradicted(index)
        default: throw .invalid(offset: start, what: "journal finding")
        }
    }
}
