// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// The life of one line to another host: connect, sign on, echo when nothing else is heard, come back after an outage
/// with waits that grow and vary. A pure value: events in, actions out.
public struct LinkSession: Sendable {
    public struct Policy: Equatable, Sendable {
        /// After this long without a word from the other side, it is asked.
        public var echoAfter = Interval.seconds(30)
        /// What is asked and not answered within this time ends the line.
        public var answerWithin = Interval.seconds(10)
        public var reconnectFirst = Interval.milliseconds(200)
        public var reconnectMax = Interval.seconds(30)

        public init() {}
    }

    public enum State: Equatable, Sendable {
        /// No line; the next attempt at this time.
        case down(until: Instant)
        case connecting
        /// The line is there, and the other side has not agreed yet.
        case signingOn(since: Instant)
        case up
        /// Up, and asked whether it still is.
        case asking(since: Instant)
        /// Signed off by this side; it stays down until it is started again.
        case off
    }

    public enum Event: Equatable, Sendable {
        case start
        case connected
        case connectFailed
        /// The answer to a sign-on.
        case signedOn(Bool)
        /// Anything came off the line.
        case heard
        case disconnected
        case stop
        case timer
    }

    public enum CloseReason: Equatable, Sendable { case signOnRefused, signOnUnanswered, echoUnanswered, stopped }

    public enum Action: Equatable, Sendable {
        case connect
        case sendSignOn
        case sendEcho
        case sendSignOff
        case close(CloseReason)
        /// Traffic may begin.
        case up
        /// Traffic has ended.
        case down
    }

    public let policy: Policy
    public private(set) var state: State
    private var lastHeard: Instant
    private var failures = 0

    public init(policy: Policy = Policy(), now: Instant) {
        self.policy = policy
        state = .off
        lastHeard = now
    }

    public var isUp: Bool {
        switch state {
        case .up, .asking: true
        default: false
        }
    }

    /// When the timer is wanted; nil when no event of time is awaited.
    public var nextTimer: Instant? {
        switch state {
        case .down(let until): until
        case .signingOn(let since), .asking(let since): since + policy.answerWithin
        case .up: lastHeard + policy.echoAfter
        case .connecting, .off: nil
        }
    }

    public mutating func handle(_ event: Event, now: Instant, random: inout some RandomSource) -> [Action] {
        switch (state, event) {
        case (.off, .start):
            state = .connecting
            return [.connect]
        case (.off, _): return []
        case (_, .start): return []
        case (_, .stop):
            let actions: [Action] = isUp ? [.down, .sendSignOff, .close(.stopped)] : [.close(.stopped)]
            state = .off
            return actions
        case (.connecting, .connected):
            state = .signingOn(since: now)
            lastHeard = now
            return [.sendSignOn]
        case (.connecting, .connectFailed), (.connecting, .disconnected): return fall(now, &random)
        case (.down(let until), .timer) where until <= now:
            state = .connecting
            return [.connect]
        case (.down, _), (.connecting, _): return []
        case (_, .disconnected), (_, .connectFailed):
            let wasUp = isUp
            return (wasUp ? [.down] : []) + fall(now, &random)
        case (.signingOn, .signedOn(true)):
            failures = 0
            lastHeard = now
            state = .up
            return [.up]
        case (.signingOn, .signedOn(false)): return [.close(.signOnRefused)] + fall(now, &random)
        case (.signingOn(let since), .timer) where since + policy.answerWithin <= now:
            return [.close(.signOnUnanswered)] + fall(now, &random)
        case (.signingOn, _): return []
        case (.up, .heard), (.asking, .heard), (.up, .signedOn), (.asking, .signedOn):
            lastHeard = now
            state = .up
            return []
        case (.up, .timer) where lastHeard + policy.echoAfter <= now:
            state = .asking(since: now)
            return [.sendEcho]
        case (.asking(let since), .timer) where since + policy.answerWithin <= now:
            return [.down, .close(.echoUnanswered)] + fall(now, &random)
        case (.up, _), (.asking, _): return []
        }
    }

    /// Half of the wait is chance, so that many lines do not come back in step.
    private mutating func fall(_ now: Instant, _ random: inout some RandomSource) -> [Action] {
        var wait = policy.reconnectFirst
        for _ in 0..<failures where wait < policy.reconnectMax { wait = wait * 2 }
        let half = Int(min(wait, policy.reconnectMax).microseconds / 2)
        failures = min(failures + 1, 32)
        state = .down(until: now + Interval(microseconds: Int64(half + random.below(half + 1))))
        return []
    }
}
