// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import Journal
import Testing
import Vocabulary

@testable import Storage

/// What is on the disk when a process or its power fails.
struct DurabilityTests {
    let temporary: TemporaryDirectory
    init() throws { temporary = try TemporaryDirectory() }

    @Test func `a database is opened with synchronous at FULL, read back from the connection that writes`() throws {
        let (pool, _) = try DurableDatabase.open(
            temporary.file("journal.db"), readers: 1, migrator: CommitTable.migrator)
        let found = try pool.writeWithoutTransaction { database in
            (
                level: try Int.fetchOne(database, sql: "PRAGMA synchronous"),
                mode: try String.fetchOne(database, sql: "PRAGMA journal_mode"),
                version: try Int.fetchOne(database, sql: "PRAGMA user_version")
            )
        }
        #expect(found.level == 2)
        #expect(found.mode == "wal")
        #expect(found.version == 1)
    }

    @Test(arguments: ["OFF", "NORMAL"])
    func `a connection that does not wait for the disk is refused`(level: String) throws {
        let queue = try DatabaseQueue()
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA synchronous = \(level)")
            #expect(throws: StorageError.notSynchronous(path: "x", level: level == "OFF" ? 0 : 1)) {
                try DurableDatabase.requireFullSynchronous(database, path: "x")
            }
        }
    }

    @Test func `after each commit the files alone hold that commit and those before it`() throws {
        let commits = someCommits(12)
        let store = try JournalStore(temporary.path)
        for (index, commit) in commits.enumerated() {
            try store.append(commit)
            let crashed = try TemporaryDirectory()
            try temporary.copyDatabase("journal.db", to: crashed)
            #expect(try JournalStore(crashed.path).commits() == Array(commits[...index]))
        }
    }

    @Test func `a log torn anywhere gives a prefix of the commits and takes the rest again`() throws {
        let commits = someCommits(8)
        let store = try JournalStore(temporary.path, commits)
        let log = try Data(contentsOf: URL(fileURLWithPath: temporary.file("journal.db-wal")))
        var lengths = Set<Int>()
        for length in stride(from: 0, through: log.count, by: 1_531) {
            let crashed = try TemporaryDirectory()
            try temporary.copyDatabase("journal.db", to: crashed)
            try log.prefix(length).write(to: URL(fileURLWithPath: crashed.file("journal.db-wal")))
            let torn = try JournalStore(crashed.path)
            let kept = try torn.commits()
            #expect(kept == Array(commits.prefix(kept.count)), "torn at \(length)")
            for commit in commits[kept.count...] { try torn.append(commit) }
            #expect(torn.head() == store.head())
            lengths.insert(kept.count)
        }
        #expect(lengths.count > 4, "the cuts fell before and after different commits")
    }

    @Test func `a killed process leaves its commits and no lock`() async throws {
        let path = temporary.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let store = try JournalStore(path, someCommits(5))
            _ = try store.commits()
            kill(getpid(), SIGKILL)
        }
        #expect(try JournalStore(path).commits() == someCommits(5))
    }

    @Test func `a disk full at the n-th page leaves the commits before it, for every n`() throws {
        let commits = someCommits(40).map { $0 }
        var finished = false
        var failures = 0
        for pages in 0..<60 where !finished {
            let place = try TemporaryDirectory()
            let store = try JournalStore(place.path, [commits[0]])
            try store.limitPages(more: pages)
            var written = 1
            do {
                for commit in commits[1...] {
                    try store.append(commit)
                    written += 1
                }
                finished = true
            } catch let error as DatabaseError {
                #expect(error.resultCode == .SQLITE_FULL)
                failures += 1
                #expect(store.head() == JournalHead(after: commits[written - 1]))
                // What follows a failed commit is refused even if the disk has room again.
                try store.limitPages(more: 1_000)
                #expect(throws: StorageError.closed) { try store.append(commits[written]) }
            }
            let crashed = try TemporaryDirectory()
            try place.copyDatabase("journal.db", to: crashed)
            let reopened = try JournalStore(crashed.path)
            #expect(try reopened.commits() == Array(commits[..<written]))
            if written < commits.count { try reopened.append(commits[written]) }
        }
        #expect(finished && failures >= 2)
    }

    @Test func `a file of a newer version is refused`() throws {
        try JournalStore(temporary.path).close()
        try tamper(temporary.file("journal.db"), "INSERT INTO grdb_migrations VALUES ('2 something later')")
        #expect(throws: StorageError.schemaTooNew(path: temporary.file("journal.db"))) {
            try JournalStore(temporary.path)
        }
        #expect(throws: StorageError.schemaTooNew(path: temporary.file("journal.db"))) {
            try JournalReader(path: temporary.path)
        }
    }
}
