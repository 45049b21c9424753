// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

/// The part of an authorisation that changes the issuer's desk; a field of the host's own record.
public struct CardEffects: Equatable, Sendable {
    public var pin: PINVerdict
    /// Taken from what is available, in minor units; 0 when nothing was approved.
    public var debit: Int64
    public var freezeCardUntil: Instant?
    public var openCase: (CaseID, FraudCase)?
    public var challenge: Challenge?
    /// A challenge was answered, rightly or not: it is used up.
    public var challengeUsed: Bool
    public var passUsed: Bool

    public init(
        pin: PINVerdict, debit: Int64, freezeCardUntil: Instant? = nil, openCase: (CaseID, FraudCase)? = nil,
        challenge: Challenge? = nil, challengeUsed: Bool = false, passUsed: Bool = false
    ) {
        self.pin = pin
        self.debit = debit
        self.freezeCardUntil = freezeCardUntil
        self.openCase = openCase
        self.challenge = challenge
        self.challengeUsed = challengeUsed
        self.passUsed = passUsed
    }

    public static func == (left: CardEffects, right: CardEffects) -> Bool {
        left.pin == right.pin && left.debit == right.debit && left.freezeCardUntil == right.freezeCardUntil
            && left.openCase?.0 == right.openCase?.0 && left.openCase?.1 == right.openCase?.1
            && left.challenge == right.challenge && left.challengeUsed == right.challengeUsed
            && left.passUsed == right.passUsed
    }

    public func encode(to writer: inout ByteWriter) {
        writer.byte(pin.rawValue)
        writer.signed(debit)
        writer.optional(freezeCardUntil) { $0.instant($1) }
        writer.flag(openCase != nil)
        if let (id, fraudCase) = openCase {
            writer.unsigned(id.number)
            fraudCase.encode(to: &writer)
        }
        writer.optional(challenge) { writer, challenge in
            writer.unsigned(challenge.reference)
            writer.code(challenge.terminal)
            writer.money(challenge.amount)
            writer.instant(challenge.expires)
        }
        writer.flag(challengeUsed)
        writer.flag(passUsed)
    }

    public init(from reader: inout ByteReader) throws(CodecError) {
        pin = try reader.raw(PINVerdict.self, "PIN verdict")
        debit = try reader.signed()
        freezeCardUntil = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.instant() }
        if try reader.flag() {
            let id = CaseID(try reader.unsigned())
            openCase = (id, try FraudCase(from: &reader))
        }
        challenge = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            Challenge(
                reference: try reader.unsigned(), terminal: try reader.code(), amount: try reader.money(),
                expires: try reader.instant())
        }
        challengeUsed = try reader.flag()
        passUsed = try reader.flag()
    }
}

extension Issuer {
    /// The only mutation beside `apply(_:to:at:)`, live and in recovery.
    public mutating func apply(_ record: IssuerRecord, at: Instant) {
        switch record {
        case .accountAdded(let id, let account): accounts.insert(id, account)
        case .cardAdded(let key, let card): cards.insert(key, card)
        case .cardStatusSet(let key, let status, _): changeCard(key) { $0.status = status }
        case .pinSet(let key, let reference, _):
            changeCard(key) {
                $0.pin = reference
                $0.wrongPINs = 0
            }
        case .chipSet(let key, let chip, _):
            changeCard(key) {
                $0.chip = chip
                $0.chipCounter = 0
            }
        case .caseOpened(let id, let fraudCase): open(id, fraudCase)
        case .caseConfirmed(let id, let staff, let until):
            guard let index = cases.find(id) else { return }
            close(id)
            cases.values[index].state = .confirmed
            cases.values[index].answeredBy = staff
            let answered = cases.values[index]
            // Nothing is let through in advance while the account is frozen (rule R10).
            guard answered.stopped, accounts[answered.account]?.frozen == nil else { return }
            changeCard(answered.card) {
                $0.pass = OneTimePass(
                    caseID: id, merchant: answered.merchant, amountMax: answered.amount, until: until)
            }
        case .caseDenied(let id, let staff):
            guard let index = cases.find(id) else { return }
            close(id)
            cases.values[index].state = .denied
            cases.values[index].answeredBy = staff
            if cases.values[index].isUnfinished { return }
            freeze(cases.values[index].account, Freeze(since: at, caseID: id, by: staff))
        case .accountFrozen(let id, let staff): freeze(id, Freeze(since: at, caseID: nil, by: staff))
        case .unfreezeAsked(let id, let staff): changeAccount(id) { $0.frozen?.liftAskedBy = staff }
        case .accountUnfrozen(let id, _):
            changeAccount(id) { $0.frozen = nil }
            for index in cards.values.indices where cards.values[index].account == id {
                cards.values[index].version &+= 1
            }
        case .noticeAdded(let key, let notice), .noticeGiven(let key, let notice):
            changeCard(key) { card in
                card.notices.removeAll { $0.until <= at }
                card.notices.append(notice)
            }
        }
    }

    /// What an authorisation did to a card and its account.
    public mutating func apply(_ effects: CardEffects, to key: CardKey, at: Instant) {
        guard let index = cards.find(key) else { return }
        let account = cards.values[index].account
        switch effects.pin {
        case .right: cards.values[index].wrongPINs = 0
        case .wrong: cards.values[index].wrongPINs = min(Self.pinTriesMax, cards.values[index].wrongPINs + 1)
        case .untried, .unusable: break
        }
        if effects.pin == .right || effects.pin == .wrong { cards.values[index].version &+= 1 }
        if let until = effects.freezeCardUntil {
            // A shorter freeze never ends a longer one.
            cards.values[index].frozenUntil = max(cards.values[index].frozenUntil ?? until, until)
            cards.values[index].version &+= 1
        }
        if effects.challengeUsed { cards.values[index].challenge = nil }
        if let challenge = effects.challenge { cards.values[index].challenge = challenge }
        if effects.passUsed { cards.values[index].pass = nil }
        if effects.debit != 0 { changeAccount(account) { $0.available -= effects.debit } }
        if let (id, fraudCase) = effects.openCase { open(id, fraudCase) }
    }

    /// A cryptogram with this transaction counter was right.
    public mutating func noteChip(_ key: CardKey, counter: UInt16) {
        guard let index = cards.find(key) else { return }
        cards.values[index].chipCounter = max(cards.values[index].chipCounter, counter)
    }

    /// A notice lifted a rule of a purchase that was approved.
    /// - Parameter notice: its number.
    public mutating func use(notice: UInt64, _ key: CardKey, _ rrn: RRN, _ minorUnits: Int64) {
        guard let index = cards.find(key),
            let place = cards.values[index].notices.firstIndex(where: { $0.number == notice })
        else { return }
        cards.values[index].notices[place].add(rrn, minorUnits)
    }

    /// A purchase was taken back, or stands again: a notice that lifted a rule for it may lift one for another, or no longer.
    public mutating func markNotices(_ key: CardKey, _ rrn: RRN, isReturned: Bool) {
        guard let index = cards.find(key) else { return }
        for place in cards.values[index].notices.indices
        where cards.values[index].notices[place].mark(rrn, isReturned: isReturned) { return }
    }

    private mutating func open(_ id: CaseID, _ fraudCase: FraudCase) {
        cases.insert(id, fraudCase)
        // Nobody waits at a till for the answer to a dispute, and no suspicion joins one.
        guard !fraudCase.isDispute, !fraudCase.isUnfinished, let index = cards.find(fraudCase.card) else { return }
        cards.values[index].openCase = id
    }

    private mutating func close(_ id: CaseID) {
        guard let fraudCase = cases[id], let index = cards.find(fraudCase.card) else { return }
        if cards.values[index].openCase == id { cards.values[index].openCase = nil }
    }

    /// Gives an approved amount back. A freeze never stops it (rule R10); a pass it had used is restored by the caller.
    public mutating func credit(_ key: CardKey, _ minorUnits: Int64) {
        guard let card = cards[key] else { return }
        apply(Movement(available: minorUnits), to: card.account)
    }

    /// A reversed purchase had used the pass of a confirmed case: it may be presented again.
    public mutating func restorePass(_ key: CardKey, _ pass: OneTimePass) {
        changeCard(key) { $0.pass = pass }
    }

    private mutating func freeze(_ id: AccountID, _ freeze: Freeze) {
        changeAccount(id) { $0.frozen = freeze }
        // Whatever was let through in advance is void while the account is frozen (rule R10).
        for index in cards.values.indices where cards.values[index].account == id {
            cards.values[index].pass = nil
            cards.values[index].challenge = nil
            cards.values[index].version &+= 1
        }
    }

    private mutating func changeCard(_ key: CardKey, _ body: (inout Card) -> Void) {
        guard let index = cards.find(key) else { return }
        body(&cards.values[index])
        cards.values[index].version &+= 1
    }

    private mutating func changeAccount(_ id: AccountID, _ body: (inout Account) -> Void) {
        guard let index = accounts.find(id) else { return }
        body(&accounts.values[index])
    }
}
