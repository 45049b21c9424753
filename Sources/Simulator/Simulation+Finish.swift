// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Terminal
import Vocabulary

extension Simulation {
    /// Everything has had its time to settle: terminal and host must agree, money must add up, and whoever is healthy
    /// must be able to trade (I3, I12, I14).
    func finish() {
        if checker.violations.isEmpty, let engine = host.engine {
            settleHost(engine)
            for terminal in terminals { settle(terminal) }
        } else if host.engine == nil {
            checker.report("I12", "the host is still away", at: now)
        }
        report.settled = checker.batches
        report.otherKinds = checker.otherKinds
        for terminal in terminals {
            report.approved += terminal.approved.count
            for outcome in terminal.outcomes {
                switch outcome {
                case .approved, .balance, .pending: break
                case .declined: report.declined += 1
                case .reversed: report.reversed += 1
                case .refused: report.refused += 1
                }
            }
        }
        if let engine = host.engine { observed.update(engine.host.digest()) }
        report.digest = observed.finalize()
        report.violations = checker.violations
    }

    private func settleHost(_ engine: HostEngine) {
        while !engine.isIdle { landed() }
        if let id = rogue?.id, let terminal = engine.host.estate.terminals[id] {
            report.contradictions = Int(terminal.ksnConflicts)
            report.isCloneFound = terminal.warnings.contains { $0.code == .k04 } && terminal.lifecycle == .halted
            if (terminal.ksnConflicts > 0) != terminal.warnings.contains(where: { $0.code == .k04 }) {
                checker.report("R9", "a contradiction without K04, or K04 without one", at: now)
            }
        }
        for sentence in engine.host.brokenInvariants() { checker.report("host", sentence, at: now) }
        if host.recoveredDigest() != engine.host.digest() {
            checker.report("I14", "digest(live) ≠ digest(recovered)", at: now)
        }
        checker.settle(engine.host, at: now)
    }

    private func settle(_ simulated: SimulatedTerminal) {
        let id = simulated.configuration.terminal
        simulated.noteBatch()
        let isDead = simulated.module.status(now: now).state == .tampered
        // Without its keys a terminal delivers no reversal and no refund any more: its sealed journal does. What it had told
        // the clerk to wait for is promised.
        checker.settle(
            id, approved: simulated.approved, promised: isDead ? simulated.terminal.pendingRefunds : [], at: now)
        guard !isDead else {
            if simulated.terminal.undeliveredRecordCount > 0 {
                checker.report("R8", "\(id) keeps sealed records", at: now)
            }
            return
        }
        if simulated.terminal.openReversalCount > 0 { checker.report("I12", "\(id) still has open reversals", at: now) }
        if simulated.terminal.isSettling || !simulated.terminal.batch.isEmpty {
            checker.report("I12", "\(id) could not end its batch", at: now)
        }
        if let refusal = simulated.terminal.refusal(now: now) {
            checker.report("I12", "\(id) cannot trade: \(refusal)", at: now)
        }
    }
}
