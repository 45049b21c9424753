// SPDX-License-Identifier: Apache-2.0

/// What a terminal makes of a response code it received. Every code has a reading: an unknown one is a decline that the
/// terminal reverses, since reversing what was never booked does no harm.
public struct TerminalReading: Hashable, Sendable {
    /// The intent the code is taken for; nil for an unknown code.
    public let intent: Intent?
    /// The received code and what to do about it.
    public let outcome: Outcome

    /// Reads DE 39 of an authenticated answer.
    public init(code: ResponseCode, in profile: NetworkProfile) {
        let intent = Intent.intent(code: code, in: profile)
        let model = intent?.outcome(in: profile) ?? IntentTable.unknown
        self.intent = intent
        outcome = Outcome(
            code: code, action: model.action, retry: model.retry, capture: model.capture,
            reversalNeeded: model.reversalNeeded)
    }

    /// DE 39 as received.
    public var code: ResponseCode { outcome.code }
    /// What the terminal does.
    public var action: TerminalAction { outcome.action }
    /// Whether and when the sale may be tried again.
    public var retry: RetryRule { outcome.retry }
    /// Whether an attended terminal may keep the card.
    public var capture: Bool { outcome.capture }
    /// Whether the terminal reverses.
    public var reversalNeeded: Bool { outcome.reversalNeeded }
    /// Whether the answer accepts the request.
    public var isApproval: Bool { outcome.action == .approve }

    /// The text to show.
    public func display(_ language: Language, _ audience: Audience) -> String {
        intent?.display(language, audience) ?? IntentTable.unknownDisplay[audience][language]
    }
}
