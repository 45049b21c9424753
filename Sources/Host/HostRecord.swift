// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Issuer
import Vocabulary

/// One line of the journal: what happened, when, and everything `apply` needs to make it so again.
///
/// It holds no frame, track, CVV, PIN block or clear PAN (rule R6). Every kind is final once written: a new shape takes
/// a new kind, and old journals decode for ever.
public struct HostRecord: Equatable, Sendable {
    public var at: Instant
    public var body: Body

    public init(at: Instant, _ body: Body) {
        self.at = at
        self.body = body
    }

    public enum Body: Equatable, Sendable {
        case estate(EstateRecord)
        case issuer(IssuerRecord)
        /// Rules that one alone has put in force: the first of a directory, or those of an unattended file.
        case rulesReplaced(text: String, by: StaffID)
        case authorisation(Authorisation)
        case reversal(Reversal)
        /// An authentic message that was refused before any card was looked at.
        case refusal(Refusal)
        /// A repeat under a fresh KSN that got the stored answer.
        case repeated(TerminalUsage)
        /// A warning report by an authentic message; its answer is remembered for a repeat.
        case report(EstateRecord, RememberedReport)
        /// An authentic message that contradicts another one under the same KSN, with the warnings that this opens.
        case contradiction(Refusal, raised: [WarningCode])
        /// Any kind of transaction but a purchase.
        case transaction(CardTransaction)
        /// The reversal of one.
        case transactionReversal(TransactionReversal)
        case settlement(Settlement)
        case batchUpload(BatchUpload)
        case dayCut(DayCut)
        /// Between this host and others.
        case upstream(UpstreamRecord)
        /// The sealed journal of a dead terminal.
        case journal(JournalRecord)
        /// A step in the life of a rule set.
        case rules(RuleChange)
        /// What became known of a transaction elsewhere.
        case label(LabelRecord)
        /// A list that rules name and do not hold.
        case list(ListChange)
        /// A step in the life of a model.
        case model(ModelChange)
    }

    public static let version: UInt8 = 1

    private enum Kind: UInt8 {
        case estate = 1, issuer, rulesReplaced, authorisation, reversal, refusal, repeated, report, contradiction
        case transaction, transactionReversal, settlement, batchUpload, dayCut, upstream, journal, rules, label, list
        case model
    }

    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 192)
        writer.byte(Self.version)
        writer.instant(at)
        switch body {
        case .estate(let record):
            writer.byte(Kind.estate.rawValue)
            record.encode(to: &writer)
        case .issuer(let record):
            writer.byte(Kind.issuer.rawValue)
            record.encode(to: &writer)
        case .rulesReplaced(let text, let staff):
            writer.byte(Kind.rulesReplaced.rawValue)
            writer.text(text)
            writer.code(staff)
        case .authorisation(let record):
            writer.byte(Kind.authorisation.rawValue)
            record.encode(to: &writer)
        case .reversal(let record):
            writer.byte(Kind.reversal.rawValue)
            record.encode(to: &writer)
        case .refusal(let record):
            writer.byte(Kind.refusal.rawValue)
            record.encode(to: &writer)
        case .repeated(let usage):
            writer.byte(Kind.repeated.rawValue)
            usage.encode(to: &writer)
        case .report(let record, let remembered):
            writer.byte(Kind.report.rawValue)
            record.encode(to: &writer)
            remembered.encode(to: &writer)
        case .contradiction(let record, let raised):
            writer.byte(Kind.contradiction.rawValue)
            record.encode(to: &writer)
            writer.warnings(raised)
        case .transaction(let record): write(.transaction, &writer, record.encode)
        case .transactionReversal(let record): write(.transactionReversal, &writer, record.encode)
        case .settlement(let record): write(.settlement, &writer, record.encode)
        case .batchUpload(let record): write(.batchUpload, &writer, record.encode)
        case .dayCut(let record): write(.dayCut, &writer, record.encode)
        case .upstream(let record): write(.upstream, &writer, record.encode)
        case .journal(let record): write(.journal, &writer, record.encode)
        case .rules(let change): write(.rules, &writer, change.encode)
        case .label(let record): write(.label, &writer, record.encode)
        case .list(let change): write(.list, &writer, change.encode)
        case .model(let change): write(.model, &writer, change.encode)
        }
        return writer.bytes
    }

    private func write(_ kind: Kind, _ writer: inout ByteWriter, _ encode: (inout ByteWriter) -> Void) {
        writer.byte(kind.rawValue)
        encode(&writer)
    }

    /// - Throws: `CodecError` for anything but exactly one encoded record.
    public init(decoding bytes: [UInt8]) throws(CodecError) {
        var reader = ByteReader(bytes)
        guard try reader.byte() == Self.version else { throw .invalid(offset: 0, what: "record version") }
        at = try reader.instant()
        let start = reader.offset
        guard let kind = Kind(rawValue: try reader.byte()) else { throw .invalid(offset: start, what: "record kind") }
        switch kind {
        case .estate: body = .estate(try EstateRecord(from: &reader))
        case .issuer: body = .issuer(try IssuerRecord(from: &reader))
        case .rulesReplaced: body = .rulesReplaced(text: try reader.text(), by: try reader.code())
        case .authorisation: body = .authorisation(try Authorisation(from: &reader))
        case .reversal: body = .reversal(try Reversal(from: &reader))
        case .refusal: body = .refusal(try Refusal(from: &reader))
        case .repeated: body = .repeated(try TerminalUsage(from: &reader))
        case .report:
            let record = try EstateRecord(from: &reader)
            body = .report(record, try RememberedReport(from: &reader))
        case .contradiction:
            let record = try Refusal(from: &reader)
            body = .contradiction(record, raised: try reader.warnings())
        case .transaction: body = .transaction(try CardTransaction(from: &reader))
        case .transactionReversal: body = .transactionReversal(try TransactionReversal(from: &reader))
        case .settlement: body = .settlement(try Settlement(from: &reader))
        case .batchUpload: body = .batchUpload(try BatchUpload(from: &reader))
        case .dayCut: body = .dayCut(try DayCut(from: &reader))
        case .upstream: body = .upstream(try UpstreamRecord(from: &reader))
        case .journal: body = .journal(try JournalRecord(from: &reader))
        case .rules: body = .rules(try RuleChange(from: &reader))
        case .label: body = .label(try LabelRecord(from: &reader))
        case .list: body = .list(try ListChange(from: &reader))
        case .model: body = .model(try ModelChange(from: &reader))
        }
        guard reader.isAtEnd else { throw .invalid(offset: reader.offset, what: "end of record") }
    }
}
