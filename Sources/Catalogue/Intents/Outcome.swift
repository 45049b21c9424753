// SPDX-License-Identifier: Apache-2.0

/// What the terminal does on an answer.
public enum TerminalAction: String, CaseIterable, Sendable {
    /// Accepts: the request was done.
    case approve
    /// Shows the refusal.
    case decline
    /// Asks for the PIN (again), within the same card session and with a new STAN.
    case promptPIN
    /// Asks for an identity document or the transaction password.
    case stepUp
    /// Declines; attended, the operator follows the card procedure.
    case capture
    /// Signs on before the next transaction.
    case signOn
    /// Pauses and asks the cardholder to call the issuer.
    case callIssuer
    /// Stops the terminal.
    case halt
}

/// Whether and when the same sale may be tried again.
public enum RetryRule: String, CaseIterable, Sendable {
    /// Not with this card.
    case never
    /// At once, within the same card session.
    case sameCard
    /// After a good sign-on.
    case afterSignOn
    /// Later, or with another amount.
    case later
}

/// Who reads a display text.
public enum Audience: String, CaseIterable, Sendable {
    /// The till: says what to do.
    case merchant
    /// The person who pays.
    case cardholder
}

/// What an intent means on the wire of one network profile.
public struct Outcome: Hashable, Sendable {
    /// DE 39.
    public let code: ResponseCode
    /// What the terminal does.
    public let action: TerminalAction
    /// Whether and when the sale may be tried again.
    public let retry: RetryRule
    /// Whether an attended terminal may keep the card.
    public let capture: Bool
    /// Whether the terminal reverses, since the issuer may have booked the sale.
    public let reversalNeeded: Bool
}
