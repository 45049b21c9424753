// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Messages that must reach their destination, however long that takes: reversals and advices. Several are in flight at
/// a time; those of one terminal keep their order, and those of other terminals do not wait for it.
///
/// `due` and `ended` decide and change nothing; `apply` changes, live and when the records are read again. An attempt is
/// recorded before its bytes leave, so that after a crash the next one is known to be a repeat (x401, x421).
public struct StoreAndForward: Sendable {
    /// How attempts follow each other.
    public struct Policy: Equatable, Sendable {
        /// Messages that may be unanswered at a time.
        public var inFlight = 8
        /// Between the first attempt and the second; it doubles with each.
        public var backOffFirst = Interval.seconds(2)
        public var backOffMax = Interval.minutes(5)
        /// After this many attempts a message is dead: it stays, and people are told.
        public var attemptsMax = 20
        /// So is one that is older than this.
        public var ageMax = Interval.days(3)
        /// Messages that may be stored; no more are taken.
        public var countMax = 1_000_000

        public init() {}
    }

    /// A stored message.
    public struct Message: Equatable, Sendable {
        public let id: UInt64
        /// Messages of one lane leave in the order they were stored, each after the end of the one before it.
        public let lane: UInt64
        public let storedAt: Instant
        /// What the owner needs to build the message again.
        public let payload: [UInt8]
        /// Attempts whose bytes may have left.
        public internal(set) var attempts = 0
        /// When the next one may leave.
        public internal(set) var dueAt: Instant
        public internal(set) var isDead = false

        public init(
            id: UInt64, lane: UInt64, storedAt: Instant, payload: [UInt8], attempts: Int, dueAt: Instant, isDead: Bool
        ) {
            (self.id, self.lane, self.storedAt, self.payload) = (id, lane, storedAt, payload)
            (self.attempts, self.dueAt, self.isDead) = (attempts, dueAt, isDead)
        }

        /// Whether an attempt may have arrived, so that the next one is a repeat.
        public var isRepeat: Bool { attempts > 0 }
    }

    /// What happened, for the journal.
    public enum Record: Equatable, Sendable {
        case stored(id: UInt64, lane: UInt64, at: Instant, payload: [UInt8])
        /// An attempt is about to leave; the next may follow at `next`.
        case attempted(id: UInt64, next: Instant)
        /// The destination has it.
        case delivered(id: UInt64)
        /// It is given up, and an alarm is raised: the destination refused it, or never answered.
        case dead(id: UInt64, Reason)
        /// Two people have looked at a dead message and sent it on its way again.
        case revived(id: UInt64, at: Instant)
    }

    /// Why a message is dead.
    public enum Reason: UInt8, Equatable, Sendable, CaseIterable {
        case tooManyAttempts = 1
        case tooOld = 2
        /// The destination answered that it will never take it.
        case refused = 3
    }

    /// Why a message is not stored.
    public enum StoreError: Error, Equatable, Sendable { case full }

    public let policy: Policy
    private var stored: [UInt64: Message] = [:]
    /// Ids in the order they were stored; delivered ones are dropped now and then.
    private var order: [UInt64] = []
    private var lanes: [UInt64: Fifo<UInt64>] = [:]
    /// The first of each lane, unless it is in flight.
    private var waiting = DueQueue<UInt64>()
    private var inFlight: Set<UInt64> = []
    /// The id of the next message.
    public private(set) var nextID: UInt64 = 1

    /// Messages that people have to look at.
    public private(set) var deadCount = 0
    /// Messages that are on their way or waiting for it.
    public var openCount: Int { stored.count - deadCount }
    /// All that are stored, in their order.
    public var messages: [Message] { order.compactMap { stored[$0] } }

    public init(policy: Policy = Policy()) { self.policy = policy }

    /// What a snapshot held: `messages` in their order, and `nextID`. Nothing is in flight.
    public init(policy: Policy = Policy(), messages: [Message], nextID: UInt64) {
        self.policy = policy
        for message in messages {
            apply(.stored(id: message.id, lane: message.lane, at: message.storedAt, payload: message.payload))
            stored[message.id] = message
            if message.isDead {
                deadCount += 1
                leave(message)
            }
        }
        waiting = DueQueue()
        for message in messages where isWaiting(message) { waiting.add(message.id, at: message.dueAt) }
        self.nextID = nextID
    }

    /// A message that is stored.
    public func message(_ id: UInt64) -> Message? { stored[id] }

    // MARK: - Decisions

    public func store(_ payload: [UInt8], lane: UInt64, now: Instant) throws(StoreError) -> Record {
        guard stored.count < policy.countMax else { throw .full }
        return .stored(id: nextID, lane: lane, at: now, payload: payload)
    }

    /// What may leave now, and what has died; as many as are in flight at a time. The owner makes each record durable and
    /// applies it before any byte leaves, and asks again until nothing is due.
    public mutating func due(now: Instant, random: inout some RandomSource) -> [Record] {
        var records: [Record] = []
        while inFlight.count + records.count < policy.inFlight, let (at, id) = waiting.take(dueAt: now) {
            // An entry of before an attempt that came by the journal is not the message's any more.
            guard let message = stored[id], isWaiting(message), message.dueAt == at else { continue }
            if now - message.storedAt > policy.ageMax {
                records.append(.dead(id: id, .tooOld))
            } else if message.attempts >= policy.attemptsMax {
                records.append(.dead(id: id, .tooManyAttempts))
            } else {
                records.append(.attempted(id: id, next: now + backOff(message.attempts, &random)))
            }
        }
        return records
    }

    /// What an answer means.
    /// - Returns: nil for a message that is not stored any more.
    public func answered(_ id: UInt64, isAccepted: Bool) -> Record? {
        guard let message = stored[id], !message.isDead else { return nil }
        return isAccepted ? .delivered(id: id) : .dead(id: id, .refused)
    }

    public func revive(_ id: UInt64, now: Instant) -> Record? {
        stored[id].flatMap { $0.isDead ? .revived(id: id, at: now) : nil }
    }

    /// When `due` may have something to do; nil while everything waits for an answer.
    public var nextDue: Instant? { inFlight.count < policy.inFlight ? waiting.next : nil }

    /// Half of it is chance, so that what failed together does not come back together.
    private func backOff(_ attempts: Int, _ random: inout some RandomSource) -> Interval {
        var wait = policy.backOffFirst
        for _ in 0..<attempts where wait < policy.backOffMax { wait = wait * 2 }
        let half = Int(min(wait, policy.backOffMax).microseconds / 2)
        return Interval(microseconds: Int64(half + random.below(half + 1)))
    }

    // MARK: - State

    public mutating func apply(_ record: Record) {
        switch record {
        case .stored(let id, let lane, let at, let payload):
            stored[id] = Message(
                id: id, lane: lane, storedAt: at, payload: payload, attempts: 0, dueAt: at, isDead: false)
            order.append(id)
            nextID = id + 1
            enter(id, lane)
        case .attempted(let id, let next):
            guard stored[id] != nil else { return }
            stored[id]?.attempts += 1
            stored[id]?.dueAt = next
            inFlight.insert(id)
        case .delivered(let id):
            guard let message = stored.removeValue(forKey: id) else { return }
            leave(message)
            if order.count > 64, order.count > 2 * stored.count { order = order.filter { stored[$0] != nil } }
        case .dead(let id, _):
            guard let message = stored[id], !message.isDead else { return }
            stored[id]?.isDead = true
            deadCount += 1
            leave(message)
        case .revived(let id, let at):
            guard let message = stored[id], message.isDead else { return }
            stored[id]?.isDead = false
            // It has had its attempts; what leaves next is a repeat all the same.
            stored[id]?.attempts = min(1, message.attempts)
            stored[id]?.dueAt = at
            deadCount -= 1
            enter(id, message.lane)
        }
    }

    /// An attempt has ended without an answer, or its process has: it is in flight no more. Not a record, since it
    /// changes nothing that must outlive the process.
    public mutating func release(_ id: UInt64) {
        guard inFlight.remove(id) != nil, let message = stored[id] else { return }
        if isWaiting(message) { waiting.add(id, at: message.dueAt) }
    }

    /// After recovery: nothing is in flight, since the process that waited for answers is gone.
    public mutating func releaseAll() {
        for id in order where inFlight.contains(id) { release(id) }
    }

    private func isWaiting(_ message: Message) -> Bool {
        !message.isDead && !inFlight.contains(message.id) && lanes[message.lane]?.first == message.id
    }

    private mutating func enter(_ id: UInt64, _ lane: UInt64) {
        lanes[lane, default: Fifo()].append(id)
        if let message = stored[id], isWaiting(message) { waiting.add(id, at: message.dueAt) }
    }

    /// Takes the first of a lane away and lets the next come forward.
    private mutating func leave(_ message: Message) {
        inFlight.remove(message.id)
        guard lanes[message.lane]?.first == message.id else { return }
        _ = lanes[message.lane]?.popFirst()
        while let next = lanes[message.lane]?.first {
            if let following = stored[next] {
                waiting.add(next, at: following.dueAt)
                return
            }
            // A late answer has settled it before its turn came.
            _ = lanes[message.lane]?.popFirst()
        }
        lanes[message.lane] = nil
    }
}
