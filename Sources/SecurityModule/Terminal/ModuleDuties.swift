// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// When the module did last what it has to do again and again, and what it must not be disturbed in. Not stored: each
/// start begins anew.
struct ModuleDuties: Equatable, Sendable {
    /// A self-test passed, or a memory initialised, longer ago than this is overdue (S03; PCI PTS POI B1).
    static let ageMax = Interval.hours(24)
    /// From this age on the module does it in the first quiet step.
    static let renewalAge = Interval.hours(20)
    /// Nobody waits longer for an answer.
    static let answerTimeMax = Interval.minutes(2)
    /// A self-test that failed is not tried again before that.
    static let retryAfter = Interval.minutes(1)

    /// When the memory was initialised last.
    private(set) var renewedAt: Instant
    /// When a message was protected whose answer is not there yet.
    var awaitsAnswerSince: Instant?
    private var triedAt: Instant?

    init(at now: Instant) { renewedAt = now }

    mutating func renew(at now: Instant) {
        renewedAt = now
        awaitsAnswerSince = nil
    }

    func isMemoryStale(_ now: Instant) -> Bool { now - renewedAt >= Self.ageMax }
    func isMemoryRenewalDue(_ now: Instant) -> Bool { now - renewedAt >= Self.renewalAge }

    /// Whether an answer may still come.
    func isAnswerDue(_ now: Instant) -> Bool { awaitsAnswerSince.map { now - $0 < Self.answerTimeMax } ?? false }

    /// - Returns: whether enough time has passed since the last time.
    mutating func mayTryAgain(_ now: Instant) -> Bool {
        if let triedAt, now - triedAt < Self.retryAfter { return false }
        triedAt = now
        return true
    }

    /// After the clock was set back.
    mutating func clamp(to now: Instant) {
        renewedAt = min(renewedAt, now)
        awaitsAnswerSince = awaitsAnswerSince.map { min($0, now) }
        triedAt = nil
    }
}
