// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import GRDB
import Host
import ModuleProtocol
import SecurityTriggers
import Synchronization
import Vocabulary

/// Writes journal records into the tables of `records.db`: a pure function of the journal, so that the file can be
/// thrown away and made again.
///
/// One caller at a time; a batch and its checkpoint are one transaction.
public final class RecordsProjector: Sendable {
    /// Records in one transaction while catching up.
    public static let batchMax = 512

    let store: RecordsStore
    let links: CaseLinks
    /// Where the links of messages to cardholders begin, such as `https://bank.example`.
    let origin: String
    private let live: Mutex<LiveRules>
    private let isTuned = Atomic(false)

    /// - Parameters:
    ///   - store: opened with `RecordsSchema.register`.
    ///   - rules: the rule set a new journal starts with, as `Host(rules:)` takes it.
    ///   - links: derives the links and codes that go out to cardholders.
    ///   - origin: the configured origin that links begin with; no slash at its end.
    /// - Throws: `RuleFileError` if the live rules of the projections cannot be read; GRDB's `DatabaseError`.
    public init(store: RecordsStore, rules: RuleSet, links: CaseLinks, origin: String) throws {
        self.store = store
        self.links = links
        self.origin = origin
        live = Mutex(try store.read { database in try LiveRules(database, opening: rules) })
    }

    /// Projects every record of the journal that is not projected yet.
    public func catchUp(from journal: JournalStore) throws {
        var batch: [(UInt64, HostRecord)] = []
        try journal.readRecords(from: store.checkpoint() + 1) { sequence, bytes in
            batch.append((sequence, try HostRecord(decoding: bytes)))
            if batch.count >= Self.batchMax {
                try project(batch)
                batch.removeAll(keepingCapacity: true)
            }
        }
        try project(batch)
    }

    /// Projects records in journal order, all of them or none. Records at or before the checkpoint are passed over.
    public func project(_ batch: [(UInt64, HostRecord)]) throws {
        let checkpoint = store.checkpoint()
        let fresh = batch.drop { $0.0 <= checkpoint }
        guard let first = fresh.first, let last = fresh.last else { return }
        let isFirstBatch = !isTuned.exchange(true, ordering: .relaxed)
        var projection = live.withLock { Projection(live: $0, links: links, origin: origin) }
        try store.project(sequenceAfter: last.0) { database in
            if isFirstBatch { try Self.tune(database) }
            if checkpoint == 0 { try projection.begin(at: first.1.at, database) }
            for (sequence, record) in fresh { try projection.write(sequence, record, database) }
            try projection.finish(database)
        }
        live.withLock { $0 = projection.live }
    }

    /// Rows of a busy day go to pages all over the indexes. With room for them in memory, and the log brought into the
    /// file every 32 MiB and not every 4, an authorisation costs a fraction. Both are the writing connection's alone.
    private static func tune(_ database: Database) throws {
        try database.execute(sql: "PRAGMA cache_size = -32768")
        try database.execute(sql: "PRAGMA wal_autocheckpoint = 8192")
    }
}

/// One transaction's worth of projecting.
struct Projection {
    var live: LiveRules
    let links: CaseLinks
    let origin: String
    /// When each terminal was last heard in this batch: written once a batch, not once a message.
    private var lastSeen = Registry<TerminalID, Instant>()

    init(live: LiveRules, links: CaseLinks, origin: String) {
        self.live = live
        self.links = links
        self.origin = origin
    }

    /// The rules a journal starts with have no record of their own.
    func begin(at: Instant, _ database: Database) throws {
        try database.write(
            "INSERT OR REPLACE INTO rules (version, text, by, at) VALUES (0, ?, 'system', ?)",
            [live.rules.source, at.microseconds])
    }

    mutating func write(_ sequence: UInt64, _ record: HostRecord, _ database: Database) throws {
        switch record.body {
        case .estate(let change): try write(change, sequence, record.at, database)
        case .issuer(let change): try write(change, sequence, record.at, database)
        case .rulesReplaced(let text, let staff):
            try load(text, by: staff, sequence, record.at, database)
        case .rules(let change): try write(change, sequence, record.at, database)
        case .list(let change): try write(change, sequence, record.at, database)
        // Counters of the triggers alone; the case's own answer is a record of its own.
        case .label: break
        // What models said is the host's own to tell; scores stand with the decisions.
        case .model: break
        case .authorisation(let sale):
            saw(sale.usage.terminal, record.at)
            try write(sale, .purchase, sequence, record.at, database)
        case .reversal(let reversal):
            saw(reversal.usage.terminal, record.at)
            try write(reversal, record.at, database)
        case .refusal(let refusal):
            saw(refusal.usage.terminal, record.at)
            try write(refusal, sequence, record.at, database)
        case .contradiction(let refusal, let raised):
            try write(refusal, sequence, record.at, database)
            try write(
                .reported(
                    refusal.usage.terminal, refusal.usage, raised: raised.map { RaisedWarning($0) }, eventCounter: nil),
                sequence,
                record.at, database)
        case .repeated(let usage): saw(usage.terminal, record.at)
        case .report(let change, _): try write(change, sequence, record.at, database)
        case .upstream(let change): try write(change, sequence, record.at, database)
        case .journal(let change): try write(change, sequence, record.at, database)
        case .transaction, .transactionReversal, .settlement, .batchUpload, .dayCut:
            try writeOther(sequence, record, database)
        }
    }

    mutating func saw(_ terminal: TerminalID, _ at: Instant) {
        lastSeen.update(terminal, default: at) { $0 = max($0, at) }
    }

    /// Ends P03 of a terminal that was heard after it had been raised.
    func endSearch(_ terminal: TerminalID, _ at: Instant, _ database: Database) throws {
        try database.write(
            """
            UPDATE warnings SET open = 0, closed_at = ?1
            WHERE terminal = ?2 AND code = 'P03' AND open = 1 AND since < ?1
            """, [at.microseconds, terminal.description])
    }

    func finish(_ database: Database) throws {
        for (terminal, at) in zip(lastSeen.keys, lastSeen.values) {
            try database.write(
                "UPDATE terminals SET last_seen = ? WHERE id = ?", [at.microseconds, terminal.description])
            try endSearch(terminal, at, database)
        }
    }
}

extension Database {
    /// Runs a statement that is prepared once.
    func write(_ sql: String, _ arguments: StatementArguments) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }
}
