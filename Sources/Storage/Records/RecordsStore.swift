// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import Journal
import Synchronization

/// The projections: `records.db` in the data directory, made from the journal and makeable again.
///
/// What is in the tables is the caller's: it hands in migrations and the bodies that write. The store keeps, in the
/// same transaction, up to which journal record the projections have come, so that after any failure they go on
/// exactly there.
public final class RecordsStore: Sendable {
    /// The most connections that read at a time.
    public static let readersMax = 4

    private static let fileName = "records.db"
    private static let checkpointName = "journal"

    /// The version of the file's schema: the number of migrations applied, the store's own first one included.
    public let schemaVersion: Int

    private let directory: DataDirectory
    private let pool: DatabasePool
    private let position: Mutex<UInt64>

    /// Opens or makes the projections of a data directory.
    ///
    /// - Parameter migrations: registers the caller's migrations, which run after the store's own.
    /// - Throws: `StorageError.notSynchronous`, `.schemaTooNew`, `.system`, or GRDB's `DatabaseError`.
    public init(in directory: DataDirectory, migrations: (inout DatabaseMigrator) -> Void = { _ in }) throws {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("checkpoint") { database in
            try database.execute(
                sql: """
                    CREATE TABLE checkpoint (
                        name TEXT PRIMARY KEY NOT NULL,
                        sequence INTEGER NOT NULL CHECK (sequence >= 0)
                    ) STRICT
                    """)
            try database.execute(
                sql: "INSERT INTO checkpoint (name, sequence) VALUES (?, 0)", arguments: [Self.checkpointName])
        }
        migrations(&migrator)
        let path = directory.file(Self.fileName)
        let (pool, version) = try DurableDatabase.open(path, readers: Self.readersMax, migrator: migrator)
        let sequence = try pool.read { database in
            try Int64.fetchOne(
                database, sql: "SELECT sequence FROM checkpoint WHERE name = ?", arguments: [Self.checkpointName])
        }
        guard let sequence, sequence >= 0 else {
            throw StorageError.schemaAltered(path: path, object: "checkpoint")
        }
        self.directory = directory
        self.pool = pool
        schemaVersion = version
        position = Mutex(UInt64(sequence))
    }

    /// Removes the projections, so that they are made from the journal again; they must not be open.
    public static func discard(in directory: DataDirectory) throws {
        for suffix in ["", "-wal", "-shm"] {
            let path = directory.file(fileName + suffix)
            if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
        }
    }

    /// The number of the last journal record in the projections; 0 before the first.
    public func checkpoint() -> UInt64 { position.withLock { $0 } }

    /// Writes projections and the new checkpoint in one transaction: both are there, or neither.
    ///
    /// - Parameters:
    ///   - sequence: the last journal record that `body` projects; the first is the one after ``checkpoint()``.
    ///   - body: writes the projections; whatever it throws undoes all of it.
    /// - Throws: `StorageError.checkpointNotAhead`, and what `body` or SQLite throws.
    public func project(sequenceAfter sequence: UInt64, _ body: (Database) throws -> Void) throws {
        try pool.writeWithoutTransaction { database in
            let before = checkpoint()
            guard sequence > before, sequence <= Chain.sequenceMax else {
                throw StorageError.checkpointNotAhead(checkpoint: before, requested: sequence)
            }
            try database.inTransaction(.immediate) {
                try body(database)
                try database.cachedStatement(sql: "UPDATE checkpoint SET sequence = ? WHERE name = ? AND sequence = ?")
                    .execute(arguments: [Int64(sequence), Self.checkpointName, Int64(before)])
                guard database.changesCount == 1 else {
                    throw StorageError.checkpointNotAhead(checkpoint: before, requested: sequence)
                }
                return .commit
            }
            position.withLock { $0 = sequence }
        }
    }

    /// Refuses projections that have seen records the journal does not have, as after restoring an older journal.
    public func requireNotAhead(of head: JournalHead) throws {
        let checkpoint = checkpoint()
        guard checkpoint < head.next else {
            throw StorageError.recordsAhead(checkpoint: checkpoint, journalNext: head.next)
        }
    }

    /// Reads the projections as of one moment, blocking the calling thread.
    public func read<Value>(_ body: (Database) throws -> Value) throws -> Value { try pool.read(body) }

    /// Reads the projections as of one moment, without blocking a thread of the caller's.
    public func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await pool.read(body)
    }

    /// Closes the file; the directory stays locked until the store goes.
    public func close() throws { try DurableDatabase.close(pool) }
}
