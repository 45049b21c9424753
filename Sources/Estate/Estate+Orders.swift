// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

extension Estate {
    /// One person's half of an order. The first proposes, another one within a day has it done.
    public func decideOrder(
        _ order: EstateOrder, by staff: StaffID, now: Instant
    ) throws(EstateRefusal) -> EstateRecord {
        if let id = order.terminal {
            guard let terminal = terminals[id] else { throw .unknownTerminal }
            try check(order, of: terminal)
        } else {
            try check(order, now: now)
        }
        guard let proposal = proposals.last(where: { $0.order == order && now - $0.at < Proposal.lifetime }) else {
            return .proposed(order, by: staff)
        }
        guard proposal.by != staff else { throw .secondPersonRequired }
        return .ordered(order, by: [proposal.by, staff])
    }

    private func check(_ order: EstateOrder, of terminal: EstateTerminal) throws(EstateRefusal) {
        let isInService = [.active, .halted, .suspended, .maintenance].contains(terminal.lifecycle)
        var isAllowed = !order.events(from: terminal.lifecycle).isEmpty
        switch order {
        case .receive(_, let seal):
            if isAllowed, terminal.dossier.shipment?.seal != seal { throw .sealMismatch }
        case .issueKeys(_, let keySet):
            isAllowed = isInService || terminal.lifecycle == .commissioned
            if isAllowed { try checkFresh(keySet, terminal) }
        case .permitSwap(_, let serial):
            isAllowed = isInService
            if terminals.values.contains(where: { $0.serial == serial && $0.lifecycle != .decommissioned }) {
                throw .alreadyExists
            }
        case .erase(_, let code):
            let isOrdered = terminal.dossier.erasure != nil
            guard Self.erasable.contains(code), terminal.warnings.contains(where: { $0.code == code }) else {
                throw .warningNotOpen
            }
            isAllowed = isAllowed && !isOrdered
        case .takeIntoServiceCentre:
            let isStuck = terminal.warnings.contains { $0.clearance == .sc }
            isAllowed = isAllowed && (isStuck || terminal.lifecycle == .tampered || terminal.lifecycle == .lost)
        case .reidentify(_, _, let keySet):
            isAllowed = isAllowed && terminal.identityEpoch < .max
            if isAllowed { try checkFresh(keySet, terminal) }
        default: break
        }
        guard isAllowed else { throw .notAllowed(terminal.lifecycle) }
    }

    /// What two people may have erased (rule R9).
    static let erasable: [WarningCode] = [.k04, .t03]

    /// Key sets only rise, so that no terminal is ever given old keys again.
    private func checkFresh(_ keySet: UInt16, _ terminal: EstateTerminal) throws(EstateRefusal) {
        guard keySet > terminal.keySet, !policy.isRevoked(keySet) else { throw .keySetNotFresh }
    }

    private func check(_ order: EstateOrder, now: Instant) throws(EstateRefusal) {
        switch order {
        case .revokeKeySet(let keySet, let since):
            guard !policy.isRevoked(keySet), policy.revoked.count < EstatePolicy.revokedMax else {
                throw .alreadyExists
            }
            guard since <= now else { throw .outOfBounds }
        case .extendLeases(let until):
            guard now < until, until <= now + EstatePolicy.extensionMax else { throw .outOfBounds }
        case .trustSupplier(let key):
            guard (try? P256PublicKey(key))?.compressed == key else { throw .notTrusted }
        default: break
        }
    }
}

extension EstateOrder {
    /// How it moves a terminal that is in this state; empty where it does not.
    public func events(from lifecycle: Lifecycle) -> [LifecycleEvent] {
        let events: [LifecycleEvent] =
            switch self {
            case .receive: [.receive]
            case .loadInitialKeys: [.loadInitialKeys]
            case .erase: [.tamper]
            // A device is opened there: whatever it still holds counts as gone.
            case .takeIntoServiceCentre:
                lifecycle == .tampered || lifecycle == .lost
                    ? [.takeIntoServiceCentre] : [.tamper, .takeIntoServiceCentre]
            case .reidentify: [.reidentify]
            case .retire: [.retire]
            case .issueKeys, .permitSwap, .revokeKeySet, .extendLeases, .trustSupplier: []
            }
        var state = lifecycle
        for event in events {
            guard let next = Lifecycle.allows(state, event) else { return [] }
            state = next
        }
        return events
    }

    /// What it opens at the terminals that it is about.
    public var raised: [RaisedWarning] {
        switch self {
        case .revokeKeySet: [RaisedWarning(.k01)]
        case .erase(_, .t03): [RaisedWarning(.t03, .s1)]
        default: []
        }
    }

    /// What its two people have cleared by giving it.
    public var cleared: [WarningCode] {
        if case .permitSwap = self { [.t05, .l02] } else { [] }
    }
}

// MARK: - Applying

extension Estate {
    mutating func apply(_ order: EstateOrder, by people: [StaffID], at: Instant) {
        proposals.removeAll { $0.order == order }
        switch order {
        case .revokeKeySet(let keySet, let since):
            policy.revoked.append(EstatePolicy.Revocation(keySet: keySet, since: since))
            for (id, terminal) in zip(terminals.keys, terminals.values)
            where terminal.keySet == keySet && terminal.lifecycle != .decommissioned {
                raise(order.raised, on: id, at: at)
            }
        case .extendLeases(let until):
            policy.outage = EstatePolicy.LeaseExtension(until: until, people: people, at: at)
        case .trustSupplier(let key): policy.supplierKey = key
        default:
            guard let id = order.terminal, let lifecycle = terminals[id]?.lifecycle else { return }
            for event in order.events(from: lifecycle) { move(id, event) }
            change(id) { $0.apply(order, by: people, at: at) }
            raise(order.raised, on: id, at: at)
        }
    }

    mutating func propose(_ order: EstateOrder, by staff: StaffID, at: Instant) {
        proposals.removeAll { $0.order == order || at - $0.at >= Proposal.lifetime }
        if proposals.count == Proposal.waitingMax { proposals.removeFirst() }
        proposals.append(Proposal(order, by: staff, at: at))
    }
}

extension EstateTerminal {
    fileprivate mutating func apply(_ order: EstateOrder, by people: [StaffID], at: Instant) {
        for index in warnings.indices where order.cleared.contains(warnings[index].code) {
            warnings[index].clearedBy = people
        }
        switch order {
        case .receive: dossier.shipment = nil
        case .issueKeys(_, let keySet): take(keySet, at: at)
        case .permitSwap(_, let serial):
            dossier.permit = TerminalDossier.SwapPermit(serial: serial, people: people, at: at)
        case .erase(_, let code): dossier.erasure = code
        case .takeIntoServiceCentre:
            dossier.custody = TerminalDossier.Custody(people: people, at: at)
            lease = nil
        case .reidentify(_, let serial, let keySet):
            identityEpoch += 1
            self.serial = serial
            (activationAskedBy, activationApprovedBy) = (nil, nil)
            (deathTokenHash, linkTokenHash, device) = (nil, nil, nil)
            (firmware, application, lastTrade) = (nil, nil, nil)
            (ksnConflicts, warnings, dossier) = (0, [], TerminalDossier())
            take(keySet, at: at)
        case .retire: lease = nil
        case .loadInitialKeys, .revokeKeySet, .extendLeases, .trustSupplier: break
        }
    }

    /// Under new keys everything is counted anew, and nothing that the old ones protected is authentic any more.
    private mutating func take(_ keySet: UInt16, at: Instant) {
        self.keySet = keySet
        lease = nil
        (ksn, health, session) = (KSNWindow(), CounterWindow(), TerminalSession())
        (eventCounter, attestedEvent, selfTestNumber, selfTestAt) = (0, nil, 0, .epoch)
        (dossier.keysIssuedAt, dossier.inventory) = (at, [])
    }
}
