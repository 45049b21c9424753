// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// One record of the terminal's journal.
///
/// It is written for good: a tag is never used again for anything else. Intents hold the PAN and tokens are one-time
/// secrets, so the shell seals every record at rest.
indirect enum TerminalRecord: Equatable, Sendable {
    /// A trace number was used by a message that leaves no other record.
    case stan(STAN)
    /// A sale is about to be sent.
    case intent(ReversalIntent)
    case approved(ApprovedSale)
    case declined(STAN)
    case reversalDue(STAN, ReversalReason, reversal: STAN, rrn: RRN?)
    case reversalDone(STAN)
    case report(WarningReport)
    case reportDone(STAN)
    /// The module gave a new link token, which the host is about to learn the hash of.
    case linkToken([UInt8])
    /// The host has accepted the evidence that named it.
    case linkTokenAccepted
    /// Stands for every record before it.
    case snapshot(TerminalBook)
    /// The totals of the batch are about to be sent.
    case settlementStarted(STAN, Instant)
    /// The totals did not agree: the transactions from this one on are about to be sent, or the end of them.
    case uploadDue(STAN, Instant, next: Int)
    /// The host did not take the settlement: the batch stays open.
    case settlementDropped
    case batchClosed(isBalanced: Bool)
    /// What the host calls the open batch.
    case batchNumber(UInt32)
    /// The terminal itself: its starts, warnings, parameters and module.
    case service(ServiceRecord)
    /// A record and its sealed form, with the intents that this covers.
    case sealed(SealedItem, covers: [UInt64], TerminalRecord)
    /// The host needs no sealed record up to here.
    case sealedAcknowledged(UInt64)

    private static let version: UInt8 = 1

    func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 64)
        writer.byte(Self.version)
        switch self {
        case .stan(let stan):
            writer.byte(1)
            writer.stan(stan)
        case .intent(let intent) where intent.kind != .purchase:
            writer.byte(12)
            writer.transaction(intent)
        case .intent(let intent):
            writer.byte(2)
            writer.intent(intent)
        case .approved(let sale):
            writer.byte(3)
            writer.sale(sale)
        case .declined(let stan):
            writer.byte(4)
            writer.stan(stan)
        case .reversalDue(let stan, let reason, let reversal, let rrn):
            writer.byte(5)
            writer.stan(stan)
            writer.byte(reason.rawValue)
            writer.stan(reversal)
            writer.optional(rrn) { $0.unsigned($1.number) }
        case .reversalDone(let stan):
            writer.byte(6)
            writer.stan(stan)
        case .report(let report):
            writer.byte(7)
            writer.report(report)
        case .reportDone(let stan):
            writer.byte(8)
            writer.stan(stan)
        case .linkToken(let token):
            writer.byte(9)
            writer.sized(token)
        case .linkTokenAccepted:
            writer.byte(10)
        case .snapshot(let book) where book.isPlain:
            writer.byte(11)
            writer.book(book) { $0.intent($1) }
        case .snapshot(let book):
            let isOfOldForm = book.service == ServiceBook() && !book.hasSealed
            writer.byte(isOfOldForm ? 18 : book.hasSealed ? 28 : 25)
            writer.book(book) { $0.transaction($1) }
            writer.batch(book.batch)
            if !isOfOldForm { writer.service(book.service) }
            if book.hasSealed { writer.sealedBook(book) }
        case .service(let record): writer.serviceRecord(record)
        case .sealed(let item, let covers, let record):
            writer.byte(26)
            item.write(to: &writer)
            writer.list(covers) { $0.unsigned($1) }
            writer.sized(record.encoded())
        case .sealedAcknowledged(let index):
            writer.byte(27)
            writer.unsigned(index)
        case .settlementStarted, .uploadDue, .settlementDropped, .batchClosed, .batchNumber:
            writer.batchRecord(self)
        }
        return writer.bytes
    }

    /// - Throws: `CodecError` for anything but exactly one record.
    init(decoding bytes: [UInt8]) throws(CodecError) {
        var reader = ByteReader(bytes)
        guard try reader.byte() == Self.version else { throw .invalid(offset: 0, what: "record version") }
        let tag = try reader.byte()
        switch tag {
        case 1: self = .stan(try reader.stan())
        case 2: self = .intent(try reader.intent())
        case 3: self = .approved(try reader.sale())
        case 4: self = .declined(try reader.stan())
        case 5:
            let stan = try reader.stan()
            let reason = try reader.raw(ReversalReason.self, "reversal reason")
            let reversal = try reader.stan()
            self = .reversalDue(stan, reason, reversal: reversal, rrn: try reader.rrn())
        case 6: self = .reversalDone(try reader.stan())
        case 7: self = .report(try reader.report())
        case 8: self = .reportDone(try reader.stan())
        case 9: self = .linkToken(try reader.sized())
        case 10: self = .linkTokenAccepted
        case 11:
            self = .snapshot(
                try reader.book { (reader: inout ByteReader) throws(CodecError) in try reader.intent() })
        case 12: self = .intent(try reader.transaction())
        case 13: self = .settlementStarted(try reader.stan(), try reader.instant())
        case 14:
            let stan = try reader.stan()
            let at = try reader.instant()
            self = .uploadDue(stan, at, next: Int(try reader.unsigned(UInt16.self)))
        case 15: self = .settlementDropped
        case 16: self = .batchClosed(isBalanced: try reader.flag())
        case 17: self = .batchNumber(try reader.batchNumber())
        case 18, 25, 28:
            var book = try reader.book { (reader: inout ByteReader) throws(CodecError) in try reader.transaction() }
            book.batch = try reader.batch()
            if tag != 18 { book.service = try reader.service() }
            if tag == 28 { try reader.sealedBook(&book) }
            self = .snapshot(book)
        case 26:
            let item = try SealedItem(from: &reader)
            let covers: [UInt64] = try reader.list { (reader: inout ByteReader) throws(CodecError) in
                try reader.unsigned()
            }
            let (start, inner) = (reader.offset, try reader.sized())
            // One in another is none, and would be as deep as somebody likes.
            guard inner.count < 2 || inner[1] != 26 else { throw .invalid(offset: start, what: "sealed record") }
            self = .sealed(item, covers: covers, try TerminalRecord(decoding: inner))
        case 27: self = .sealedAcknowledged(try reader.unsigned())
        default:
            guard let record = try reader.serviceRecord(tag) else { throw .invalid(offset: 1, what: "record tag") }
            self = .service(record)
        }
        guard reader.isAtEnd else { throw .invalid(offset: reader.offset, what: "end of record") }
    }
}

extension ByteWriter {
    mutating func stan(_ value: STAN) { unsigned(value.number) }

    mutating func intent(_ value: ReversalIntent) {
        stan(value.stan)
        sized(value.pan.ascii)
        money(value.amount)
        instant(value.at)
        optional(value.rrn) { $0.unsigned($1.number) }
        switch value.state {
        case .inFlight: byte(0)
        case .due(let reason, let reversal):
            byte(reason.rawValue)
            stan(reversal)
        }
    }

    fileprivate mutating func sale(_ value: ApprovedSale) {
        stan(value.stan)
        money(value.amount)
        text(value.approvalCode)
        text(value.rrn)
        instant(value.at)
    }

    fileprivate mutating func report(_ value: WarningReport) {
        stan(value.stan)
        list(value.codes) { $0.byte($1.wireNumber) }
        instant(value.at)
    }

    fileprivate mutating func book(_ value: TerminalBook, _ write: (inout ByteWriter, ReversalIntent) -> Void) {
        unsigned(value.lastSTAN.number)
        list(value.intents, write)
        list(value.reports) { $0.report($1) }
        optional(value.linkToken) { $0.sized($1) }
        list(value.linkTokenCandidates) { $0.sized($1) }
        optional(value.lastSale) { (writer: inout ByteWriter, last: LastSale) in
            switch last {
            case .approved(let sale):
                writer.byte(1)
                writer.sale(sale)
            case .declined(let stan):
                writer.byte(2)
                writer.stan(stan)
            case .reversed(let stan, let reason):
                writer.byte(3)
                writer.stan(stan)
                writer.byte(reason.rawValue)
            }
        }
    }
}

extension ByteReader {
    mutating func stan() throws(CodecError) -> STAN {
        let start = offset
        let value = STAN(try unsigned())
        guard (1...999_999).contains(value.number) else { throw .invalid(offset: start, what: "trace number") }
        return value
    }

    mutating func rrn() throws(CodecError) -> RRN? {
        try optional { (reader: inout ByteReader) throws(CodecError) in RRN(try reader.unsigned()) }
    }

    mutating func intent() throws(CodecError) -> ReversalIntent {
        let stan = try stan()
        let start = offset
        guard let pan = PAN(ascii: try sized()) else { throw .invalid(offset: start, what: "card number") }
        let amount = try money()
        let at = try instant()
        let rrn = try rrn()
        let stateStart = offset
        let state: ReversalIntent.State
        switch try byte() {
        case 0: state = .inFlight
        case let reason:
            guard let reason = ReversalReason(rawValue: reason) else {
                throw .invalid(offset: stateStart, what: "reversal reason")
            }
            state = .due(reason, try self.stan())
        }
        return ReversalIntent(stan: stan, pan: pan, amount: amount, at: at, rrn: rrn, state: state)
    }

    fileprivate mutating func sale() throws(CodecError) -> ApprovedSale {
        ApprovedSale(
            stan: try stan(), amount: try money(), approvalCode: try text(), rrn: try text(), at: try instant())
    }

    fileprivate mutating func report() throws(CodecError) -> WarningReport {
        WarningReport(
            stan: try stan(), codes: try list { (reader: inout ByteReader) throws(CodecError) in try reader.warning() },
            at: try instant())
    }

    fileprivate mutating func book(
        _ read: (inout ByteReader) throws(CodecError) -> ReversalIntent
    ) throws(CodecError) -> TerminalBook {
        var book = TerminalBook()
        let start = offset
        book.lastSTAN = STAN(try unsigned())
        guard book.lastSTAN.number <= 999_999 else { throw .invalid(offset: start, what: "trace number") }
        book.intents = try list(read)
        book.reports = try list { (reader: inout ByteReader) throws(CodecError) in try reader.report() }
        book.linkToken = try optional { (reader: inout ByteReader) throws(CodecError) in try reader.sized() }
        book.linkTokenCandidates = try list { (reader: inout ByteReader) throws(CodecError) in try reader.sized() }
        book.lastSale = try optional { (reader: inout ByteReader) throws(CodecError) in try reader.lastSale() }
        return book
    }

    fileprivate mutating func lastSale() throws(CodecError) -> LastSale {
        let start = offset
        switch try byte() {
        case 1: return .approved(try sale())
        case 2: return .declined(try stan())
        case 3:
            let stan = try stan()
            return .reversed(stan, try raw(ReversalReason.self, "reversal reason"))
        default: throw .invalid(offset: start, what: "last sale")
        }
    }
}
