// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Issuer
import ModuleProtocol
import Vocabulary

/// What came of the sealed journal of a dead terminal (rule R8): records that were delivered, or what one intent among them
/// comes to.
public struct JournalRecord: Equatable, Sendable {
    public var identity: JournalIdentity
    public var notes: [DeliveredNote] = []
    /// The intents among them.
    public var opened: [SealedIntent] = []
    /// What was not found before.
    public var findings: [JournalFinding] = []
    /// What these open.
    public var raised: [WarningCode] = []
    public var settlement: JournalSettlement?

    init(_ identity: JournalIdentity) { self.identity = identity }

    var isEmpty: Bool { notes.isEmpty && findings.isEmpty && settlement == nil }

    func encode(to writer: inout ByteWriter) {
        identity.encode(to: &writer)
        writer.list(notes) { $1.write(to: &$0) }
        writer.list(opened) { $1.encode(to: &$0) }
        writer.list(findings) { $1.encode(to: &$0) }
        writer.warnings(raised)
        writer.optional(settlement) { $1.encode(to: &$0) }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        identity = try JournalIdentity(from: &reader)
        notes = try reader.list { (reader: inout ByteReader) throws(CodecError) in try DeliveredNote(from: &reader) }
        opened = try reader.list { (reader: inout ByteReader) throws(CodecError) in try SealedIntent(from: &reader) }
        findings = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            try JournalFinding(from: &reader)
        }
        raised = try reader.warnings()
        settlement = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try JournalSettlement(from: &reader)
        }
    }
}

/// What an intent comes to at the host.
public struct JournalSettlement: Equatable, Sendable {
    /// The number of its record.
    public var index: UInt64
    public var outcome: Outcome

    public enum Outcome: Equatable, Sendable {
        /// Stands as the host has booked it: completed, taken back before, or never heard of and never to be.
        case stands
        /// Was held, and is not any more: a record came that shows it completed.
        case freed(Hold)
        /// Taken back, as a reversal of the terminal's own would: once.
        case reversed(Reversal)
        case transactionReversed(TransactionReversal)
        /// The same of a transaction that another host decided.
        case forwardReversed(Reversal, forward: UInt64, isOpen: Bool)
        /// Nobody knows whether it was completed: a case asks, and a debit is held until it is answered.
        case held(Hold?, CaseID, FraudCase)
        /// A refund that was promised and never came: a case at the card's issuer, about the transaction it refers to.
        case owed(CaseID, FraudCase)
    }

    func encode(to writer: inout ByteWriter) {
        writer.unsigned(index)
        switch outcome {
        case .stands: writer.byte(1)
        case .freed(let hold):
            writer.byte(2)
            hold.encode(to: &writer)
        case .reversed(let reversal):
            writer.byte(3)
            reversal.encode(to: &writer)
        case .transactionReversed(let reversal):
            writer.byte(4)
            reversal.encode(to: &writer)
        case .forwardReversed(let reversal, let forward, let isOpen):
            writer.byte(5)
            reversal.encode(to: &writer)
            writer.unsigned(forward)
            writer.flag(isOpen)
        case .held(let hold, let id, let fraudCase):
            writer.byte(6)
            writer.optional(hold) { $1.encode(to: &$0) }
            writer.unsigned(id.number)
            fraudCase.encode(to: &writer)
        case .owed(let id, let fraudCase):
            writer.byte(7)
            writer.unsigned(id.number)
            fraudCase.encode(to: &writer)
        }
    }

    init(index: UInt64, _ outcome: Outcome) { (self.index, self.outcome) = (index, outcome) }

    init(from reader: inout ByteReader) throws(CodecError) {
        index = try reader.unsigned()
        let start = reader.offset
        switch try reader.byte() {
        case 1: outcome = .stands
        case 2: outcome = .freed(try Hold(from: &reader))
        case 3: outcome = .reversed(try Reversal(from: &reader))
        case 4: outcome = .transactionReversed(try TransactionReversal(from: &reader))
        case 5:
            let reversal = try Reversal(from: &reader)
            outcome = .forwardReversed(reversal, forward: try reader.unsigned(), isOpen: try reader.flag())
        case 6:
            let hold = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try Hold(from: &reader) }
            outcome = .held(hold, CaseID(try reader.unsigned()), try FraudCase(from: &reader))
        case 7: outcome = .owed(CaseID(try reader.unsigned()), try FraudCase(from: &reader))
        default: throw .invalid(offset: start, what: "outcome of an intent")
        }
    }
}
