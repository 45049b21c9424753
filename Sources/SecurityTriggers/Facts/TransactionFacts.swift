// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What became of the PIN before the triggers looked.
public enum PINFact: UInt8, Sendable, CaseIterable {
    /// No PIN came with the transaction.
    case absent = 0
    /// A PIN came and was not tried, because an earlier check refused.
    case untried = 1
    case right = 2
    case wrong = 3
    /// The try counter was spent, so the PIN was not tried.
    case locked = 4
}

/// Why a card stands on the hot list.
public enum HotListReason: UInt8, Sendable, CaseIterable {
    case lost = 1
    case stolen = 2
}

/// What the transaction does, as far as rules tell one from another.
public enum FactKind: UInt8, Sendable, CaseIterable {
    case purchase = 0
    case cash = 1
    case refund = 2
    /// Anything else, such as a balance enquiry.
    case other = 3
    /// Holds an amount for a purchase to come.
    case preAuthorisation = 4
    /// Books what a pre-authorisation held.
    case completion = 5
}

/// How the card's data came into the terminal: DE 22, as far as rules tell one from another.
public enum EntryFact: UInt8, Sendable, CaseIterable {
    case unknown = 0
    case chip = 1
    case contactless = 2
    case stripe = 3
    /// The stripe of a chip card, because the chip could not be read.
    case fallback = 4
    /// Typed in: no card need have been there.
    case manual = 5

    /// The card itself was at the terminal.
    public var isCardPresent: Bool { self != .unknown && self != .manual }
}

/// All that the triggers may know of one transaction.
///
/// Merchant, MCC, place and local time come from the estate's record of the terminal, never from the message. What is nil is
/// missing: a comparison with it is unknown, and a rule that hangs on it does not fire and says so.
public struct TransactionFacts: Sendable {
    public var card: CardKey
    public var account: AccountID
    /// The event time: the earlier of arrival and a plausible time of the terminal's own.
    public var at: Instant
    /// Not negative; a negative amount counts as missing.
    public var amount: Money
    public var terminal: TerminalID
    public var merchant: MerchantID?
    public var mcc: MCC?
    /// What the till says it sells; empty when it names nothing.
    public var goods: [GoodsCode]
    public var pin: PINFact
    public var hotList: HotListReason?
    /// Where the terminal stands.
    public var place: Position?
    /// Local time at the terminal less UTC, in quarter hours.
    public var offset: Int8
    public var entry: EntryFact
    /// An advance notice of the cardholder covers this transaction.
    public var noticeCovers: Bool
    /// The number of that notice, for the explanation; nil where it has none.
    public var notice: UInt64?
    public var kind: FactKind
    /// Wrong PINs on the issuer's durable counter, before this transaction's.
    public var pinTries: UInt8
    /// The warnings that stand open at the terminal: a bit for each code, in the catalogue's order.
    public var warnings: UInt64

    /// The facts of one transaction; see the properties for what each means.
    public init(
        card: CardKey, account: AccountID, at: Instant, amount: Money, terminal: TerminalID,
        merchant: MerchantID?, mcc: MCC?, goods: [GoodsCode] = [], pin: PINFact = .absent,
        hotList: HotListReason? = nil, place: Position? = nil, noticeCovers: Bool = false, notice: UInt64? = nil,
        kind: FactKind = .purchase, entry: EntryFact = .unknown, offset: Int8 = 0, pinTries: UInt8 = 0,
        warnings: UInt64 = 0
    ) {
        (self.card, self.account, self.at, self.amount) = (card, account, at, amount)
        (self.terminal, self.merchant, self.mcc, self.goods) = (terminal, merchant, mcc, goods)
        (self.pin, self.hotList, self.place) = (pin, hotList, place)
        (self.noticeCovers, self.notice, self.kind) = (noticeCovers, notice, kind)
        (self.entry, self.offset, self.pinTries, self.warnings) = (entry, offset, pinTries, warnings)
    }
}
