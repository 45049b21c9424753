// SPDX-License-Identifier: Apache-2.0
import Foundation
import Journal
import Synchronization
import Testing

@testable import Storage

struct JournalWriterTests {
    /// What a writer did, in order, and on how many threads.
    final class Trace: Sendable {
        let written = Mutex<[UInt64]>([])
        let answers = Mutex<[(first: UInt64, error: String?)]>([])
        let threads = Mutex<Set<String>>([])

        func completion(_ commit: Commit) -> JournalWriter.Completion {
            { result in
                self.threads.withLock { _ = $0.insert("\(ObjectIdentifier(Thread.current))") }
                let error: String? = if case .failure(let error) = result { "\(error)" } else { nil }
                self.answers.withLock { $0.append((commit.first, error)) }
            }
        }
    }

    @Test func `a shutdown writes all that was queued, in order, on one thread`() throws {
        let temporary = try TemporaryDirectory()
        let store = try JournalStore(temporary.path)
        let writer = JournalWriter(store)
        let trace = Trace()
        let commits = someCommits(JournalWriter.queuedCommitsMax)
        for commit in commits { writer.enqueue(commit, completion: trace.completion(commit)) }
        writer.shutdown()
        #expect(trace.answers.withLock { $0.map(\.first) } == commits.map(\.first))
        #expect(trace.answers.withLock { $0.allSatisfy { $0.error == nil } })
        #expect(trace.threads.withLock { $0.count } == 1)
        #expect(try store.commits() == commits)
        writer.shutdown()
    }

    @Test func `after a shutdown nothing is taken`() {
        let writer = JournalWriter { _ in }
        writer.shutdown()
        let trace = Trace()
        let commit = someCommits(1)[0]
        writer.enqueue(commit, completion: trace.completion(commit))
        #expect(trace.answers.withLock { $0.map(\.error) } == ["\(StorageError.closed)"])
    }

    @Test(arguments: 0..<6)
    func `after the n-th commit failed no later one is written`(failing: Int) {
        let trace = Trace()
        let commits = someCommits(6)
        let bad = commits[failing].first
        let writer = JournalWriter { commit in
            if commit.first == bad { throw StorageError.system(operation: "fsync", path: "journal.db", code: EIO) }
            trace.written.withLock { $0.append(commit.first) }
        }
        for commit in commits { writer.enqueue(commit, completion: trace.completion(commit)) }
        writer.shutdown()
        #expect(trace.written.withLock { $0 } == commits[..<failing].map(\.first))
        let answers = trace.answers.withLock { $0 }
        #expect(answers.map { $0.error == nil } == (0..<6).map { $0 < failing })
        #expect(answers[5].error == answers[failing].error)
    }

    @Test func `too many commits are refused at once`() {
        let trace = Trace()
        let gate = DispatchSemaphore(value: 0)
        let started = DispatchSemaphore(value: 0)
        let writer = JournalWriter { _ in
            started.signal()
            gate.wait()
        }
        let commits = someCommits(JournalWriter.queuedCommitsMax + 2)
        writer.enqueue(commits[0], completion: trace.completion(commits[0]))
        started.wait()
        for commit in commits[1...] { writer.enqueue(commit, completion: trace.completion(commit)) }
        let refused = trace.answers.withLock { $0 }
        #expect(refused.map(\.first) == [commits[commits.count - 1].first])
        #expect(refused.map(\.error) == ["\(StorageError.writerFull)"])
        for _ in commits { gate.signal() }
        writer.shutdown()
        #expect(trace.answers.withLock { $0.count } == commits.count)
    }

    @Test func `a completion may queue the next commit and shut the writer down`() throws {
        let temporary = try TemporaryDirectory()
        let store = try JournalStore(temporary.path)
        let writer = JournalWriter(store)
        let commits = someCommits(3)
        let done = DispatchSemaphore(value: 0)
        writer.enqueue(commits[0]) { _ in
            writer.enqueue(commits[1]) { _ in
                writer.enqueue(commits[2]) { _ in done.signal() }
                writer.shutdown()
            }
        }
        done.wait()
        writer.shutdown()
        #expect(try store.commits() == commits)
    }

    @Test func `a gate, a writer and a store together let out every answer after its record is on disk`() throws {
        let temporary = try TemporaryDirectory()
        let store = try JournalStore(temporary.path)
        let writer = JournalWriter(store)
        var gate = Gate<UInt64>()
        var released: [UInt64] = []
        let landed = DispatchSemaphore(value: 0)
        for round in 0..<20 {
            for _ in 0...round % 5 {
                let number = gate.nextSequence
                try gate.submit([UInt8(round)], releasing: number)
            }
            let taken = gate.nextCommit()
            let commit = try #require(taken)
            writer.enqueue(commit) { result in
                if case .success = result { landed.signal() }
            }
            landed.wait()
            #expect(store.head().next > commit.last)
            released += try gate.committed(upTo: commit.last)
        }
        writer.shutdown()
        #expect(released == (1..<store.head().next).map { $0 })
        #expect(JournalHead(next: gate.nextSequence, chain: store.head().chain) == store.head())
    }
}
