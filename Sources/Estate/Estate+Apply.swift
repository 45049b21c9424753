// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

extension Estate {
    /// The only mutation, live and in recovery.
    public mutating func apply(_ record: EstateRecord, at: Instant) {
        switch record {
        case .merchantAdded(let id, let merchant): merchants.insert(id, merchant)
        case .terminalAdded(let id, let terminal): terminals.insert(id, terminal)
        case .activationAsked(let id, let staff): change(id) { $0.activationAskedBy = staff }
        case .activationApproved(let id, let staff): change(id) { $0.activationApprovedBy = staff }
        case .compatibilitySet(let range, _): compatibility = range
        case .terminalRegistered(let id, let terminal):
            terminals.insert(id, terminal)
            change(id) { $0.lifecycle = .manufactured }
        case .leaseGranted(let usage, let lease, let evidence):
            apply(before(SignedOn(usage: usage, lease: lease, evidence: evidence)), at: at)
        case .sessionGranted(let usage, let lease, let evidence, let session):
            apply(before(SignedOn(usage: usage, lease: lease, evidence: evidence, session: session)), at: at)
        case .signedOn(let signedOn): apply(signedOn, at: at)
        case .swapRefused(let usage, let serial):
            apply(usage, at: at)
            change(usage.terminal) { $0.dossier.claimant = serial }
            raise([RaisedWarning(.t05)], on: usage.terminal, at: at)
        case .proposed(let order, let staff): propose(order, by: staff, at: at)
        case .ordered(let order, let people): apply(order, by: people, at: at)
        case .acted(let act, let staff): apply(act, by: staff, at: at)
        case .ticked(let changes): for change in changes { apply(change, at: at) }
        case .logTaken(let taken): apply(taken, at: at)
        case .signOnRefused(let usage, let raised, let evidence):
            apply(usage, at: at)
            change(usage.terminal) { terminal in
                guard let evidence else { return }
                terminal.note(evidence)
                // The evidence is authentic: what it says it has counted is reported from now on.
                terminal.eventCounter = max(terminal.eventCounter, evidence.eventCounter)
            }
            raise(raised, on: usage.terminal, at: at)
        case .reported(let id, let usage, let raised, let eventCounter):
            if let usage { apply(usage, at: at) }
            if let eventCounter { change(id) { $0.eventCounter = max($0.eventCounter, eventCounter) } }
            raise(raised, on: id, at: at)
        case .warningCleared(let id, let code, let staff):
            change(id) { $0.clear(code, by: staff, at: at) }
        case .suspended(let id, _): move(id, .suspend)
        case .resumed(let id, _):
            move(id, .resume)
            // A warning that was open before the suspension still halts.
            if terminals[id]?.warnings.contains(where: { $0.halts == .all }) == true { move(id, .halt) }
        }
    }

    /// What any authentic message uses up.
    public mutating func apply(_ usage: TerminalUsage, at: Instant) {
        change(usage.terminal) { terminal in
            switch terminal.ksn.classify(usage.ksnCounter, digest: usage.digest) {
            case .fresh: terminal.ksn.insert(usage.ksnCounter, digest: usage.digest)
            case .otherBytes: terminal.ksnConflicts &+= 1
            case .sameBytes, .tooOld: break
            }
            if let session = usage.session { terminal.session.confirm(session) }
            terminal.lastSeen = at
            // Whoever is heard is not missing.
            if !terminal.warnings.isEmpty { terminal.warnings.removeAll { $0.code == .p03 } }
            guard let counter = usage.healthCounter else { return }
            if terminal.health.classify(counter) == .fresh { terminal.health.insert(counter) }
            if usage.selfTestNumber > terminal.selfTestNumber {
                terminal.selfTestNumber = usage.selfTestNumber
                terminal.selfTestAt = at
            }
        }
    }

    /// A record of before sign-ons said what they close.
    private func before(_ signedOn: SignedOn) -> SignedOn {
        var signedOn = signedOn
        signedOn.closed = terminals[signedOn.usage.terminal].map { Self.closedByGrant($0.warnings) } ?? []
        return signedOn
    }

    private mutating func apply(_ signedOn: SignedOn, at: Instant) {
        let id = signedOn.usage.terminal
        apply(signedOn.usage, at: at)
        guard let lifecycle = terminals[id]?.lifecycle else { return }
        close(signedOn.closed, on: id, at: at)
        let evidence = signedOn.evidence
        change(id) { terminal in
            terminal.lease = signedOn.lease
            terminal.leaseCount = signedOn.lease.id
            terminal.eventCounter = evidence.eventCounter
            terminal.attestedEvent = evidence.eventCounter
            terminal.selfTestNumber = evidence.selfTestNumber
            terminal.selfTestAt = at - .seconds(Int64(evidence.selfTestAgeSeconds))
            terminal.deathTokenHash = evidence.deathTokenHash
            terminal.linkTokenHash = evidence.linkTokenHash
            terminal.note(evidence)
            terminal.lastTrade = terminal.lastTrade ?? at
            terminal.dossier.isMaintenanceOver = false
            if let keys = evidence.device?.inventory, !keys.isEmpty { terminal.dossier.inventory = keys }
            if let session = signedOn.session { terminal.session.begin(session, at: at) }
        }
        raise(signedOn.raised, on: id, at: at)
        if let event = Self.event(ofGrantIn: lifecycle) { move(id, event) }
    }

    /// What an accepted sign-on does to a terminal's lifecycle.
    public static func event(ofGrantIn lifecycle: Lifecycle) -> LifecycleEvent? {
        switch lifecycle {
        case .commissioned: .activate
        case .halted: .clear
        case .maintenance: .leaveMaintenance
        default: nil
        }
    }

    /// The terminal has sold something.
    public mutating func noteTrade(_ index: Int, at: Instant) {
        terminals.values[index].lastTrade = max(terminals.values[index].lastTrade ?? at, at)
    }

    mutating func close(_ codes: [WarningCode], on id: TerminalID, at: Instant) {
        guard !codes.isEmpty else { return }
        change(id) { terminal in
            for code in codes { terminal.dossier.noteClosure(code, at: at) }
            if codes.contains(.t05) { terminal.dossier.claimant = nil }
            terminal.warnings.removeAll { codes.contains($0.code) }
        }
    }

    /// Opens warnings that are not open yet, promotes those that are, and moves the lifecycle as the catalogue says. What
    /// people agreed to about the lesser severity does not clear the graver one.
    mutating func raise(_ warnings: [RaisedWarning], on id: TerminalID, at: Instant) {
        change(id) { terminal in
            for warning in warnings {
                guard let index = terminal.warnings.firstIndex(where: { $0.code == warning.code }) else {
                    var opened = OpenWarning(warning, since: at)
                    opened.isRepeated = terminal.dossier.isRepeated(warning.code, at: at)
                    terminal.warnings.append(opened)
                    continue
                }
                guard warning.severity.isGraver(than: terminal.warnings[index].severity) else { continue }
                terminal.warnings[index].severity = warning.severity
                terminal.warnings[index].graded = at
                terminal.warnings[index].clearedBy = []
            }
        }
        if let event = Self.lifecycleEvent(of: warnings) { move(id, event) }
    }

    mutating func move(_ id: TerminalID, _ event: LifecycleEvent) {
        change(id) { terminal in
            if let next = Lifecycle.allows(terminal.lifecycle, event) { terminal.lifecycle = next }
        }
    }

    mutating func change(_ id: TerminalID, _ body: (inout EstateTerminal) -> Void) {
        guard let index = terminals.find(id) else { return }
        body(&terminals.values[index])
    }

    /// For the simulator's sabotage alone: every lease lasts for ever.
    package mutating func extendLeases() {
        for index in terminals.values.indices where terminals.values[index].lease != nil {
            terminals.values[index].lease?.expires = Instant(microseconds: .max)
        }
    }
}

extension EstateTerminal {
    /// What authentic evidence says of the device. One that was permitted takes the place of the one before.
    mutating func note(_ evidence: EvidenceClaims) {
        firmware = evidence.firmware
        application = evidence.application
        if evidence.serial != serial, evidence.serial == dossier.permit?.serial {
            serial = evidence.serial
            device = nil
            (dossier.permit, dossier.claimant, dossier.logHead) = (nil, nil, nil)
            (dossier.identityKey, dossier.log) = ([], CollectedLog())
        }
        if let identity = evidence.identity {
            // The first one that evidence tells of, and no other (`identityFault`).
            if dossier.identityKey.isEmpty { dossier.identityKey = identity.key }
            dossier.log.attestedEpoch = identity.logEpoch
        }
        device = evidence.device ?? device
        // What contradicts the log that is known takes no place in it.
        if let head = evidence.logHead, !dossier.isLogContradicted(by: head) { dossier.logHead = head }
    }

    /// One person's clearance, and what it says: a place was explained, a merchant verified, keys looked at, a broken log
    /// investigated.
    fileprivate mutating func clear(_ code: WarningCode, by staff: StaffID, at: Instant) {
        for index in warnings.indices where warnings[index].code == code { warnings[index].clearedBy.append(staff) }
        switch code {
        case .t04: dossier.explainedPosition = device?.position
        case .a05: dossier.verifiedAt = at
        case .k02: dossier.inventory = device?.inventory ?? []
        case .s06 where warnings.contains { $0.code == .s06 && $0.isCleared }:
            dossier.logHead = nil
            dossier.log.awaitsEpoch = true
        default: break
        }
    }
}
