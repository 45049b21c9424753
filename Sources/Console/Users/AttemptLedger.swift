// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Storage
import Synchronization
import Vocabulary

/// Why the wrong answers of an earlier run could not be read.
public enum AttemptLedgerError: Error, Equatable, Sendable {
    /// The file is not what this program wrote.
    case unreadable(path: String, what: String)
}

/// Wrong answers at every door of the console, in one file: whoever makes the server start again has no more tries.
///
/// It is on the disk before an answer is looked at. It holds names of users and numbers of cases, and no secret. What is
/// over is left out of the file, which so stays as small as the doors at which somebody guesses are few; should it come
/// to the limit of `SealedFile`, the door that cannot be written down stays closed.
public final class AttemptLedger: Sendable {
    private static let format = "tillguard-attempts/1"

    /// The tries at one door since the last right answer.
    struct Tries: Equatable, Sendable {
        var count: Int
        /// When they are forgotten, and the door opens if it was closed.
        var until: Instant
    }

    private struct Entry: Sendable {
        var door: String
        var tries: Tries
    }

    private let path: String
    private let entries: Mutex<[Entry]>
    /// One write at a time, off the event loop and off the tasks' threads.
    private let queue = DispatchQueue(label: "tillguard.console.attempts")

    /// Opens the ledger of a data directory; there may be none yet.
    ///
    /// - Parameter directory: the data directory's path; the file is `attempts.json` in it.
    /// - Throws: `AttemptLedgerError.unreadable`, `StorageError`.
    public init(in directory: String) throws {
        // Whatever throws comes first: the optimiser of Swift 6.3 fails on a half-made object that holds a mutex.
        let path = directory + "/attempts.json"
        let found = try SealedFile.read(path).map { try Self.read($0, path) } ?? []
        self.path = path
        entries = Mutex(found)
    }

    /// The tries at a door that count; nil when there are none.
    func tries(_ door: String, now: Instant) -> Tries? {
        entries.withLock { entries in entries.first { $0.door == door }?.tries }.flatMap { now < $0.until ? $0 : nil }
    }

    /// Changes the tries at a door and brings them to the disk. Writes whether or not anything has changed, so that the
    /// time it takes says nothing of the door.
    ///
    /// - Returns: what `change` returns, or false when it could not be written; nothing has changed then.
    func update(_ door: String, now: Instant, _ change: @escaping @Sendable (inout Tries?) -> Bool) async -> Bool {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: self.write(door, now, change)) }
        }
    }

    private func write(_ door: String, _ now: Instant, _ change: (inout Tries?) -> Bool) -> Bool {
        // Only this queue changes the entries, so what is read here is still so when it is put back.
        var changed = entries.withLock { $0 }.filter { now < $0.tries.until }
        let index = changed.firstIndex { $0.door == door }
        var tries = index.map { changed[$0].tries }
        let result = change(&tries)
        switch (index, tries) {
        case (let index?, let tries?): changed[index].tries = tries
        case (let index?, nil): changed.remove(at: index)
        case (nil, let tries?): changed.append(Entry(door: door, tries: tries))
        case (nil, nil): break
        }
        do { try SealedFile.write(Self.encode(changed), to: path) } catch { return false }
        entries.withLock { $0 = changed }
        return result
    }

    private static func encode(_ entries: [Entry]) -> [UInt8] {
        let doors = entries.map { entry -> JSON in
            [
                "door": .string(entry.door), "count": .integer(Int64(entry.tries.count)),
                "until": .integer(entry.tries.until.microseconds),
            ]
        }
        return Array(JSON.object([.init("format", .string(format)), .init("doors", .array(doors))]).text.utf8)
    }

    private static func read(_ bytes: [UInt8], _ path: String) throws -> [Entry] {
        func broken(_ what: String) -> AttemptLedgerError { .unreadable(path: path, what: what) }
        let root: JSON
        do throws(JSONError) { root = try JSON(parsing: bytes) } catch { throw broken("\(error)") }
        guard root["format"]?.string == format, let doors = root["doors"]?.array else { throw broken("format") }
        return try doors.map { entry in
            guard let door = entry["door"]?.string, let count = entry["count"]?.integer, (1...1_000).contains(count),
                let until = entry["until"]?.integer
            else { throw broken("door") }
            return Entry(door: door, tries: Tries(count: Int(count), until: Instant(microseconds: until)))
        }
    }
}
