// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// Tickets: pure functions of the estate before the sign-on's record is applied.
extension Estate {
    /// The ticket that goes out with a granted lease.
    public func ticket(_ signedOn: SignedOn, now: Instant) -> LeaseTicket? {
        guard let terminal = terminals[signedOn.usage.terminal] else { return nil }
        let facts = SignOnFacts(terminal: terminal, evidence: signedOn.evidence, reported: [], causes: [])
        let claimed = signedOn.evidence.openWarnings.codes.filter { code in
            mayClear(code, facts) && !terminal.warnings.contains { $0.code == code }
        }
        var ticket = ticket(
            terminal, signedOn.evidence, lease: signedOn.lease.id,
            seconds: UInt32(clamping: (signedOn.lease.expires - now).microseconds / 1_000_000),
            cleared: signedOn.closed + claimed, now: now)
        // What the module attests to be settled the host needs no more: it came by the normal way, or never will.
        ticket.acknowledgedJournal = signedOn.evidence.device?.journalIndex ?? 0
        return ticket
    }

    /// What a module is told although its sign-on was refused: orders, acknowledgements, what it is bound to. Nil where
    /// there is nothing to tell, or nothing authentic to answer.
    public func ticket(refusing record: EstateRecord, now: Instant) -> LeaseTicket? {
        guard case .signOnRefused(let usage, _, let evidence?) = record, let terminal = terminals[usage.terminal],
            evidence.serial == terminal.serial, evidence.identityEpoch == terminal.identityEpoch
        else { return nil }
        var ticket = ticket(
            terminal, evidence, lease: terminal.lease?.id ?? 0, seconds: 0, cleared: [], now: now)
        ticket.grantsLease = false
        let isBound = evidence.device.map { $0.binding == ticket.binding } ?? true
        // A log with room in it can wait for the next lease.
        let isFreed = ticket.acknowledgedLog > 0 && evidence.openWarnings.contains(.s05)
        let isTold = ticket.orders.isEmpty && !isFreed && ticket.acknowledgedJournal == 0 && isBound
        return isTold ? nil : ticket
    }

    private func ticket(
        _ terminal: EstateTerminal, _ evidence: EvidenceClaims, lease: UInt32, seconds: UInt32,
        cleared: [WarningCode], now: Instant
    ) -> LeaseTicket {
        var ticket = LeaseTicket(
            leaseID: lease, identityEpoch: terminal.identityEpoch, nonce: evidence.nonce, validForSeconds: seconds,
            activated: terminal.activationApprovedBy != nil, firmwareMinimum: compatibility.minimum,
            firmwareMaximum: compatibility.maximum, cleared: cleared, hostTime: now)
        ticket.binding = binding(terminal, serial: evidence.serial)
        ticket.acknowledgedLog = terminal.dossier.log.acknowledged(evidence)
        var attested = terminal
        attested.dossier.log.attestedEpoch = evidence.identity?.logEpoch ?? 0
        ticket.orders = orders(attested)
        return ticket
    }

    /// What the module is to do. Each stands until its effect is seen, so that a lost answer loses none: a device that
    /// was to be erased goes to the service centre, revoked keys are replaced, a cleared warning closes.
    func orders(_ terminal: EstateTerminal) -> [ModuleOrder] {
        func isOpen(_ code: WarningCode, people: Int) -> Bool {
            terminal.warnings.contains { $0.code == code && $0.clearedBy.count >= people }
        }
        var orders: [ModuleOrder] = []
        if let code = terminal.dossier.erasure { orders.append(.eraseEverything(code)) }
        if policy.isRevoked(terminal.keySet), isOpen(.k01, people: 0) {
            orders.append(.revokeKeys(keySet: terminal.keySet))
        }
        if isOpen(.k07, people: 1) { orders.append(.unlockSupervisors) }
        // Until evidence tells of a new epoch.
        let log = terminal.dossier.log
        let isEpochDue = log.awaitsEpoch && log.attestedEpoch > 0 && log.attestedEpoch <= log.position.epoch
        if isOpen(.s06, people: 2) || isEpochDue { orders.append(.beginLogEpoch) }
        return orders
    }

    /// The orders that wait for the terminal's next sign-on, for who looks after it.
    public func pendingOrders(of id: TerminalID) -> [ModuleOrder] { terminals[id].map(orders) ?? [] }
}
