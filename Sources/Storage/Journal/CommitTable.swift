// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import Journal

/// The journal's one table: how it is made, guarded, written and read.
enum CommitTable {
    /// The file in the data directory.
    static let fileName = "journal.db"

    /// The most commits, and the bytes after which no further one, that one read transaction takes: a long read
    /// neither holds back SQLite's checkpoints nor fills memory.
    static let pageCommitsMax = 256
    static let pageBytesMax = 8 * 1_024 * 1_024

    /// Commits are only ever added, each where the last one ended. The insert trigger also stops `INSERT OR
    /// REPLACE`, which deletes without asking the delete trigger.
    private static let schema: [(name: String, sql: String)] = [
        (
            "commits",
            """
            CREATE TABLE commits (
                first INTEGER PRIMARY KEY NOT NULL CHECK (first > 0),
                count INTEGER NOT NULL CHECK (count > 0),
                bytes BLOB NOT NULL,
                chain BLOB NOT NULL CHECK (length(chain) = 32)
            ) STRICT
            """
        ),
        (
            "commits_follow",
            """
            CREATE TRIGGER commits_follow BEFORE INSERT ON commits
            WHEN NEW.first IS NOT coalesce((SELECT first + count FROM commits ORDER BY first DESC LIMIT 1), 1)
            BEGIN SELECT RAISE(ABORT, 'a commit must follow the last one'); END
            """
        ),
        (
            "commits_keep",
            """
            CREATE TRIGGER commits_keep BEFORE UPDATE ON commits
            BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
            """
        ),
        (
            "commits_stay",
            """
            CREATE TRIGGER commits_stay BEFORE DELETE ON commits
            BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
            """
        ),
    ]

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 commits") { database in
            for object in schema { try database.execute(sql: object.sql) }
        }
        return migrator
    }

    /// Refuses a table whose guards somebody took away.
    static func requireSchema(_ database: Database, path: String) throws {
        for object in schema {
            let sql = try String.fetchOne(
                database, sql: "SELECT sql FROM sqlite_master WHERE name = ?", arguments: [object.name])
            guard sql == object.sql else { throw StorageError.schemaAltered(path: path, object: object.name) }
        }
    }

    /// Adds a commit; as a single statement outside of a transaction it is one of its own.
    static func insert(_ commit: Commit, _ database: Database) throws {
        let statement = try database.cachedStatement(
            sql: "INSERT INTO commits (first, count, bytes, chain) VALUES (?, ?, ?, ?)")
        try statement.execute(
            arguments: [Int64(commit.first), commit.count, Data(commit.bytes), Data(commit.chain)])
    }

    /// Hands out every commit from the one that holds `sequence`, in order.
    static func read(
        from sequence: UInt64, _ reader: any DatabaseReader, path: String, _ body: (Commit) throws -> Void
    ) throws {
        guard sequence <= Chain.sequenceMax else { return }
        let start = try reader.read { database in
            try Int64.fetchOne(
                database, sql: "SELECT max(first) FROM commits WHERE first <= ?", arguments: [Int64(sequence)])
        }
        var next = start ?? Int64.min
        while true {
            let page = try reader.read { database in try fetchPage(from: next, database, path: path) }
            for commit in page { try body(commit) }
            guard let last = page.last else { return }
            next = Int64(last.first) + 1
        }
    }

    /// True if the journal ended at this head at some time.
    static func holds(_ head: JournalHead, _ reader: any DatabaseReader) throws -> Bool {
        if head.next == JournalHead.genesis.next { return head == .genesis }
        guard head.next <= Chain.sequenceMax else { return false }
        let chain = try reader.read { database in
            try Data.fetchOne(
                database,
                sql: """
                    SELECT chain FROM commits WHERE first + count = ?1 AND first = (
                        SELECT max(first) FROM commits WHERE first < ?1)
                    """,
                arguments: [Int64(head.next)])
        }
        return chain.map { Array($0) == head.chain } ?? false
    }

    private static func fetchPage(from first: Int64, _ database: Database, path: String) throws -> [Commit] {
        let statement = try database.cachedStatement(
            sql: "SELECT first, count, bytes, chain FROM commits WHERE first >= ? ORDER BY first LIMIT ?")
        let rows = try Row.fetchCursor(statement, arguments: [first, pageCommitsMax])
        var page: [Commit] = []
        var bytes = 0
        while bytes < pageBytesMax, let row = try rows.next() {
            let commit = try decode(row, path: path)
            bytes += commit.bytes.count
            page.append(commit)
        }
        return page
    }

    /// Takes nothing for granted: the file may have been written by anybody.
    private static func decode(_ row: Row, path: String) throws -> Commit {
        let values = (0..<4).map { (row[$0] as DatabaseValue).storage }
        guard case .int64(let first) = values[0], case .int64(let count) = values[1],
            case .blob(let bytes) = values[2], case .blob(let chain) = values[3],
            let sequence = UInt64(exactly: first), let number = Int(exactly: count)
        else {
            let first: Int64? = if case .int64(let value) = values[0] { value } else { nil }
            throw StorageError.unreadableRow(path: path, row: first ?? 0)
        }
        return Commit(first: sequence, count: number, bytes: Array(bytes), chain: Array(chain))
    }
}
