// SPDX-License-Identifier: Apache-2.0
import GRDB
import Journal
import Logging
import Synchronization

/// The journal on disk: `journal.db` in the data directory, append-only.
///
/// A commit is one row and one transaction; when `append` returns, it is on the disk. Opening reads the whole
/// journal and verifies its chain. One process at a time may open it (``DataDirectory``); another program may look
/// on through ``JournalReader``.
public final class JournalStore: Sendable {
    private struct State {
        var chain: Chain
        /// Set by the first failure: what the disk holds then is known only to the next opening.
        var isClosed = false
    }

    /// The version of the file's schema.
    public let schemaVersion: Int

    /// Not private, so that tests can fill the disk.
    let pool: DatabasePool
    private let directory: DataDirectory
    private let path: String
    private let state: Mutex<State>

    /// Opens or makes the journal of a data directory and verifies it from its first commit on.
    ///
    /// - Parameters:
    ///   - directory: the locked data directory.
    ///   - known: a head that the journal is known to have had; without one a cut tail cannot be noticed.
    ///   - logger: is told how much was verified.
    /// - Throws: `StorageError.journalDamaged` and the other cases that concern opening; GRDB's `DatabaseError`.
    public init(
        in directory: DataDirectory, known: JournalHead? = nil, logger: Logger = Logger(label: "tillguard.storage")
    ) throws {
        let path = directory.file(CommitTable.fileName)
        let (pool, version) = try DurableDatabase.open(path, readers: 2, migrator: CommitTable.migrator)
        let head = try verified(pool, path: path, known: known)
        self.directory = directory
        self.pool = pool
        self.path = path
        schemaVersion = version
        state = Mutex(State(chain: Chain(after: head)))
        logger.debug("journal verified", metadata: ["records": "\(head.next - 1)", "schema": "\(version)"])
    }

    /// Where the journal ends.
    public func head() -> JournalHead { state.withLock { $0.chain.head } }

    /// Adds a commit and returns when it is on the disk.
    ///
    /// Blocks for the disk: for a writer's thread (``JournalWriter``), never for an event loop.
    ///
    /// - Throws: `StorageError.commitRefused` for a commit that does not follow the last one, which leaves all as it
    ///   was; any other error closes the store for writing.
    public func append(_ commit: Commit) throws {
        try pool.writeWithoutTransaction { database in
            var chain = try state.withLock { state in
                guard !state.isClosed else { throw StorageError.closed }
                return state.chain
            }
            do throws(ChainError) {
                try chain.verify(commit)
            } catch {
                throw StorageError.commitRefused(error)
            }
            do {
                try CommitTable.insert(commit, database)
            } catch {
                state.withLock { $0.isClosed = true }
                throw error
            }
            state.withLock { $0.chain = chain }
        }
    }

    /// Hands out the commits in order, beginning with the one that holds record `sequence` (which may begin before
    /// it), up to the end as it is when it is reached. Appending goes on meanwhile.
    public func read(from sequence: UInt64 = 1, _ body: (Commit) throws -> Void) throws {
        try CommitTable.read(from: sequence, pool, path: path, body)
    }

    /// Hands out the records from number `sequence` on, each with its number.
    public func readRecords(from sequence: UInt64 = 1, _ body: (UInt64, [UInt8]) throws -> Void) throws {
        try read(from: sequence) { commit in try commit.forEachRecord(from: sequence, body) }
    }

    /// True if the journal ended at this head at some time: a snapshot belongs to it only then.
    public func holds(_ head: JournalHead) throws -> Bool { try CommitTable.holds(head, pool) }

    /// Ends all writing and closes the file; the directory stays locked until the store goes.
    public func close() throws {
        let wasClosed = state.withLock { state in
            defer { state.isClosed = true }
            return state.isClosed
        }
        // After a failure nothing is moved between the files: they are what the next opening judges.
        if wasClosed { try pool.close() } else { try DurableDatabase.close(pool) }
    }
}

/// A look at a journal that another process may be writing: for back-tests, diagnosis and back-ups.
public final class JournalReader: Sendable {
    private let pool: DatabasePool
    private let path: String

    /// Opens the journal of a data directory for reading, without locking or verifying it.
    ///
    /// - Throws: GRDB's `DatabaseError` if there is none, `StorageError.schemaTooNew`.
    public init(path directory: String) throws {
        path = directory + "/" + CommitTable.fileName
        var configuration = Configuration()
        configuration.readonly = true
        configuration.maximumReaderCount = 1
        pool = try DatabasePool(path: path, configuration: configuration)
        guard try !pool.read(CommitTable.migrator.hasBeenSuperseded) else {
            throw StorageError.schemaTooNew(path: path)
        }
    }

    /// Verifies the whole journal.
    ///
    /// - Returns: its head.
    /// - Throws: `StorageError.journalDamaged`.
    @discardableResult
    public func verify(known: JournalHead? = nil) throws -> JournalHead {
        try verified(pool, path: path, known: known)
    }

    /// Hands out the commits in order, beginning with the one that holds record `sequence`.
    public func read(from sequence: UInt64 = 1, _ body: (Commit) throws -> Void) throws {
        try CommitTable.read(from: sequence, pool, path: path, body)
    }

    /// Hands out the records from number `sequence` on, each with its number.
    public func readRecords(from sequence: UInt64 = 1, _ body: (UInt64, [UInt8]) throws -> Void) throws {
        try read(from: sequence) { commit in try commit.forEachRecord(from: sequence, body) }
    }
}

extension Commit {
    /// Unpacks the commit and hands out its records from number `sequence` on.
    func forEachRecord(from sequence: UInt64, _ body: (UInt64, [UInt8]) throws -> Void) throws {
        var number = first
        for record in try RecordFrame.decode(bytes) {
            if number >= sequence { try body(number, record) }
            number += 1
        }
    }
}

/// The head of a journal whose chain and guards hold.
private func verified(_ reader: any DatabaseReader, path: String, known: JournalHead?) throws -> JournalHead {
    var audit = ChainAudit(known: known)
    do {
        try CommitTable.read(from: 0, reader, path: path) { commit in try audit.next(commit) }
        let head = try audit.finish()
        // After the chain: an edited journal is the graver news.
        try reader.read { database in try CommitTable.requireSchema(database, path: path) }
        return head
    } catch let error as ChainError {
        throw StorageError.journalDamaged(error)
    }
}
