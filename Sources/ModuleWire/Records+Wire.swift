// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

/// Stretches of audit logs, and what is said of them.
extension LogQuestion {
    func writeWire(to writer: inout ByteWriter) {
        keys.write(to: &writer)
        writer.word(serial)
        writer.sized(identityKey)
        position.write(to: &writer)
        writer.optional(attested) { writer, head in
            writer.unsigned(head.index)
            writer.sized(head.digest)
        }
        writer.flag(awaitsEpoch)
        writer.sized(segment)
    }

    init(fromWire reader: inout ByteReader) throws(CodecError) {
        let keys = try TerminalKeys(from: &reader)
        let serial = try reader.word()
        let identityKey = try reader.sized(exactly: WireLimits.compressedKeyBytes)
        let position = try LogPosition(from: &reader)
        let attested = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            (index: try reader.unsigned() as UInt32, digest: try reader.sized(exactly: LogPosition.digestLength))
        }
        self.init(
            keys: keys, serial: serial, identityKey: identityKey, position: position, attested: attested,
            awaitsEpoch: try reader.flag(), segment: try reader.message())
    }
}

extension LogVerdict {
    func write(to writer: inout ByteWriter) {
        switch self {
        case .accepted(let position):
            writer.byte(0)
            position.write(to: &writer)
        case .broken(let finding, let index):
            writer.byte(1)
            writer.byte(finding.rawValue)
            writer.unsigned(index)
        case .unreadable: writer.byte(2)
        }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        let start = reader.offset
        switch try reader.byte() {
        case 0: self = .accepted(try LogPosition(from: &reader))
        case 1: self = .broken(try reader.choice(LogFinding.self), at: try reader.unsigned())
        case 2: self = .unreadable
        default: throw .invalid(offset: start, what: "verdict on a log")
        }
    }
}

/// Sealed records, and what has come of them.
extension OpenJournalCommand {
    func write(to writer: inout ByteWriter) {
        writer.word(identity.terminal.packed)
        writer.unsigned(identity.identityEpoch)
        writer.word(identity.serial)
        state.write(to: &writer)
        writer.list(records) { $0.sized($1) }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        let terminal = TerminalID(packed: try reader.word())
        let epoch: UInt16 = try reader.unsigned()
        let identity = JournalIdentity(terminal: terminal, identityEpoch: epoch, serial: try reader.word())
        let state = try JournalState(from: &reader)
        let records = try reader.list(max: Self.recordsMax) { (reader: inout ByteReader) throws(CodecError) in
            try reader.message()
        }
        self.init(identity: identity, state: state, records: records)
    }
}

extension JournalDelivery {
    func write(to writer: inout ByteWriter) {
        writer.list(records) { writer, record in
            record.note.write(to: &writer)
            writer.sized(record.content)
            writer.optional(record.closing) { $0.sized($1.encoded()) }
        }
        writer.list(findings) { $1.write(to: &$0) }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        let records = try reader.list(max: OpenJournalCommand.recordsMax) {
            (reader: inout ByteReader) throws(CodecError) in
            let note = try DeliveredNote(from: &reader)
            let content = try reader.message()
            let start = reader.offset
            let closing = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
                let bytes = try reader.sized(max: WireLimits.valueBytes)
                guard let closing = JournalClosing(bytes) else { throw .invalid(offset: start, what: "closing") }
                return closing
            }
            return DeliveredRecord(note, content: content, closing: closing)
        }
        // A finding a record, and one a gap between them.
        let findings = try reader.list(max: 2 * OpenJournalCommand.recordsMax + 2) {
            (reader: inout ByteReader) throws(CodecError) in try JournalFinding(from: &reader)
        }
        self.init(records: records, findings: findings)
    }
}

extension JournalFinding {
    fileprivate func write(to writer: inout ByteWriter) {
        func put(_ kind: UInt8, _ index: UInt64) {
            writer.byte(kind)
            writer.unsigned(index)
        }
        switch self {
        case .malformed(let place): put(0, UInt64(clamping: place))
        case .edited(let index): put(1, index)
        case .forked(let index): put(2, index)
        case .repeated(let index): put(3, index)
        case .unreadable(let index): put(4, index)
        case .tooFar(let index): put(5, index)
        case .contradicted(let index): put(6, index)
        case .missing(let range):
            put(7, range.lowerBound)
            writer.unsigned(range.upperBound)
        }
    }

    fileprivate init(from reader: inout ByteReader) throws(CodecError) {
        let start = reader.offset
        let kind = try reader.byte()
        let index: UInt64 = try reader.unsigned()
        switch kind {
        case 0 where index < UInt64(OpenJournalCommand.recordsMax): self = .malformed(Int(index))
        case 1: self = .edited(index)
        case 2: self = .forked(index)
        case 3: self = .repeated(index)
        case 4: self = .unreadable(index)
        case 5: self = .tooFar(index)
        case 6: self = .contradicted(index)
        case 7:
            let end: UInt64 = try reader.unsigned()
            guard index <= end else { throw .invalid(offset: start, what: "gap") }
            self = .missing(index...end)
        default: throw .invalid(offset: start, what: "finding")
        }
    }
}
