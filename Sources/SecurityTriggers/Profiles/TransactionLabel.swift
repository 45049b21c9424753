// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What became known of a transaction afterwards: feedback of cardholders, analysts and statement checks.
public struct TransactionLabel: Equatable, Sendable {
    public enum Verdict: UInt8, Sendable, CaseIterable {
        case fraud = 1
        case genuine = 2
        /// A verdict of fraud was wrong; `known` is then the time at which that verdict was given.
        case withdrawn = 3
    }

    public var card: CardKey
    public var terminal: TerminalID
    public var merchant: MerchantID?
    /// Finds the transaction in its card's window; nil where the caller does not know it.
    public var amount: Money?
    /// The event time of the transaction.
    public var at: Instant
    /// When it became known. Profiles count a label from then on, and never by the transaction's own time.
    public var known: Instant
    public var verdict: Verdict
    /// As `TransactionTraits.isPlain` was when the transaction was made.
    public var isPlain: Bool

    public init(
        card: CardKey, terminal: TerminalID, at: Instant, known: Instant, verdict: Verdict, isPlain: Bool,
        merchant: MerchantID? = nil, amount: Money? = nil
    ) {
        (self.card, self.terminal, self.at, self.known) = (card, terminal, at, known)
        (self.verdict, self.isPlain) = (verdict, isPlain)
        (self.merchant, self.amount) = (merchant, amount)
    }
}
