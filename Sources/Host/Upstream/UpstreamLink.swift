// SPDX-License-Identifier: Apache-2.0
import Interchange
import Vocabulary

/// One line to another host: its life, its window of requests, and the stored messages that are under way on it. A pure
/// value: events, time and chance in; effects and ends out.
struct UpstreamLink: Sendable {
    /// How long things take at most.
    struct Policy: Equatable, Sendable {
        var session = LinkSession.Policy()
        var window = Mux<UInt64>.Limits()
        /// Shorter than what a terminal waits, longer than what the other host gives its own.
        var answerWithin = Interval.seconds(25)
        var storedWithin = Interval.seconds(15)
    }

    enum Effect: Equatable, Sendable {
        case connect
        case close
        /// A forward's request.
        case request([UInt8])
        /// A network message, DE 70.
        case network(UInt64)
    }

    /// What has ended without an answer.
    enum Failure: Equatable, Sendable {
        case forward(UInt64, ExchangeOutcome)
        /// It stays stored; another attempt follows.
        case stored(UInt64)
    }

    struct Outcome: Sendable {
        var effects: [Effect] = []
        var failures: [Failure] = []
    }

    private let policy: Policy
    private var session: LinkSession
    private var mux: Mux<[UInt8]>
    private var stored: [(id: UInt64, deadline: Instant)] = []

    init(policy: Policy, now: Instant) {
        self.policy = policy
        session = LinkSession(policy: policy.session, now: now)
        var limits = Mux<[UInt8]>.Limits()
        limits.window = policy.window.window
        limits.queue = policy.window.queue
        limits.queueWait = policy.window.queueWait
        mux = Mux(limits: limits)
    }

    var isUp: Bool { session.isUp }

    /// When `handle(.timer)` has something to do.
    var nextTimer: Instant? {
        [session.nextTimer, mux.nextExpiry, stored.map(\.deadline).min()].compactMap(\.self).min()
    }

    private static func key(_ id: UInt64) -> ExchangeKey {
        var writer = ByteWriter()
        writer.word(id)
        return ExchangeKey(writer.bytes)
    }

    /// Takes a request; it leaves with `departures`.
    /// - Returns: false when it will not leave.
    mutating func submit(_ id: UInt64, _ bytes: [UInt8], now: Instant) -> Bool {
        do throws(MuxRefusal) {
            try mux.submit(Self.key(id), bytes, deadline: now + policy.answerWithin, now: now)
            return true
        } catch { return false }
    }

    mutating func departures() -> [Effect] { mux.departures().map { .request($0.context) } }

    /// A stored message leaves now, if the line is up.
    mutating func submitStored(_ id: UInt64, now: Instant) -> Bool {
        guard session.isUp else { return false }
        stored.append((id, now + policy.storedWithin))
        return true
    }

    /// - Returns: whether the answer is the first one to a request that waits for it.
    mutating func answered(_ id: UInt64, now: Instant) -> Bool {
        if case .answer = mux.receive(Self.key(id), now: now) { return true }
        return false
    }

    /// An answer to a stored message: it need not wait for one any more.
    mutating func answeredStored(_ id: UInt64) { stored.removeAll { $0.id == id } }

    mutating func handle(_ event: LinkSession.Event, now: Instant, random: inout some RandomSource) -> Outcome {
        var outcome = Outcome()
        for action in session.handle(event, now: now, random: &random) {
            switch action {
            case .connect: outcome.effects.append(.connect)
            case .sendSignOn: outcome.effects.append(.network(1))
            case .sendEcho: outcome.effects.append(.network(301))
            case .sendSignOff: outcome.effects.append(.network(2))
            case .close: outcome.effects.append(.close)
            case .up: mux.lineUp()
            case .down: fall(&outcome, now: now)
            }
        }
        guard event == .timer else { return outcome }
        outcome.failures += mux.expire(now: now).map(Self.failure)
        outcome.failures += stored.filter { $0.deadline <= now }.map { .stored($0.id) }
        stored.removeAll { $0.deadline <= now }
        return outcome
    }

    private mutating func fall(_ outcome: inout Outcome, now: Instant) {
        outcome.failures += mux.lineDown(now: now).map(Self.failure)
        outcome.failures += stored.map { .stored($0.id) }
        stored = []
    }

    private static func failure(_ failure: Mux<[UInt8]>.Failure) -> Failure {
        let id = failure.key.bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return .forward(id, failure.outcome)
    }
}
