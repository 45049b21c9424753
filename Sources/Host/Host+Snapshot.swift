// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Issuer
import PaymentCryptography
import SecurityTriggers
import Vocabulary

/// The host's state as it was at one moment, for another thread to write down.
///
/// Taking it copies a few references: the host goes on and copies what it changes, piece by piece, while this keeps what
/// was. So a snapshot costs the host's loop no time of its own.
public struct HostState: Sendable {
    public let sequence: UInt64
    let ruleBook: RuleBook
    let rulesText: String
    let labels: LabelBook
    let lists: ListBook
    let models: ModelBook
    let estate: Estate
    let issuer: Issuer
    let triggers: Triggers
    let memory: [TransactionMemory]
    let batches: [TerminalBatch]
    let ledger: Ledger
    let day: UInt32
    let dayBegan: Instant?
    let upstream: UpstreamBook
    let journals: [TerminalJournal]

    /// The version of the layout that is written.
    public static let version: UInt8 = 9

    /// The whole state: equal states give equal bytes, in every process.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 1 << 16)
        writer.byte(Self.version)
        writer.unsigned(sequence)
        writer.unsigned(ruleBook.live)
        writer.text(rulesText)
        estate.snapshot(to: &writer)
        issuer.snapshot(to: &writer)
        triggers.snapshot(to: &writer)
        writer.list(memory) { $1.snapshot(to: &$0) }
        writer.list(batches) { $1.encode(to: &$0) }
        ledger.snapshot(to: &writer)
        writer.unsigned(day)
        writer.optional(dayBegan) { $0.instant($1) }
        upstream.snapshot(to: &writer)
        writer.list(journals) { $1.encode(to: &$0) }
        ruleBook.snapshot(to: &writer)
        labels.snapshot(to: &writer)
        lists.snapshot(to: &writer)
        models.snapshot(to: &writer)
        return writer.bytes
    }
}

extension Host {
    /// The state as it is now, to be written down elsewhere.
    public func state() -> HostState {
        HostState(
            sequence: sequence, ruleBook: ruleBook, rulesText: rulesText, labels: labels, lists: lists, models: models,
            estate: estate, issuer: issuer, triggers: triggers, memory: memory, batches: batches, ledger: ledger,
            day: day, dayBegan: dayBegan,
            upstream: upstream, journals: journals)
    }

    /// The whole state: equal states give equal bytes, in every process.
    public func snapshot() -> [UInt8] { state().encoded() }

    /// SHA-256 of the snapshot: what a live host and one recovered from its journal must agree on.
    public func digest() -> [UInt8] { SHA256.hash(snapshot()) }

    /// Reads a snapshot of this version or one before it. Those before the third kept no ledger and no batches: what the
    /// duplicate index still knows of purchases stands for them.
    ///
    /// Rules that this version no longer reads are kept: the host knows them for unreadable and authorises nothing.
    /// Lists come without the entries of their files, which `supply` hands in.
    ///
    /// - Parameter seed: as `init(rules:seed:)` takes it.
    /// - Throws: `CodecError` for damaged bytes.
    public init(snapshot bytes: [UInt8], seed: UInt64? = nil) throws(CodecError) {
        var reader = ByteReader(bytes)
        let version = try reader.byte()
        guard 1...HostState.version ~= version else { throw .invalid(offset: 0, what: "snapshot version") }
        let sequence: UInt64 = try reader.unsigned()
        let rulesVersion: UInt32 = try reader.unsigned()
        let start = reader.offset
        let text = try reader.text()
        guard let rules = (try? RuleSet(parsing: text)) ?? Self.noRules else {
            throw .invalid(offset: start, what: "rule set")
        }
        let estate = try Estate(
            snapshot: &reader,
            Estate.Layout(hasAttestedEvents: version >= 5, hasDevices: version >= 6, hasLogs: version >= 7))
        let issuer = try Issuer(snapshot: &reader, hasHolds: version >= 3)
        let triggers = try Triggers(snapshot: &reader, rules: rules, seed: seed, keepsAll: true)
        let memory = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            version == 1
                ? try TransactionMemory(ringSnapshot: &reader)
                : try TransactionMemory(snapshot: &reader, hasKinds: version >= 3)
        }
        let counted =
            version >= 3 ? try Counted(from: &reader, hasUpstream: version >= 5) : Counted(terminals: memory.count)
        let upstream = version >= 4 ? try UpstreamBook(snapshot: &reader, hasKinds: version >= 5) : UpstreamBook()
        let journals =
            version >= 7
            ? try reader.list { (reader: inout ByteReader) throws(CodecError) in try TerminalJournal(from: &reader) }
            : Array(repeating: TerminalJournal(), count: memory.count)
        let book =
            version >= 8
            ? try RuleBook(snapshot: &reader, live: rulesVersion, text: text) : RuleBook(live: rulesVersion)
        let labels = version >= 8 ? try LabelBook(snapshot: &reader) : LabelBook()
        let lists = version >= 9 ? try ListBook(snapshot: &reader) : ListBook()
        let models = version >= 9 ? try ModelBook(snapshot: &reader) : ModelBook()
        guard reader.isAtEnd, memory.count == estate.terminals.count, journals.count == memory.count,
            counted.batches.count == memory.count
        else {
            throw .invalid(offset: reader.offset, what: "end of snapshot")
        }
        self.init(rules: rules)
        self.sequence = sequence
        self.estate = estate
        self.issuer = issuer
        self.triggers = triggers
        self.lists = lists
        self.models = models
        restoreRules(book, text: text)
        self.memory = memory
        batches = counted.batches
        ledger = counted.ledger
        day = counted.day
        dayBegan = counted.dayBegan
        self.upstream = upstream
        self.journals = journals
        self.labels = labels
        if version < 3 { rebuildLedger() } else if version < 6 { noteTrades() }
        if version < 8 { relabel() }
        // Purchases were all that was forwarded before; those that may be reversed may be referred to from now on.
        if version == 4 {
            for settled in upstream.settled {
                ledger.change(RRN(settled.reference)) {
                    if $0.account == Forward.account { $0.upstream = settled.name }
                }
            }
        }
    }

    /// Stands where the rules cannot be read, and judges nothing.
    private static let noRules = try? RuleSet(parsing: "tillguard-rules 1\n")

    /// Snapshots before the sixth version did not say when a terminal sold last.
    private mutating func noteTrades() {
        for entry in ledger.entries {
            if let index = estate.terminals.find(entry.terminal) { estate.noteTrade(index, at: entry.at) }
        }
    }

    /// Books the purchases that the duplicate index knows, in the order of their references.
    private mutating func rebuildLedger() {
        var known: [(index: Int, sale: RememberedTransaction)] = []
        for index in memory.indices { known += memory[index].approvedPurchases.map { (index, $0) } }
        known.sort { $0.sale.answer.rrn < $1.sale.answer.rrn }
        for (index, sale) in known {
            guard let card = sale.card, let account = issuer.cards[card]?.account else { continue }
            var entry = LedgerEntry(
                rrn: sale.answer.rrn, kind: .purchase, terminal: estate.terminals.keys[index],
                merchant: estate.terminals.values[index].merchant, card: card, account: account, amount: sale.amount,
                at: sale.at, stan: sale.key.stan, transmission: sale.transmission,
                approvalCode: sale.answer.approvalCode, batch: 0, day: 0)
            if sale.isReversed { entry.state = .reversed }
            book(entry, index)
        }
    }
}

/// What snapshots hold since their third version.
private struct Counted {
    var batches: [TerminalBatch]
    var ledger = Ledger()
    var day: UInt32 = 0
    var dayBegan: Instant?

    init(terminals: Int) { batches = Array(repeating: TerminalBatch(), count: terminals) }

    init(from reader: inout ByteReader, hasUpstream: Bool) throws(CodecError) {
        batches = try reader.list { (reader: inout ByteReader) throws(CodecError) in try TerminalBatch(from: &reader) }
        ledger = try Ledger(snapshot: &reader, hasUpstream: hasUpstream)
        day = try reader.unsigned()
        dayBegan = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.instant() }
    }
}
