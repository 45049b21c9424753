// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// Why the issuer's desk refused a command.
public enum IssuerRefusal: Error, Equatable, Sendable {
    case unknownAccount, unknownCard, unknownCase
    case alreadyExists
    case notFrozen
    /// The case has been answered before.
    case alreadyAnswered
    /// The same person may not do both halves.
    case secondPersonRequired
    /// Saying "it was me" needs a factor from outside the message that asked (rule R11).
    case factorRequired
    case tooManyNotices
    /// A notice must end after it begins, within 90 days, and name an amount.
    case badNotice
    case currencyMismatch
}

extension Issuer {
    /// Whether a card may be used at all, asked before its PIN is looked at (rule R2).
    /// - Returns: nil when it may; otherwise the intent. Lost, stolen, frozen and locked look alike at the till.
    public func refusal(of card: Card, expiry: UInt16?, at: Instant) -> Intent? {
        switch card.status {
        case .active: break
        case .lost: return .lostCard
        case .stolen: return .stolenCard
        case .closed: return .unknownCard
        }
        if accounts[card.account]?.frozen != nil { return .frozenAccount }
        if let until = card.frozenUntil, at < until { return .frozenCard }
        if card.isPINLocked { return .pinTriesExceeded }
        if let expiry, expiry != card.expiry { return .expiredCard }
        let now = CalendarTime(at)
        if Int(card.expiry) < (now.year % 100) * 100 + now.month { return .expiredCard }
        return nil
    }

    /// The account's own answer, asked last.
    public func accountRefusal(_ id: AccountID, _ amount: Money) -> Intent? {
        guard let account = accounts[id] else { return .unknownCard }
        guard account.currency == amount.currency else { return .invalidTransaction }
        return account.available < amount.minorUnits ? .insufficientFunds : nil
    }

    /// The notice that covers a purchase: of several the first that was given.
    public func notice(
        covering amount: Money, _ mcc: MCC, of card: Card, at: Instant, place: Position?
    ) -> AdvanceNotice? {
        card.notices.first { $0.covers(amount, mcc, at: at, place: place) }
    }

    public func passCovers(_ card: Card, _ amount: Money, _ merchant: MerchantID, at: Instant) -> Bool {
        guard let pass = card.pass else { return false }
        return pass.merchant == merchant && at < pass.until && amount.currency == pass.amountMax.currency
            && amount.minorUnits <= pass.amountMax.minorUnits
    }

    /// Whether a challenge's reference is this card's open one, for this terminal and amount.
    public func challengeHolds(
        _ card: Card, _ reference: UInt64, terminal: TerminalID, amount: Money, at: Instant
    ) -> Bool {
        guard let challenge = card.challenge else { return false }
        return challenge.reference == reference && challenge.terminal == terminal && challenge.amount == amount
            && at < challenge.expires
    }
}

// MARK: - Commands of the desk and the cardholder

extension Issuer {
    public func decideAccount(_ id: AccountID, _ account: Account) throws(IssuerRefusal) -> IssuerRecord {
        guard accounts[id] == nil else { throw .alreadyExists }
        // What the record keeps: an account comes in without a freeze.
        return .accountAdded(
            id, Account(holder: account.holder, available: account.available, currency: account.currency))
    }

    public func decideCard(_ key: CardKey, _ card: Card) throws(IssuerRefusal) -> IssuerRecord {
        guard cards[key] == nil else { throw .alreadyExists }
        guard accounts[card.account] != nil else { throw .unknownAccount }
        // What the record keeps: a card comes in without a past.
        return .cardAdded(
            key,
            Card(
                account: card.account, masked: card.masked, sealedPAN: card.sealedPAN, expiry: card.expiry,
                pin: card.pin, password: card.password))
    }

    public func decideStatus(_ key: CardKey, _ status: CardStatus, by staff: StaffID) throws(IssuerRefusal)
        -> IssuerRecord
    {
        guard cards[key] != nil else { throw .unknownCard }
        return .cardStatusSet(key, status, by: staff)
    }

    /// "It was me": closes the case and earns the stopped purchase one presentation, for as long as its rule holds it.
    /// - Parameter factor: whether the answer came with a factor from outside the message that asked for it.
    public func decideConfirmation(
        _ id: CaseID, by staff: StaffID, factor: Bool, now: Instant
    ) throws(IssuerRefusal) -> IssuerRecord {
        guard let fraudCase = cases[id] else { throw .unknownCase }
        guard fraudCase.state == .open else { throw .alreadyAnswered }
        guard factor else { throw .factorRequired }
        return .caseConfirmed(id, by: staff, passUntil: now + fraudCase.passLifetime)
    }

    /// "Not me": freezes the account. The link alone is enough, since it can only stop.
    public func decideDenial(_ id: CaseID, by staff: StaffID) throws(IssuerRefusal) -> IssuerRecord {
        guard let fraudCase = cases[id] else { throw .unknownCase }
        guard fraudCase.state == .open else { throw .alreadyAnswered }
        return .caseDenied(id, by: staff)
    }

    public func decideFreeze(_ id: AccountID, by staff: StaffID) throws(IssuerRefusal) -> IssuerRecord {
        guard accounts[id] != nil else { throw .unknownAccount }
        return .accountFrozen(id, by: staff)
    }

    /// The first person asks for the freeze to be lifted, a second one lifts it.
    public func decideUnfreeze(_ id: AccountID, by staff: StaffID) throws(IssuerRefusal) -> IssuerRecord {
        guard let account = accounts[id] else { throw .unknownAccount }
        guard let freeze = account.frozen else { throw .notFrozen }
        guard let first = freeze.liftAskedBy else { return .unfreezeAsked(id, by: staff) }
        guard first != staff else { throw .secondPersonRequired }
        return .accountUnfrozen(id, by: staff)
    }

    /// - Parameter number: of the record that this makes, by which explanations name the notice.
    public func decideNotice(
        _ key: CardKey, _ notice: AdvanceNotice, number: UInt64, by staff: StaffID, now: Instant
    ) throws(IssuerRefusal) -> IssuerRecord {
        guard let card = cards[key] else { throw .unknownCard }
        let length = notice.until.microseconds.subtractingReportingOverflow(notice.from.microseconds)
        guard notice.from < notice.until, !length.overflow,
            Interval(microseconds: length.partialValue) <= .days(90), notice.until > now,
            notice.amountMax.minorUnits > 0, notice.isSound
        else { throw .badNotice }
        guard accounts[card.account]?.currency == notice.amountMax.currency else { throw .currencyMismatch }
        guard card.notices.count(where: { $0.until > now }) < Self.noticesPerCardMax else { throw .tooManyNotices }
        var given = AdvanceNotice(
            from: notice.from, until: notice.until, amountMax: notice.amountMax, categories: notice.categories,
            area: notice.area, totalMax: notice.totalMax, usesMax: notice.usesMax)
        (given.number, given.by) = (number, staff)
        return .noticeGiven(key, given)
    }

    /// A line of the statement the cardholder does not know (T9); one line has one open dispute.
    public func decideDispute(
        _ id: CaseID, _ fraudCase: FraudCase
    ) throws(IssuerRefusal) -> IssuerRecord {
        guard cards[fraudCase.card] != nil else { throw .unknownCard }
        let isDisputed = cases.values.contains {
            $0.isDispute && $0.state == .open && $0.card == fraudCase.card && $0.rrn == fraudCase.rrn
        }
        guard cases[id] == nil, !isDisputed else { throw .alreadyExists }
        return .caseOpened(id, fraudCase)
    }

    /// A new PIN set by the issuer unlocks the card.
    public func decidePIN(_ key: CardKey, _ reference: PINReference, by staff: StaffID) throws(IssuerRefusal)
        -> IssuerRecord
    {
        guard cards[key] != nil else { throw .unknownCard }
        return .pinSet(key, reference, by: staff)
    }

    /// The issuer has personalised a chip for the card.
    public func decideChip(
        _ key: CardKey, _ chip: ChipReference, by staff: StaffID
    ) throws(IssuerRefusal) -> IssuerRecord {
        guard cards[key] != nil else { throw .unknownCard }
        return .chipSet(key, chip, by: staff)
    }
}
