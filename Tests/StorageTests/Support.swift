// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import Journal
import Vocabulary

@testable import Storage

/// A directory of a test's own, removed with it.
final class TemporaryDirectory {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "tillguard-storage-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }

    /// The files of a database as a power failure now would leave them: SQLite's shared memory is not on any disk.
    func copyDatabase(_ name: String, to other: TemporaryDirectory) throws {
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: file(name + suffix)) {
            try FileManager.default.copyItem(atPath: file(name + suffix), toPath: other.file(name + suffix))
        }
    }
}

/// Commits of 1, 2, 3, … records each, at most seven.
func someCommits(_ count: Int, after head: JournalHead = .genesis, seed: UInt64 = 1) -> [Commit] {
    var random = SeededRandom(seed: seed)
    var chain = Chain(after: head)
    return (0..<count).map { number in
        let records = (0...number % 7).map { _ in random.bytes(random.below(120)) }
        return chain.seal(RecordFrame.encode(records), count: records.count)
    }
}

extension JournalStore {
    func commits(from sequence: UInt64 = 1) throws -> [Commit] {
        var commits: [Commit] = []
        try read(from: sequence) { commits.append($0) }
        return commits
    }

    /// Lets the file grow by so many pages only: a disk that fills up.
    func limitPages(more pages: Int) throws {
        try pool.writeWithoutTransaction { database in
            let count = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            try database.execute(sql: "PRAGMA max_page_count = \(count + pages)")
        }
    }

    /// A store with these commits, on a directory locked for it.
    convenience init(_ path: String, _ commits: [Commit] = []) throws {
        try self.init(in: DataDirectory(path))
        for commit in commits { try append(commit) }
    }
}

/// Changes a database behind its store's back.
func tamper(_ path: String, _ sql: String...) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.writeWithoutTransaction { database in
        for statement in sql { try database.execute(sql: statement) }
    }
    try queue.close()
}
