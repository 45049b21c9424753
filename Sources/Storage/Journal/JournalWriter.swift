// SPDX-License-Identifier: Apache-2.0
import Foundation
import Journal

/// The thread that waits for the disk, so that no event loop and no task has to.
///
/// Commits are written one by one in the order they came. After the first failure nothing more is written: every
/// later commit fails with that same error, because it would follow one that may not be there.
public final class JournalWriter: Sendable {
    /// What is called when a commit is on the disk, or failed.
    public typealias Completion = @Sendable (Result<Void, any Error>) -> Void

    /// The most commits that wait; a gate has one in flight, so a queue this long means a caller without one.
    public static let queuedCommitsMax = 64

    private let queue: WriterQueue

    /// Starts a thread that hands commits to `append`.
    public init(append: @escaping @Sendable (Commit) throws -> Void) {
        let queue = WriterQueue()
        self.queue = queue
        // The thread holds the queue, not the writer, so that a writer that is dropped ends its thread.
        let thread = Thread { queue.run(append) }
        thread.name = "tillguard.journal"
        thread.start()
    }

    /// Starts a thread that appends to a store.
    public convenience init(_ store: JournalStore) {
        self.init { commit in try store.append(commit) }
    }

    deinit { queue.close() }

    /// Queues a commit.
    ///
    /// - Parameter completion: called on the writer's thread when the commit is on the disk or failed; called at once
    ///   on the caller's thread with `StorageError.closed` after a shutdown, or `.writerFull` if too many wait.
    public func enqueue(_ commit: Commit, completion: @escaping Completion) {
        if let refusal = queue.add(commit, completion) { completion(.failure(refusal)) }
    }

    /// Refuses further commits, waits until all that were queued are done, and ends the thread. May be called twice;
    /// called from a completion it does not wait.
    public func shutdown() {
        queue.close()
        queue.waitUntilDone()
    }
}

/// The commits that wait, shared by callers and the thread.
///
/// `@unchecked`: every property is read and written only with `condition` held.
private final class WriterQueue: @unchecked Sendable {
    private let condition = NSCondition()
    private var waiting: [(commit: Commit, completion: JournalWriter.Completion)] = []
    private var isClosed = false
    private var isDone = false
    private var thread: Thread?

    func add(_ commit: Commit, _ completion: @escaping JournalWriter.Completion) -> StorageError? {
        condition.withLock {
            guard !isClosed else { return .closed }
            guard waiting.count < JournalWriter.queuedCommitsMax else { return .writerFull }
            waiting.append((commit, completion))
            condition.broadcast()
            return nil
        }
    }

    func close() {
        condition.withLock {
            isClosed = true
            condition.broadcast()
        }
    }

    func waitUntilDone() {
        condition.withLock {
            guard thread !== Thread.current else { return }
            while !isDone { condition.wait() }
        }
    }

    /// The thread's body: takes all that waits at once, until closed and empty.
    func run(_ append: (Commit) throws -> Void) {
        var failure: (any Error)?
        condition.withLock { thread = Thread.current }
        while let batch = next() {
            for (commit, completion) in batch {
                if failure == nil {
                    do { try append(commit) } catch { failure = error }
                }
                completion(failure.map { .failure($0) } ?? .success(()))
            }
        }
        condition.withLock {
            isDone = true
            thread = nil
            condition.broadcast()
        }
    }

    private func next() -> [(commit: Commit, completion: JournalWriter.Completion)]? {
        condition.withLock {
            while waiting.isEmpty {
                if isClosed { return nil }
                condition.wait()
            }
            defer { waiting = [] }
            return waiting
        }
    }
}
