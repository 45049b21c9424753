// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What long memory says of cards and terminals, and the features that a score is made of.
///
/// A card has 32 day tiles, a terminal what became known of it in 32 days: bounded memory, changed by events alone and in
/// their order, so that the same events give the same features. Nothing that becomes known later changes a feature of
/// before: a label counts from the time at which it is applied.
///
///     let features = profiles.features(of: transaction)   // before the decision
///     let traits = profiles.apply(transaction)            // after it, approved or not
///     profiles.apply(label)                               // when it comes, with the traits of then
public struct RiskProfiles: Sendable {
    public struct Configuration: Sendable {
        /// Amounts in another currency are attempts alone.
        public var currency: Currency
        /// A transaction counts as genuine when this has passed without a label, 0 to 7 days.
        public var genuineAfter: Interval
        /// Local time less UTC.
        public var offset: Interval
        /// A card or terminal beyond these has no profile, and `overflowed` counts its transactions.
        public var cardsMax: Int
        public var terminalsMax: Int
        /// Changes where keys lie in memory and nothing else; a random one keeps outsiders from making them collide.
        public var seed: UInt64

        public init(
            currency: Currency, genuineAfter: Interval = .days(7), offset: Interval = .zero,
            cardsMax: Int = 10_000_000, terminalsMax: Int = 1_000_000, seed: UInt64 = 0
        ) {
            (self.currency, self.genuineAfter, self.offset) = (currency, genuineAfter, offset)
            (self.cardsMax, self.terminalsMax, self.seed) = (cardsMax, terminalsMax, seed)
        }
    }

    static let daySeconds: UInt32 = 86_400

    public let configuration: Configuration
    private var cards: ProfileTable<CardProfile>
    private var terminals: ProfileTable<TerminalProfile>
    /// Transactions and labels that found no room for a profile.
    public private(set) var overflowed: UInt64 = 0
    private let delay: UInt32

    public init(_ configuration: Configuration) {
        let delay = configuration.genuineAfter
        precondition(delay >= .zero && delay <= .days(7), "between 0 and 7 days")
        self.configuration = configuration
        self.delay = UInt32(delay.microseconds / 1_000_000)
        cards = ProfileTable(limit: configuration.cardsMax, seed: configuration.seed)
        terminals = ProfileTable(limit: configuration.terminalsMax, seed: configuration.seed)
    }

    /// Cards and terminals that have a profile.
    public var cardCount: Int { cards.count }
    public var terminalCount: Int { terminals.count }

    /// The features of a transaction, given all that was applied before it.
    public func features(of transaction: ProfiledTransaction) -> FeatureVector {
        let time = Self.seconds(transaction.at)
        let local = Self.seconds(transaction.at + configuration.offset)
        let card = cards.find(transaction.card)?.days.figures(on: local / Self.daySeconds) ?? CardFigures()
        let terminal =
            terminals.find(transaction.terminal)?.verdicts.figures(at: time, delay: delay) ?? TerminalFigures()
        return FeatureVector(amount: amount(transaction), local: local, card, terminal)
    }

    /// Takes in a transaction once its outcome is known.
    ///
    /// - Returns: what a label of it will have to say.
    @discardableResult
    public mutating func apply(_ transaction: ProfiledTransaction) -> TransactionTraits {
        let time = Self.seconds(transaction.at)
        let day = Self.seconds(transaction.at + configuration.offset) / Self.daySeconds
        let amount = amount(transaction)
        var traits = TransactionTraits(isUnusual: false, isPlain: false)
        let hasCard = cards.change(transaction.card, on: day, make: CardProfile(key: transaction.card, day: day)) {
            let usual = $0.days.apply(transaction.isApproved ? amount : nil, on: day)
            if let amount { traits = TransactionTraits(amount, usual) }
        }
        guard transaction.isApproved else { return traits }
        let (terminal, delay) = (transaction.terminal, delay)
        let hasTerminal = terminals.change(
            terminal, on: time / Self.daySeconds, make: TerminalProfile(key: terminal, at: time, delay: delay)
        ) { $0.verdicts.apply(at: time, delay: delay) }
        if !hasCard || !hasTerminal { overflowed += 1 }
        return traits
    }

    /// Takes in what became known of a transaction that was applied. The caller sees to it that each has one verdict.
    public mutating func apply(_ label: TransactionLabel) {
        let (time, known) = (Self.seconds(label.at), Self.seconds(label.known))
        let (terminal, delay) = (label.terminal, delay)
        let hasTerminal = terminals.change(
            terminal, on: known / Self.daySeconds, make: TerminalProfile(key: terminal, at: known, delay: delay)
        ) { $0.verdicts.label(label.verdict, isPlain: label.isPlain, at: time, known: known, delay: delay) }
        if !hasTerminal { overflowed += 1 }
    }

    /// The amount in minor units, where it is in the currency that counts; negative ones are 0, larger ones the largest.
    private func amount(_ transaction: ProfiledTransaction) -> UInt32? {
        guard transaction.amount.currency == configuration.currency else { return nil }
        return UInt32(clamping: transaction.amount.minorUnits)
    }

    /// Seconds since 1970, times before it and after 2105 clamped.
    private static func seconds(_ instant: Instant) -> UInt32 { UInt32(clamping: instant.seconds) }
}

/// A transaction as the profiles of its card and its terminal see it.
public struct ProfiledTransaction: Sendable {
    public var card: CardKey
    public var terminal: TerminalID
    /// The event time.
    public var at: Instant
    public var amount: Money
    /// Only approved amounts enter means, and only approved transactions wait for a verdict.
    public var isApproved: Bool

    public init(card: CardKey, terminal: TerminalID, at: Instant, amount: Money, isApproved: Bool = true) {
        (self.card, self.terminal, self.at) = (card, terminal, at)
        (self.amount, self.isApproved) = (amount, isApproved)
    }
}

/// How a transaction's amount stood to its card's profile when it was made.
public struct TransactionTraits: Equatable, Sendable {
    /// Far above what the card used to spend.
    public var isUnusual: Bool
    /// No larger than the card had spent before: should it prove a fraud, the terminal is suspect.
    public var isPlain: Bool
}

extension TransactionTraits {
    init(_ amount: UInt32, _ usual: UsualAmounts) {
        isUnusual = usual.isUnusual(amount)
        isPlain = !isUnusual && Double(amount) <= (usual.count > 0 ? max(Double(usual.largest), usual.mean) : .infinity)
    }
}
