// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import Journal
import Testing
import Vocabulary

@testable import Storage

struct JournalStoreTests {
    let temporary: TemporaryDirectory
    init() throws { temporary = try TemporaryDirectory() }

    @Test func `an empty journal ends at genesis`() throws {
        let store = try JournalStore(temporary.path)
        #expect(store.head() == .genesis)
        #expect(store.schemaVersion == 1)
        #expect(try store.commits().isEmpty)
    }

    @Test func `what is appended is read back, now and after opening again`() throws {
        let commits = someCommits(20)
        var store: JournalStore? = try JournalStore(temporary.path, commits)
        #expect(try store?.commits() == commits)
        let head = try #require(store?.head())
        #expect(head == JournalHead(after: commits[19]))
        store = nil
        let again = try JournalStore(in: DataDirectory(temporary.path), known: head)
        #expect(again.head() == head)
        #expect(try again.commits() == commits)
    }

    @Test func `reading begins with the commit that holds the record asked for`() throws {
        let commits = someCommits(10)
        let store = try JournalStore(temporary.path, commits)
        for (index, commit) in commits.enumerated() {
            for sequence in commit.first...commit.last {
                #expect(try store.commits(from: sequence) == Array(commits[index...]))
            }
        }
        #expect(try store.commits(from: 0) == commits)
        // Beyond the end, the last commit holds the greatest number that is not above the one asked for.
        #expect(try store.commits(from: .max).isEmpty)
    }

    @Test func `records are handed out one by one with their numbers`() throws {
        let commits = someCommits(9)
        let store = try JournalStore(temporary.path, commits)
        let all = try commits.flatMap { try RecordFrame.decode($0.bytes) }
        for start in 1...all.count + 1 {
            var numbers: [UInt64] = []
            var records: [[UInt8]] = []
            try store.readRecords(from: UInt64(start)) { number, record in
                numbers.append(number)
                records.append(record)
            }
            #expect(numbers == (start..<all.count + 1).map { UInt64($0) })
            #expect(records == Array(all[(start - 1)...]))
        }
    }

    @Test func `a journal longer than one page is read whole`() throws {
        let commits = someCommits(CommitTable.pageCommitsMax * 2 + 3)
        let store = try JournalStore(temporary.path, commits)
        #expect(try store.commits() == commits)
    }

    @Test func `an error of the reader ends the reading and nothing else`() throws {
        let store = try JournalStore(temporary.path, someCommits(3))
        var seen = 0
        #expect(throws: CancellationError.self) {
            try store.read { _ in
                seen += 1
                if seen == 2 { throw CancellationError() }
            }
        }
        #expect(seen == 2)
        #expect(try store.commits().count == 3)
    }

    @Test func `a commit that does not follow is refused and the next good one is taken`() throws {
        let commits = someCommits(3)
        let store = try JournalStore(temporary.path, [commits[0]])
        #expect(throws: StorageError.commitRefused(.sequence(expected: 2, found: 4))) { try store.append(commits[2]) }
        #expect(throws: StorageError.commitRefused(.sequence(expected: 2, found: 1))) { try store.append(commits[0]) }
        let other = someCommits(2, seed: 9)[1]
        #expect(throws: StorageError.commitRefused(.edited(first: 2))) { try store.append(other) }
        try store.append(commits[1])
        #expect(try store.commits() == Array(commits[..<2]))
    }

    @Test func `a head that the journal had is told from one it never had`() throws {
        let commits = someCommits(4)
        let store = try JournalStore(temporary.path, commits)
        #expect(try store.holds(.genesis))
        for commit in commits { #expect(try store.holds(JournalHead(after: commit))) }
        #expect(try !store.holds(JournalHead(after: someCommits(2, seed: 5)[1])))
        #expect(try !store.holds(JournalHead(next: 3, chain: commits[1].chain)))
        #expect(try !store.holds(JournalHead(next: 1, chain: commits[1].chain)))
        #expect(try !store.holds(JournalHead(next: 500, chain: commits[3].chain)))
        #expect(try !store.holds(JournalHead(next: .max, chain: commits[3].chain)))
    }

    @Test func `a closed store takes nothing more`() throws {
        let commits = someCommits(2)
        let store = try JournalStore(temporary.path, [commits[0]])
        try store.close()
        #expect(throws: (any Error).self) { try store.append(commits[1]) }
        let log = try FileManager.default.attributesOfItem(atPath: temporary.file("journal.db-wal"))[.size]
        #expect(log as? Int == 0, "the one file holds all of it")
        #expect(try JournalReader(path: temporary.path).verify() == JournalHead(after: commits[0]))
    }

    @Test func `a reader looks on while the store writes`() throws {
        let commits = someCommits(6)
        let store = try JournalStore(temporary.path, Array(commits[..<3]))
        let reader = try JournalReader(path: temporary.path)
        #expect(try reader.verify(known: JournalHead(after: commits[1])) == JournalHead(after: commits[2]))
        for commit in commits[3...] { try store.append(commit) }
        var seen: [Commit] = []
        try reader.read(from: 1) { seen.append($0) }
        #expect(seen == commits)
        var last: UInt64 = 0
        try reader.readRecords(from: 5) { number, _ in last = number }
        #expect(last == commits[5].last)
    }

    @Test func `the files are closed to others`() throws {
        let store = try JournalStore(temporary.path, someCommits(1))
        for name in try temporary.names() {
            let mode = try FileManager.default.attributesOfItem(atPath: temporary.file(name))[.posixPermissions]
            #expect(mode as? Int == 0o600, "\(name)")
        }
        try store.close()
    }
}
