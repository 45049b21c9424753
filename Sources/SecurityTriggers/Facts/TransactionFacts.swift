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
}

/// A point on the earth, in millionths of a degree.
public struct Place: Hashable, Sendable {
    /// North is positive, −90,000,000 to 90,000,000.
    public var latitude: Int32
    /// East is positive, −180,000,000 to 180,000,000.
    public var longitude: Int32

    /// - Parameters: millionths of a degree, WGS 84.
    public init(latitude: Int32, longitude: Int32) {
        self.latitude = latitude
        self.longitude = longitude
    }
}

/// All that the triggers may know of one transaction.
///
/// Merchant, MCC and place come from the estate's record of the terminal, never from the message. What is nil is
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
    public var place: Place?
    /// An advance notice of the cardholder covers this transaction.
    public var noticeCovers: Bool
    public var kind: FactKind

    /// The facts of one transaction; see the properties for what each means.
    public init(
        card: CardKey, account: AccountID, at: Instant, amount: Money, terminal: TerminalID,
        merchant: MerchantID?, mcc: MCC?, goods: [GoodsCode] = [], pin: PINFact = .absent,
        hotList: HotListReason? = nil, place: Place? = nil, noticeCovers: Bool = false,
        kind: FactKind = .purchase
    ) {
        (self.card, self.account, self.at, self.amount) = (card, account, at, amount)
        (self.terminal, self.merchant, self.mcc, self.goods) = (terminal, merchant, mcc, goods)
        (self.pin, self.hotList, self.place) = (pin, hotList, place)
        (self.noticeCovers, self.kind) = (noticeCovers, kind)
    }
}
