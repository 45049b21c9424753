// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Issuer
import ModuleProtocol
import SecurityTriggers
import Vocabulary

/// Everything that people, the command line and timers can change: the same door for all of them.
public enum Command: Equatable, Sendable {
    case addMerchant(MerchantID, Merchant)
    case addTerminal(TerminalID, EstateTerminal)
    /// The first person asks, a second one approves.
    case activate(TerminalID)
    case clearWarning(TerminalID, WarningCode)
    case suspend(TerminalID)
    case resume(TerminalID)
    case setCompatibility(FirmwareRange)
    /// A device that is still to be personalised, shipped and given its keys.
    case registerTerminal(TerminalID, EstateTerminal)
    /// What takes two people.
    case order(EstateOrder)
    case act(EstateAct)
    /// Whatever is due by the clock.
    case tick

    case addAccount(AccountID, Account)
    case addCard(CardKey, Card)
    case setCardStatus(CardKey, CardStatus)
    case setPIN(CardKey, PINReference)
    /// A chip was personalised for the card.
    case setChip(CardKey, ChipReference)
    /// "It was me"; `factor`: whether a factor from outside the asking message came with it.
    case confirmCase(CaseID, factor: Bool)
    /// "Not me".
    case denyCase(CaseID)
    case freeze(AccountID)
    /// The first person asks, a second one lifts it.
    case unfreeze(AccountID)
    case addNotice(CardKey, AdvanceNotice)
    /// A statement line that the cardholder does not know.
    case dispute(CardKey, terminal: TerminalID, merchant: MerchantID, amount: Money, rrn: RRN)

    /// The first rules of a directory.
    case replaceRules(String)
    /// Rules of a file that whoever runs the server lets put themselves in force.
    case loadRules(String)
    /// The first person proposes, and a second one approves.
    case proposeRules(String)
    /// Judges by the proposed rules too, without any effect.
    case shadowRules(UInt32)
    case approveRules(UInt32)
    /// Puts approved rules in force.
    case activateRules(UInt32)
    /// Puts rules in force again that were before: the first person asks, a second one has it done.
    case rollBackRules(UInt32)
    case withdrawRules(UInt32)
    /// The first person proposes a model under the name that scores call it by, and a second one approves.
    case proposeModel(name: String, ModelText)
    /// Scores by a model that waits too, without any effect.
    case shadowModel(UInt32)
    case approveModel(UInt32)
    /// Puts an approved model in force.
    case activateModel(UInt32)
    /// Puts a model in force again that was before: the first person asks, a second one has it done.
    case rollBackModel(UInt32)
    case withdrawModel(UInt32)
    /// A verdict about a transaction from elsewhere, or (`withdrawn`) its end.
    case label(RRN, TransactionLabel.Verdict)
    /// A list that rules name and do not hold: it begins empty.
    case createList(String, ListKind, source: String)
    /// A list out of its file, which is durable already, new or in place of the one of its name.
    case loadList(OpenedList, source: String, keepsChanges: Bool)
    case addListEntry(list: String, ListKind, ListEntry)
    case removeListEntry(list: String, ListKind, ListKey, reason: String)
    case dropList(String, reason: String)
    /// Ends the business day.
    case cutOver
    /// Another host, new or with other limits.
    case setDestination(UpstreamDestination)
    /// Which cards go where, as `RoutingTable` reads it; empty: all to the own desk.
    case setRouting(String)
    /// A stored message that was given up goes on its way again.
    case revive(destination: String, id: UInt64)
    /// Stops a card of another issuer here.
    case listCard(CardKey, StopReason)
    case unlistCard(CardKey)
    /// New zone keys for a destination: made by the module and offered there.
    case changeKeys(destination: String)
    /// Zone keys that both sides have installed anew by hand count again, in place of all that was exchanged.
    case resetKeys(destination: String)
}

/// Why a command was refused. Nothing has changed.
public enum CommandRefusal: Error, Equatable, Sendable {
    /// The role may not do this at all.
    case notYours(Role)
    /// A field that no record could keep as it is, or that is longer than records allow.
    case malformed(CommandField)
    /// So much waits for the disk that nothing more is taken; the same command may be given again later.
    case busy
    /// A commit has failed: the host takes nothing any more.
    case stopping
    case estate(EstateRefusal)
    case issuer(IssuerRefusal)
    case rules(RuleFileError)
    case ruleLife(RuleRefusal)
    case model(ModelRefusal)
    case label(LabelRefusal)
    case list(ListRefusal)
    case upstream(UpstreamRefusal)
}

extension Command {
    /// Who may give it. The merchant may give none.
    var roles: [Role] {
        switch self {
        case .addMerchant, .addTerminal, .addAccount, .addCard, .tick: [.system]
        case .registerTerminal: [.custodian, .system]
        case .order(let order): order.roles
        case .act(let act): act.roles
        case .activate, .cutOver, .clearWarning, .suspend, .resume, .setCompatibility: [.operator, .system]
        case .setCardStatus: [.analyst, .cardholder, .system]
        case .confirmCase, .denyCase, .addNotice, .dispute: [.analyst, .cardholder]
        case .freeze, .unfreeze, .setPIN: [.analyst]
        case .setChip: [.analyst, .system]
        case .label: [.analyst, .system]
        case .createList, .loadList, .addListEntry, .removeListEntry, .dropList: [.analyst, .system]
        case .replaceRules, .loadRules: [.system]
        case .proposeRules, .proposeModel: [.analyst, .system]
        case .shadowRules, .approveRules, .activateRules, .rollBackRules, .withdrawRules: [.analyst]
        case .shadowModel, .approveModel, .activateModel, .rollBackModel, .withdrawModel: [.analyst]
        case .setDestination, .setRouting, .revive, .changeKeys, .resetKeys: [.operator, .system]
        case .listCard, .unlistCard: [.analyst, .system]
        }
    }
}

extension Command {
    /// Cardholders may report their cards, and so only stop them: what is lost or stolen the issuer alone reinstates.
    fileprivate func isWithin(_ role: Role) -> Bool {
        guard role == .cardholder, case .setCardStatus(_, let status) = self else { return true }
        return status == .lost || status == .stolen
    }
}

extension Host {
    /// Decides a command. Changes nothing.
    public func decide(_ command: Command, by principal: Principal, now: Instant) throws(CommandRefusal) -> HostRecord {
        guard command.roles.contains(principal.role), command.isWithin(principal.role) else {
            throw .notYours(principal.role)
        }
        if let field = principal.staff.isWellFormed ? command.malformedField : .staff { throw .malformed(field) }
        let record = try record(command, by: principal, now: now)
        // Whatever is journalled must be read again, or recovery would be at its end there. Commands are rare enough to
        // be read back each time; messages make records of fields that the decoder of messages has checked.
        guard record.isReadBack else { throw .malformed(.record) }
        return record
    }

    private func record(
        _ command: Command, by principal: Principal, now: Instant
    ) throws(CommandRefusal) -> HostRecord {
        // The estate's clock goes first; what sealed journals have due has its own records.
        if case .tick = command, estate.decideTick(now: now) == nil, let due = journalTick(now: now) {
            return HostRecord(at: now, .journal(due))
        }
        do throws(EstateRefusal) {
            if let record = try estateRecord(command, by: principal.staff, now: now) {
                return HostRecord(at: now, .estate(record))
            }
        } catch { throw .estate(error) }
        do throws(IssuerRefusal) {
            if let record = try issuerRecord(command, by: principal, now: now) {
                return HostRecord(at: now, .issuer(record))
            }
        } catch { throw .issuer(error) }
        if case .cutOver = command { return HostRecord(at: now, .dayCut(decideCutOver(by: principal.staff, now: now))) }
        do throws(UpstreamRefusal) {
            if let record = try upstreamRecord(command, by: principal.staff) {
                return HostRecord(at: now, .upstream(record))
            }
        } catch { throw .upstream(error) }
        if case .label(let rrn, let verdict) = command {
            return HostRecord(at: now, .label(try decideLabel(rrn, verdict, by: principal.staff)))
        }
        do throws(ModelRefusal) {
            if let change = try modelRecord(command, by: principal.staff, now: now) {
                return HostRecord(at: now, .model(change))
            }
        } catch { throw .model(error) }
        do throws(ListRefusal) {
            if let change = try listRecord(command, by: principal.staff, now: now) {
                return HostRecord(at: now, .list(change))
            }
        } catch { throw .list(error) }
        guard let body = try ruleRecord(command, by: principal.staff, now: now) else {
            preconditionFailure(
                "every command belongs to the estate, the issuer, the rules, lists, the day or other hosts")
        }
        return HostRecord(at: now, body)
    }

    private func estateRecord(
        _ command: Command, by staff: StaffID, now: Instant
    ) throws(EstateRefusal) -> EstateRecord? {
        switch command {
        case .addMerchant(let id, let merchant): try estate.decideMerchant(id, merchant)
        case .addTerminal(let id, let terminal): try estate.decideTerminal(id, terminal)
        case .activate(let id): try estate.decideActivation(id, by: staff)
        case .clearWarning(let id, let code): try estate.decideClearance(id, code, by: staff)
        case .suspend(let id): try estate.decideSuspension(id, by: staff)
        case .resume(let id): try estate.decideResumption(id, by: staff)
        case .setCompatibility(let range): try estate.decideCompatibility(range, by: staff)
        case .registerTerminal(let id, let terminal): try estate.decideTerminal(id, terminal, isNew: true)
        case .order(let order): try estate.decideOrder(order, by: staff, now: now)
        case .act(let act): try estate.decideAct(act, by: staff)
        case .tick: try tick(now: now)
        default: nil
        }
    }

    private func tick(now: Instant) throws(EstateRefusal) -> EstateRecord {
        guard let record = estate.decideTick(now: now) else { throw .nothingDue }
        return record
    }

    private func issuerRecord(
        _ command: Command, by principal: Principal, now: Instant
    ) throws(IssuerRefusal) -> IssuerRecord? {
        let staff = principal.staff
        switch command {
        case .addAccount(let id, let account): return try issuer.decideAccount(id, account)
        case .addCard(let key, let card): return try issuer.decideCard(key, card)
        case .setCardStatus(let key, let status): return try issuer.decideStatus(key, status, by: staff)
        case .setPIN(let key, let reference): return try issuer.decidePIN(key, reference, by: staff)
        case .setChip(let key, let chip): return try issuer.decideChip(key, chip, by: staff)
        case .confirmCase(let id, let factor):
            // An analyst has called the cardholder back and verified the caller; a cardholder brings the factor.
            return try issuer.decideConfirmation(id, by: staff, factor: factor || principal.role == .analyst, now: now)
        case .denyCase(let id): return try issuer.decideDenial(id, by: staff)
        case .freeze(let id): return try issuer.decideFreeze(id, by: staff)
        case .unfreeze(let id): return try issuer.decideUnfreeze(id, by: staff)
        case .addNotice(let key, let notice):
            return try issuer.decideNotice(key, notice, number: sequence + 1, by: staff, now: now)
        case .dispute(let key, let terminal, let merchant, let amount, let rrn):
            guard let card = issuer.cards[key] else { throw .unknownCard }
            let id = CaseID(UInt64(issuer.cases.count) + 1)
            var fraudCase = FraudCase(
                card: key, account: card.account, opened: now, terminal: terminal, merchant: merchant, amount: amount,
                rrn: rrn, reference: Self.reference(of: id), rules: [], stopped: false)
            fraudCase.isDispute = true
            return try issuer.decideDispute(id, fraudCase)
        default: return nil
        }
    }
}
