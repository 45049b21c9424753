// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

// Transactions of every kind, and the batch, in the terminal's journal.

extension TerminalBook {
    /// Whether the first form of a snapshot holds all of it: purchases alone, no batch, and nothing of the terminal itself.
    var isPlain: Bool {
        batch == BatchBook() && service == ServiceBook() && !hasSealed && intents.allSatisfy { $0.kind == .purchase }
    }
}

extension TerminalBook {
    /// Whether there is anything of a sealed journal.
    var hasSealed: Bool { sealed != SealedTail() || !uncovered.isEmpty || intents.contains { $0.sealed != nil } }
}

extension ByteWriter {
    mutating func sealedBook(_ book: TerminalBook) {
        book.sealed.write(to: &self)
        list(book.uncovered) { $0.unsigned($1) }
        list(book.intents) { $0.optional($1.sealed) { $0.unsigned($1) } }
    }

    mutating func transaction(_ value: ReversalIntent) {
        byte(value.kind.rawValue)
        intent(value)
        optional(value.advice) { writer, advice in
            writer.byte(advice.expiry.year)
            writer.byte(advice.expiry.month)
            writer.byte(advice.entry.rawValue)
            writer.original(advice.original)
        }
    }

    private mutating func original(_ value: OriginalData) {
        optional(value.trace) { writer, trace in
            writer.byte(trace.kind.rawValue)
            writer.stan(trace.stan)
            writer.instant(trace.at)
        }
        optional(value.rrn) { $0.unsigned($1.number) }
        optional(value.approvalCode) { $0.text($1) }
    }

    mutating func batch(_ value: BatchBook) {
        unsigned(value.number)
        list(value.entries) { writer, entry in
            writer.byte(entry.kind.rawValue)
            writer.stan(entry.stan)
            writer.optional(entry.rrn) { $0.unsigned($1.number) }
            writer.money(entry.amount)
            writer.text(entry.approvalCode)
            writer.instant(entry.at)
        }
        optional(value.settlement) { writer, run in
            writer.stan(run.stan)
            writer.instant(run.at)
            if case .upload(let next) = run.stage {
                writer.optional(UInt16(next)) { $0.unsigned($1) }
            } else {
                writer.flag(false)
            }
        }
    }

    mutating func batchRecord(_ record: TerminalRecord) {
        switch record {
        case .settlementStarted(let stan, let at):
            byte(13)
            self.stan(stan)
            instant(at)
        case .uploadDue(let stan, let at, let next):
            byte(14)
            self.stan(stan)
            instant(at)
            unsigned(UInt16(next))
        case .settlementDropped: byte(15)
        case .batchClosed(let isBalanced):
            byte(16)
            flag(isBalanced)
        case .batchNumber(let number):
            byte(17)
            unsigned(number)
        default: preconditionFailure("a record of the batch")
        }
    }
}

extension ByteReader {
    mutating func sealedBook(_ book: inout TerminalBook) throws(CodecError) {
        book.sealed = try SealedTail(from: &self)
        book.uncovered = try list { (reader: inout ByteReader) throws(CodecError) in try reader.unsigned() }
        let start = offset
        let numbers: [UInt64?] = try list { (reader: inout ByteReader) throws(CodecError) in
            try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.unsigned() }
        }
        guard numbers.count == book.intents.count else { throw .invalid(offset: start, what: "sealed intents") }
        for (index, number) in numbers.enumerated() { book.intents[index].sealed = number }
    }

    mutating func transaction() throws(CodecError) -> ReversalIntent {
        let kind = try kind()
        var value = try intent()
        value.kind = kind
        value.advice = try optional { (reader: inout ByteReader) throws(CodecError) in
            let start = reader.offset
            guard let expiry = CardExpiry(year: try reader.byte(), month: try reader.byte()) else {
                throw .invalid(offset: start, what: "expiry")
            }
            let entry = try reader.raw(EntryMode.self, "entry mode")
            return Advice(expiry: expiry, entry: entry, original: try reader.original())
        }
        return value
    }

    private mutating func kind() throws(CodecError) -> TransactionKind {
        try raw(TransactionKind.self, "kind of transaction")
    }

    private mutating func original() throws(CodecError) -> OriginalData {
        var value = OriginalData()
        value.trace = try optional { (reader: inout ByteReader) throws(CodecError) in
            OriginalData.Trace(kind: try reader.kind(), stan: try reader.stan(), at: try reader.instant())
        }
        value.rrn = try rrn()
        value.approvalCode = try optional { (reader: inout ByteReader) throws(CodecError) in try reader.text() }
        return value
    }

    mutating func batchNumber() throws(CodecError) -> UInt32 {
        let start = offset
        let number: UInt32 = try unsigned()
        guard 1...TerminalData.batchMax ~= number else { throw .invalid(offset: start, what: "batch number") }
        return number
    }

    mutating func batch() throws(CodecError) -> BatchBook {
        var value = BatchBook()
        value.number = try batchNumber()
        value.entries = try list { (reader: inout ByteReader) throws(CodecError) in
            BatchEntry(
                kind: try reader.kind(), stan: try reader.stan(), rrn: try reader.rrn(), amount: try reader.money(),
                approvalCode: try reader.text(), at: try reader.instant())
        }
        let start = offset
        value.settlement = try optional { (reader: inout ByteReader) throws(CodecError) in
            let stan = try reader.stan()
            let at = try reader.instant()
            let next = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
                Int(try reader.unsigned(UInt16.self))
            }
            return SettlementRun(stan: stan, at: at, stage: next.map { .upload(next: $0) } ?? .totals)
        }
        if case .upload(let next) = value.settlement?.stage, next > value.entries.count {
            throw .invalid(offset: start, what: "settlement")
        }
        return value
    }
}
