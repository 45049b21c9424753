// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import Journal
import Testing
import Vocabulary

@testable import Storage

/// A journal that somebody changed is refused, and says where.
struct TamperingTests {
    let temporary: TemporaryDirectory
    let commits = someCommits(6)
    var file: String { temporary.file("journal.db") }

    init() throws {
        temporary = try TemporaryDirectory()
        try JournalStore(temporary.path, commits).close()
    }

    @Test(arguments: [
        "UPDATE commits SET bytes = x'00'", "UPDATE commits SET first = 9 WHERE first = 1", "DELETE FROM commits",
        "DELETE FROM commits WHERE first = 16",
        "INSERT OR REPLACE INTO commits SELECT 1, 1, bytes, chain FROM commits WHERE first = 2",
        "REPLACE INTO commits SELECT * FROM commits WHERE first = 1",
        "INSERT INTO commits SELECT 50, 1, bytes, chain FROM commits WHERE first = 2",
        "INSERT INTO commits SELECT 22, 0, bytes, chain FROM commits WHERE first = 2",
        "INSERT INTO commits SELECT 22, 1, bytes, x'00' FROM commits WHERE first = 2",
    ])
    func `the database itself refuses all but the next commit`(sql: String) throws {
        #expect(throws: DatabaseError.self) { try tamper(file, sql) }
        #expect(try JournalStore(temporary.path).commits() == commits)
    }

    @Test(arguments: [
        (
            "UPDATE commits SET bytes = x'010100' WHERE first = 4",
            ChainError.edited(first: 4)
        ),
        ("UPDATE commits SET chain = zeroblob(32) WHERE first = 2", .edited(first: 2)),
        ("UPDATE commits SET count = 4 WHERE first = 4", .edited(first: 4)),
        ("UPDATE commits SET count = 70000 WHERE first = 4", .count(first: 4)),
        ("UPDATE commits SET first = 3 WHERE first = 2", .sequence(expected: 2, found: 3)),
        ("DELETE FROM commits WHERE first = 7", .sequence(expected: 7, found: 11)),
        ("DELETE FROM commits WHERE first = 1", .sequence(expected: 1, found: 2)),
        (
            "INSERT INTO commits SELECT 22, 3, bytes, chain FROM commits WHERE first = 4",
            .edited(first: 22)
        ),
    ])
    func `a change past the triggers is found at its commit`(sql: String, expected: ChainError) throws {
        try tamper(
            file, "DROP TRIGGER commits_keep", "DROP TRIGGER commits_stay", "DROP TRIGGER commits_follow", sql)
        #expect(throws: StorageError.journalDamaged(expected)) { try JournalStore(temporary.path) }
        #expect(throws: StorageError.journalDamaged(expected)) { try JournalReader(path: temporary.path).verify() }
    }

    @Test func `a cut tail is found against a known head`() throws {
        let known = JournalHead(after: commits[5])
        try tamper(file, "DROP TRIGGER commits_stay", "DELETE FROM commits WHERE first = 16", Self.stay)
        #expect(throws: StorageError.journalDamaged(.cut(next: 16, known: 22))) {
            try JournalStore(in: DataDirectory(temporary.path), known: known)
        }
        #expect(try JournalStore(temporary.path).head() == JournalHead(after: commits[4]))
    }

    @Test func `another journal in its place is found against a known head`() throws {
        let other = try TemporaryDirectory()
        try JournalStore(other.path, someCommits(8, seed: 77)).close()
        #expect(throws: StorageError.journalDamaged(.forked(first: 16))) {
            try JournalStore(in: DataDirectory(other.path), known: JournalHead(after: commits[5]))
        }
    }

    @Test(arguments: ["commits_follow", "commits_keep", "commits_stay"])
    func `a journal without one of its guards is refused`(trigger: String) throws {
        try tamper(file, "DROP TRIGGER \(trigger)")
        #expect(throws: StorageError.schemaAltered(path: file, object: trigger)) {
            try JournalStore(temporary.path)
        }
    }

    @Test func `a guard put back harmless is refused`() throws {
        try tamper(
            file, "DROP TRIGGER commits_stay",
            "CREATE TRIGGER commits_stay BEFORE DELETE ON commits BEGIN SELECT 1; END")
        #expect(throws: StorageError.schemaAltered(path: file, object: "commits_stay")) {
            try JournalStore(temporary.path)
        }
    }

    @Test func `a table of other types is an error, not a crash`() throws {
        try tamper(
            file, "DROP TABLE commits", "CREATE TABLE commits (first INTEGER PRIMARY KEY, count, bytes, chain)",
            "INSERT INTO commits VALUES (1, 'one', NULL, 3.5)")
        #expect(throws: StorageError.unreadableRow(path: file, row: 1)) { try JournalStore(temporary.path) }
    }

    @Test func `a negative number before the first commit is found`() throws {
        try tamper(
            file, "DROP TABLE commits", "CREATE TABLE commits (first INTEGER PRIMARY KEY, count, bytes, chain)",
            "INSERT INTO commits VALUES (-5, 1, x'00', x'00')")
        #expect(throws: StorageError.unreadableRow(path: file, row: -5)) { try JournalStore(temporary.path) }
    }

    @Test func `a file that is no database is an error`() throws {
        try Data((0..<8_192).map { UInt8(truncatingIfNeeded: $0 * 7) }).write(to: URL(fileURLWithPath: file))
        #expect(throws: DatabaseError.self) { try JournalStore(temporary.path) }
    }

    /// The delete trigger as the store makes it.
    static let stay = """
        CREATE TRIGGER commits_stay BEFORE DELETE ON commits
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
        """
}
