// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What a request and its answer have in common: the bytes of the fields that the dialect's mux key names.
public struct ExchangeKey: Hashable, Sendable {
    public let bytes: [UInt8]
    public init(_ bytes: [UInt8]) { self.bytes = bytes }
}

/// How a request ended. Only the last two leave it open whether the other side acted, so only they need a reversal.
public enum ExchangeOutcome: Equatable, Sendable {
    /// The answer came in time.
    case answered
    /// Nothing of it has left this side.
    case notSent
    /// It left, the line stayed, and no answer came in time.
    case notAnswered
    /// It left, and the line went before an answer came.
    case disconnectedAfterSend

    /// Whether the other side may have acted on it.
    public var needsReversal: Bool { self == .notAnswered || self == .disconnectedAfterSend }
}

/// Why a request was not taken; nothing of it has left.
public enum MuxRefusal: Error, Equatable, Sendable {
    /// A request with the same key is open, or its answer may still come: two answers could not be told apart.
    case duplicateKey
    /// As many requests wait as may.
    case queueFull
}

/// Matches answers to requests on one line, many in flight. A pure value: time is handed in, and what leaves the line or
/// comes off it is told.
///
/// A request waits in the queue while the window is full or the line is down, and is given up unsent when it has
/// waited too long. Each request ends exactly once; an answer that comes later still finds its context.
public struct Mux<Context: Sendable>: Sendable {
    /// What bounds a line.
    public struct Limits: Equatable, Sendable {
        /// Requests that may be unanswered at a time.
        public var window = 32
        /// Requests that may wait for room in the window.
        public var queue = 1_024
        /// Who waited longer for room is given up: the other side would have too little time left.
        public var queueWait = Interval.seconds(12)
        /// For how long the answer of a request that has been given up still finds its context.
        public var lateMemory = Interval.minutes(10)
        /// How many such requests are remembered; the oldest goes first.
        public var lateCount = 65_536

        public init() {}
    }

    /// A request that may leave now. Its bytes may be gone from here on.
    public struct Departure: Sendable {
        public let key: ExchangeKey
        public let context: Context
    }

    /// A request that has ended without an answer.
    public struct Failure: Sendable {
        public let key: ExchangeKey
        public let context: Context
        public let outcome: ExchangeOutcome
    }

    /// What an incoming answer belongs to.
    public enum Arrival: Sendable {
        case answer(Context)
        /// The request had been given up: whoever reversed it learns here what it was.
        case late(Context, after: ExchangeOutcome)
        /// The answer of an answered request once more.
        case repeated(Context)
        /// No request of this line, or one too long ago.
        case unknown
    }

    private enum Stage: Equatable {
        case queued(since: Instant)
        case left
        case over(ExchangeOutcome)
    }

    private struct Entry {
        let context: Context
        /// Distinguishes a key's request from an earlier one with the same key.
        let serial: UInt64
        let deadline: Instant
        var stage: Stage
    }

    /// A request as the queues name it.
    private struct Waiting {
        let key: ExchangeKey
        let serial: UInt64
    }

    public let limits: Limits
    public private(set) var isUp = false
    /// Requests that have left and are unanswered.
    public private(set) var inFlight = 0
    /// Requests that wait for room.
    public private(set) var waiting = 0

    private var entries: [ExchangeKey: Entry] = [:]
    private var queue = Fifo<Waiting>()
    private var deadlines = DueQueue<Waiting>()
    private var over = Fifo<(entry: Waiting, until: Instant)>()
    private var nextSerial: UInt64 = 0

    public init(limits: Limits = Limits()) { self.limits = limits }

    // MARK: - Requests

    /// Takes a request; it leaves with a later `departures`.
    /// - Parameter deadline: when an answer is too late.
    public mutating func submit(
        _ key: ExchangeKey, _ context: Context, deadline: Instant, now: Instant
    ) throws(MuxRefusal) {
        guard entries[key] == nil else { throw .duplicateKey }
        guard waiting < limits.queue else { throw .queueFull }
        nextSerial += 1
        entries[key] = Entry(context: context, serial: nextSerial, deadline: deadline, stage: .queued(since: now))
        let entry = Waiting(key: key, serial: nextSerial)
        queue.append(entry)
        deadlines.add(entry, at: deadline)
        waiting += 1
    }

    /// What may leave now: as much as the window has room for, while the line is up.
    public mutating func departures() -> [Departure] {
        var departures: [Departure] = []
        while isUp, inFlight < limits.window, let next = queue.popFirst() {
            // Given up while it waited, and the key perhaps used again since.
            guard let entry = entry(next), case .queued = entry.stage else { continue }
            entries[next.key]?.stage = .left
            waiting -= 1
            inFlight += 1
            departures.append(Departure(key: next.key, context: entry.context))
        }
        return departures
    }

    /// An answer came off the line.
    public mutating func receive(_ key: ExchangeKey, now: Instant) -> Arrival {
        guard let entry = entries[key] else { return .unknown }
        switch entry.stage {
        case .left:
            inFlight -= 1
            end(key, entry, .answered, now: now)
            return .answer(entry.context)
        case .over(.answered): return .repeated(entry.context)
        case .over(let outcome) where outcome.needsReversal: return .late(entry.context, after: outcome)
        // An answer to what never left answers something else.
        case .over, .queued: return .unknown
        }
    }

    // MARK: - Line and time

    public mutating func lineUp() { isUp = true }

    /// The line went. What had left is open; what waited goes on waiting.
    public mutating func lineDown(now: Instant) -> [Failure] {
        isUp = false
        var failures: [Failure] = []
        for waiting in deadlines.inOrder() {
            guard let entry = entry(waiting), entry.stage == .left else { continue }
            failures.append(give(up: waiting.key, entry, .disconnectedAfterSend, now: now))
        }
        return failures
    }

    /// What is to be given up by now.
    public mutating func expire(now: Instant) -> [Failure] {
        while let first = over.first, first.until <= now { forget() }
        var failures: [Failure] = []
        while let first = queue.first {
            guard let entry = entry(first), case .queued(let since) = entry.stage else {
                _ = queue.popFirst()
                continue
            }
            guard since + limits.queueWait <= now else { break }
            _ = queue.popFirst()
            failures.append(give(up: first.key, entry, .notSent, now: now))
        }
        while let due = deadlines.take(dueAt: now)?.item {
            guard let entry = entry(due) else { continue }
            switch entry.stage {
            case .queued: failures.append(give(up: due.key, entry, .notSent, now: now))
            case .left: failures.append(give(up: due.key, entry, .notAnswered, now: now))
            case .over: break
            }
        }
        return failures
    }

    /// When `expire` has something to do next; nil when never.
    public var nextExpiry: Instant? {
        var next = deadlines.next
        if let first = queue.first, let entry = entry(first), case .queued(let since) = entry.stage {
            next = min(next ?? since + limits.queueWait, since + limits.queueWait)
        }
        if let until = over.first?.until { next = min(next ?? until, until) }
        return next
    }

    // MARK: - Ends

    private mutating func give(
        up key: ExchangeKey, _ entry: Entry, _ outcome: ExchangeOutcome, now: Instant
    ) -> Failure {
        if entry.stage == .left { inFlight -= 1 } else { waiting -= 1 }
        end(key, entry, outcome, now: now)
        return Failure(key: key, context: entry.context, outcome: outcome)
    }

    private mutating func end(_ key: ExchangeKey, _ entry: Entry, _ outcome: ExchangeOutcome, now: Instant) {
        guard outcome != .notSent else {
            entries[key] = nil
            return
        }
        entries[key]?.stage = .over(outcome)
        over.append((Waiting(key: key, serial: entry.serial), now + limits.lateMemory))
        if over.count > limits.lateCount { forget() }
    }

    private mutating func forget() {
        guard let oldest = over.popFirst()?.entry, entry(oldest) != nil else { return }
        entries[oldest.key] = nil
    }

    /// The request, unless its key has been given to another since.
    private func entry(_ waiting: Waiting) -> Entry? {
        entries[waiting.key].flatMap { $0.serial == waiting.serial ? $0 : nil }
    }
}
