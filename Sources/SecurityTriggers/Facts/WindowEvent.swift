// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What became of a transaction, as windows remember it.
public enum WindowOutcome: UInt8, Sendable, CaseIterable {
    /// Neither: referred, or waiting for a proof.
    case pending = 0
    case approved = 1
    case declined = 2
}

/// A transaction as the windows of its card take it in.
public struct WindowEvent: Sendable {
    public var card: CardKey
    /// The event time; windows keep it to the millisecond, rounded down.
    public var at: Instant
    public var amount: Money
    public var terminal: TerminalID
    public var merchant: MerchantID?
    public var mcc: MCC?
    public var place: Position?
    /// Local time at the terminal less UTC, in quarter hours.
    public var offset: Int8
    public var entry: EntryFact
    public var pin: PINFact
    public var kind: FactKind
    public var outcome: WindowOutcome
    /// The transaction was reversed: it no longer counts as approved, yet stays an attempt.
    public var isReversed: Bool

    /// The event that the transaction of these facts becomes once its outcome is known.
    public init(facts: TransactionFacts, outcome: WindowOutcome) {
        (card, at, amount, terminal) = (facts.card, facts.at, facts.amount, facts.terminal)
        (merchant, mcc, place) = (facts.merchant, facts.mcc, facts.place)
        (pin, kind, entry, offset) = (facts.pin, facts.kind, facts.entry, facts.offset)
        self.outcome = outcome
        isReversed = false
    }
}

extension WindowEvent {
    var site: Site { Site(terminal: terminal, merchant: merchant, mcc: mcc, place: place, offset: offset) }

    /// The card itself was at the terminal: read there, or its PIN typed there.
    var isPresent: Bool { entry.isCardPresent || pin == .right || pin == .wrong || pin == .locked }
}

extension TransactionFacts {
    var site: Site { Site(terminal: terminal, merchant: merchant, mcc: mcc, place: place, offset: offset) }
}

extension FactKind {
    /// Money leaves the account: what a card's days sum.
    var isSpending: Bool { self == .purchase || self == .cash || self == .completion }
}
