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
        case .leaseGranted(let usage, let lease, let evidence):
            apply(usage, at: at)
            grant(lease, evidence, to: usage.terminal, at: at)
        case .sessionGranted(let usage, let lease, let evidence, let session):
            apply(usage, at: at)
            grant(lease, evidence, to: usage.terminal, at: at)
            change(usage.terminal) { $0.session.begin(session, at: at) }
        case .signOnRefused(let usage, let raised, let evidence):
            apply(usage, at: at)
            change(usage.terminal) { terminal in
                guard let evidence else { return }
                terminal.firmware = evidence.firmware
                terminal.application = evidence.application
                terminal.device = evidence.device ?? terminal.device
                // The evidence is authentic: what it says it has counted is reported from now on.
                terminal.eventCounter = max(terminal.eventCounter, evidence.eventCounter)
            }
            raise(raised, on: usage.terminal, at: at)
        case .reported(let id, let usage, let raised, let eventCounter):
            if let usage { apply(usage, at: at) }
            if let eventCounter { change(id) { $0.eventCounter = max($0.eventCounter, eventCounter) } }
            raise(raised, on: id, at: at)
        case .warningCleared(let id, let code, let staff):
            change(id) { terminal in
                for index in terminal.warnings.indices where terminal.warnings[index].code == code {
                    terminal.warnings[index].clearedBy.append(staff)
                }
            }
        case .suspended(let id, _): move(id, .suspend)
        case .resumed(let id, _):
            move(id, .resume)
            // A warning that was open before the suspension still halts.
            if terminals[id]?.warnings.contains(where: { $0.effect.halts == .all }) == true { move(id, .halt) }
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
            guard let counter = usage.healthCounter else { return }
            if terminal.health.classify(counter) == .fresh { terminal.health.insert(counter) }
            if usage.selfTestNumber > terminal.selfTestNumber {
                terminal.selfTestNumber = usage.selfTestNumber
                terminal.selfTestAt = at
            }
        }
    }

    private mutating func grant(_ lease: Lease, _ evidence: EvidenceClaims, to id: TerminalID, at: Instant) {
        guard let index = terminals.find(id) else { return }
        let before = terminals.values[index]
        let remaining = before.warnings.filter {
            $0.effect.halts == .none && !maySignOnClear($0.code, before, evidence)
        }
        terminals.values[index].warnings = remaining
        change(id) { terminal in
            terminal.lease = lease
            terminal.leaseCount = lease.id
            terminal.eventCounter = evidence.eventCounter
            terminal.attestedEvent = evidence.eventCounter
            terminal.selfTestNumber = evidence.selfTestNumber
            terminal.selfTestAt = at - .seconds(Int64(evidence.selfTestAgeSeconds))
            terminal.deathTokenHash = evidence.deathTokenHash
            terminal.linkTokenHash = evidence.linkTokenHash
            terminal.firmware = evidence.firmware
            terminal.application = evidence.application
            terminal.device = evidence.device ?? terminal.device
        }
        switch before.lifecycle {
        case .commissioned: move(id, .activate)
        case .halted: move(id, .clear)
        default: break
        }
    }

    /// Opens warnings that are not open yet, promotes those that are, and moves the lifecycle as the catalogue says. What
    /// people agreed to about the lesser severity does not clear the graver one.
    private mutating func raise(_ warnings: [RaisedWarning], on id: TerminalID, at: Instant) {
        change(id) { terminal in
            for warning in warnings {
                guard let index = terminal.warnings.firstIndex(where: { $0.code == warning.code }) else {
                    terminal.warnings.append(OpenWarning(warning, since: at))
                    continue
                }
                guard warning.severity.isGraver(than: terminal.warnings[index].severity) else { continue }
                terminal.warnings[index].severity = warning.severity
                terminal.warnings[index].clearedBy = []
            }
        }
        if let event = Self.lifecycleEvent(of: warnings) { move(id, event) }
    }

    private mutating func move(_ id: TerminalID, _ event: LifecycleEvent) {
        change(id) { terminal in
            if let next = Lifecycle.allows(terminal.lifecycle, event) { terminal.lifecycle = next }
        }
    }

    private mutating func change(_ id: TerminalID, _ body: (inout EstateTerminal) -> Void) {
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
