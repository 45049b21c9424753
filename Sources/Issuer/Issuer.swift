// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// The issuer's desk: accounts, cards, PIN tries, cases, notices and step-up challenges.
///
/// A value without I/O. `decide…` functions change nothing and return records; `apply` is the only mutation.
public struct Issuer: Sendable {
    public internal(set) var accounts = Registry<AccountID, Account>()
    public internal(set) var cards = Registry<CardKey, Card>()
    public internal(set) var cases = Registry<CaseID, FraudCase>()
    /// What pre-authorisations hold.
    public internal(set) var holds = HoldBook()

    /// Wrong PINs in a row that lock a card.
    public static let pinTriesMax: UInt8 = 3
    /// How long a challenge may be answered (rule R12).
    public static let challengeLifetime = Interval.seconds(120)
    /// How long a confirmed purchase may be presented once more.
    public static let passLifetime = Interval.minutes(15)
    /// Advance notices of one card that may be open at a time.
    public static let noticesPerCardMax = 8

    public init() {}
}

/// A payment account.
public struct Account: Equatable, Sendable {
    /// The name statements are addressed to.
    public var holder: String
    /// What may still be spent, in minor units of the currency.
    public var available: Int64
    public var currency: Currency
    public var frozen: Freeze?
    /// The sum of the account's open holds; it is no longer in `available`.
    public var held: Int64 = 0
    /// How far forced movements have overdrawn the account: a void that is taken back debits what may have been spent.
    public var forced: Int64 = 0

    /// What is booked: available and held.
    public var balance: Int64 { available + held }

    public init(holder: String, available: Int64, currency: Currency) {
        self.holder = holder
        self.available = available
        self.currency = currency
    }
}

/// A freeze: who, when and why; and, once asked for, who wants it lifted.
public struct Freeze: Equatable, Sendable {
    public var since: Instant
    /// The case behind it; nil when the desk froze the account on its own.
    public var caseID: CaseID?
    public var by: StaffID
    public var liftAskedBy: StaffID?
}

public enum CardStatus: UInt8, CaseIterable, Sendable {
    case active = 1
    case lost = 2
    case stolen = 3
    /// Replaced or closed.
    case closed = 4
}

/// One card.
public struct Card: Equatable, Sendable {
    public var account: AccountID
    /// First six and last four digits, for people to read.
    public var masked: String
    /// The PAN under the host module's sealing key (rule R6).
    public var sealedPAN: [UInt8]
    /// YYMM, as DE 14 carries it.
    public var expiry: UInt16
    public var pin: PINReference
    /// What verifies the transaction password of a step-up, typed on the module's keypad; nil: none agreed.
    public var password: PINReference?
    public var status: CardStatus = .active
    /// Wrong PINs since the last right one.
    public var wrongPINs: UInt8 = 0
    public var frozenUntil: Instant?
    public var notices: [AdvanceNotice] = []
    public var pass: OneTimePass?
    public var challenge: Challenge?
    /// The case that waits for an answer about this card: a second suspicion joins it.
    public var openCase: CaseID?
    /// What verifies the chip's cryptograms; nil: the issuer has no key of this card's, and its cryptograms prove nothing.
    public var chip: ChipReference?
    /// The highest transaction counter of a cryptogram that was right.
    public var chipCounter: UInt16 = 0
    /// Rises with every change that a module verdict depends on; a verdict asked for at another version is asked again.
    public var version: UInt32 = 0

    public init(
        account: AccountID, masked: String, sealedPAN: [UInt8], expiry: UInt16, pin: PINReference,
        password: PINReference?
    ) {
        self.account = account
        self.masked = masked
        self.sealedPAN = sealedPAN
        self.expiry = expiry
        self.pin = pin
        self.password = password
    }

    public var isPINLocked: Bool { wrongPINs >= Issuer.pinTriesMax }
}

/// A purchase the cardholder has confirmed may be presented once more; consumed with the approval (rule R10).
public struct OneTimePass: Equatable, Sendable {
    public var caseID: CaseID
    public var merchant: MerchantID
    public var amountMax: Money
    public var until: Instant
}

/// A step-up in progress, bound to card, terminal and amount (rule R12).
public struct Challenge: Equatable, Sendable {
    public var reference: UInt64
    public var terminal: TerminalID
    public var amount: Money
    public var expires: Instant

    public init(reference: UInt64, terminal: TerminalID, amount: Money, expires: Instant) {
        self.reference = reference
        self.terminal = terminal
        self.amount = amount
        self.expires = expires
    }
}

/// How the cardholder proved more at the till.
public enum StepUpProof: UInt8, CaseIterable, Sendable {
    /// The clerk has seen an identity document.
    case identityDocument = 1
    /// The transaction password, typed on the module's keypad and verified like a PIN.
    case transactionPassword = 2
}

public enum CaseState: UInt8, CaseIterable, Sendable {
    case open = 1
    /// The cardholder made the purchase.
    case confirmed = 2
    /// The cardholder did not: the account is frozen.
    case denied = 3
}

/// One suspicion, from the trigger to the answer.
public struct FraudCase: Equatable, Sendable {
    public var card: CardKey
    public var account: AccountID
    public var opened: Instant
    public var terminal: TerminalID
    public var merchant: MerchantID
    public var amount: Money
    public var rrn: RRN
    /// What the cardholder quotes when calling.
    public var reference: String
    /// The rules that fired, by id.
    public var rules: [String]
    /// Whether the purchase was stopped, so that a confirmation earns a one-time pass.
    public var stopped: Bool
    public var state: CaseState = .open
    public var answeredBy: StaffID?
    /// Whether the cardholder opened it: a disputed line of the statement (T9).
    public var isDispute: Bool = false
    /// Nil: opened before cases kept them, or by no rule.
    public var orders: CaseOrders?

    /// What a case names in the place of rules whose transaction was perhaps not completed: its terminal is dead and has left
    /// no word of it (rule R8). It is no suspicion: nobody waits for its answer at a till, and no account is frozen by it.
    public static let unfinishedRule = "sealed-journal"
    public var isUnfinished: Bool { rules == [Self.unfinishedRule] }

    public init(
        card: CardKey, account: AccountID, opened: Instant, terminal: TerminalID, merchant: MerchantID, amount: Money,
        rrn: RRN, reference: String, rules: [String], stopped: Bool
    ) {
        self.card = card
        self.account = account
        self.opened = opened
        self.terminal = terminal
        self.merchant = merchant
        self.amount = amount
        self.rrn = rrn
        self.reference = reference
        self.rules = rules
        self.stopped = stopped
    }
}
