// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB

/// How every SQLite file here is opened: write-ahead log, and a commit is on the disk before it returns.
enum DurableDatabase {
    /// The level at which SQLite brings its log to the disk at every commit.
    static let fullSynchronous = 2

    /// Opens or makes a database and brings its schema up to date.
    ///
    /// - Returns: the pool and the version of its schema: the number of migrations applied, which is also SQLite's
    ///   `user_version`.
    /// - Throws: `StorageError.notSynchronous`, `.schemaTooNew`, `.system`, or GRDB's `DatabaseError`.
    static func open(
        _ path: String, readers: Int, migrator: DatabaseMigrator
    ) throws -> (pool: DatabasePool, schemaVersion: Int) {
        try DurableFile.createIfAbsent(path)
        var configuration = Configuration()
        configuration.maximumReaderCount = readers
        configuration.busyMode = .immediateError
        let pool = try DatabasePool(path: path, configuration: configuration)
        // Not before: setting up the write-ahead log, GRDB puts the level to NORMAL, whatever it was prepared with.
        try pool.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA synchronous = FULL")
            try requireFullSynchronous(database, path: path)
        }
        guard try !pool.read(migrator.hasBeenSuperseded) else { throw StorageError.schemaTooNew(path: path) }
        try migrator.migrate(pool)
        let version = try pool.writeWithoutTransaction { database in
            let version = try migrator.appliedIdentifiers(database).count
            try database.execute(sql: "PRAGMA user_version = \(version)")
            // Migrations run on this very connection.
            try requireFullSynchronous(database, path: path)
            return version
        }
        return (pool, version)
    }

    /// Closes a database so that, if nobody else reads it, the one file holds all of it.
    static func close(_ pool: DatabasePool) throws {
        // May fail while somebody reads: then the log keeps what it holds, and the next opening reads it there.
        try? pool.writeWithoutTransaction { database in _ = try database.checkpoint(.truncate) }
        try pool.close()
    }

    /// Refuses a connection that would call a commit durable before it is.
    static func requireFullSynchronous(_ database: Database, path: String) throws {
        let level = try Int.fetchOne(database, sql: "PRAGMA synchronous")
        guard level == fullSynchronous else { throw StorageError.notSynchronous(path: path, level: level) }
    }
}
