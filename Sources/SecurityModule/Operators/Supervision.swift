// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// The supervisor at the keypad now; not stored.
struct Supervision: Sendable {
    struct Request: Equatable, Sendable {
        var number: UInt8
        var purpose: SupervisorPurpose
        /// Fresh for an enrolment, the stored one else; empty until the passcode is taken.
        var salt: [UInt8] = []
    }

    /// A supervisor who has entered is asked again after this time.
    static let sessionTime = Interval.minutes(5)

    /// Whose passcode the keypad is open for, or is being verified.
    private(set) var request: Request?
    /// Numbers the checks, so that a verdict belongs to one of them.
    private(set) var attempt: UInt32 = 0
    private(set) var isVerifying = false
    private var session: (number: UInt8, until: Instant)?

    /// The supervisor who has entered.
    func supervisor(_ now: Instant) -> UInt8? { session.flatMap { now < $0.until ? $0.number : nil } }

    mutating func begin(_ request: Request) {
        self.request = request
        isVerifying = false
        attempt &+= 1
    }

    mutating func verify(with salt: [UInt8]) {
        request?.salt = salt
        isVerifying = true
    }

    /// The request that the verdict of this check answers, once.
    mutating func conclude(_ attempt: UInt32) -> Request? {
        guard isVerifying, attempt == self.attempt else { return nil }
        defer { (request, isVerifying) = (nil, false) }
        return request
    }

    mutating func enter(_ number: UInt8, at now: Instant) { session = (number, now + Self.sessionTime) }

    mutating func end() {
        session = nil
        request = nil
        isVerifying = false
    }

}
