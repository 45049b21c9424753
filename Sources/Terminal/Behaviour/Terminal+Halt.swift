// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// Warnings, and what they stop. Nothing here clears one but its cause: the module's own word, an accepted sign-on, or a
/// delivered backlog.
extension Terminal {
    /// Raises a warning of the terminal's own. An open one gets graver and never milder.
    ///
    /// - Parameters:
    ///   - severity: where it is not the one the code begins at.
    ///   - needsOrder: the host must name it in a ticket; the end of its cause is not enough.
    mutating func raise(
        _ code: WarningCode, at severity: Severity? = nil, needsOrder: Bool = false, _ step: inout Step
    ) {
        let severity = severity ?? (code == .p02 && isReloaded(step.now) ? .s2 : code.severity)
        var warning = OwnWarning(code: code, severity: severity, since: step.now, needsOrder: needsOrder)
        if let open = book.service.warning(code) {
            let isGraver = severity.isGraver(than: open.severity)
            guard isGraver || (needsOrder && !open.needsOrder) else { return }
            if !isGraver { (warning.severity, warning.since) = (open.severity, open.since) }
            warning.needsOrder = needsOrder || open.needsOrder
        }
        record(.service(.raised(warning)), &step)
    }

    mutating func clear(_ code: WarningCode, _ step: inout Step) { record(.service(.cleared(code)), &step) }

    /// The parameters were loaded again not long ago: a fault of the application is graver then (P02).
    private func isReloaded(_ now: Instant) -> Bool {
        book.service.reloadedAt.map { now - $0 < ServiceBook.reloadWindow } ?? false
    }

    /// What all open warnings together stop. A module that is not ready stops everything, whatever it names; one that
    /// claims to be ready does not outweigh a warning that stops.
    var halt: Halt {
        var worst = Halt.none
        if let status = module.status, status.state != .ready || !status.lifecycle.mayTrade { worst = .all }
        for warning in openWarnings { worst = max(worst, stop(of: warning)) }
        return worst
    }

    /// The open warnings that stop something.
    var stoppingWarnings: [WarningCode] { openWarnings.filter { stop(of: $0) != .none } }

    private func stop(of warning: WarningCode) -> Halt {
        // A host that refuses to let the terminal sign on stops it, whatever the code does elsewhere.
        if hostWarnings.contains(warning) { return .all }
        let raised = ownWarnings + (module.status?.openWarnings ?? [])
        return raised.lazy.filter { $0.code == warning }.map(\.effect.halts).max() ?? .none
    }

    /// Draws the conclusions of everything that is open: in the step in which a warning is learnt of, sales stop, the
    /// clerk is told, and the report is on its way.
    mutating func settleWarnings(_ step: inout Step) {
        let open = openWarnings
        let halt = halt
        reportNewWarnings(&step)
        if halt == .all {
            if let line, line.purpose == .sale { failExchange(.halted, &step) }
            if signOn.leaseExpires != nil { requireSignOn(step.now) }
        }
        if halt != .none, let sale, sale.stage != .inExchange || line?.isSent == false, !isAwaitingSignOn {
            if line?.purpose == .sale { closeLine(&step) }
            refuseSale(.halted(stoppingWarnings), &step)
        }
        // The clerk is shown what becomes of the sale.
        guard !isAwaitingSignOn else { return }
        let stops = open.filter { stop(of: $0) != .none }
        guard halt != toldHalt || stops != toldStops else { return }
        if halt != .none {
            step.halt(stops)
            if halt == .all { step.show(.text("terminal.stopped")) }
            for warning in stops where !toldStops.contains(warning) || toldHalt == .none {
                step.show(.warning(warning))
            }
            if halt == .all { step.show(.text("terminal.reportIt")) }
        } else if refusal(now: step.now) == nil, toldHalt != .none {
            step.show(.text("terminal.ready"))
        }
        toldHalt = halt
        toldStops = stops
    }

    /// What the application found by itself, and what was over before its report could leave, would stop the terminal for
    /// nothing: no event counter tells the host how old it is.
    private mutating func dropPastReports(_ step: inout Step) {
        let past = book.reports.filter { report in
            line?.purpose != .report(report.stan)
                && report.codes.allSatisfy { WarningCode.foundByApplication.contains($0) && !openWarnings.contains($0) }
        }
        for report in past {
            record(.reportDone(report.stan), &step)
            step.log(.reportDropped(report.stan))
        }
    }

    /// Writes a report of what module and terminal have found; what the host has named it knows.
    private mutating func reportNewWarnings(_ step: inout Step) {
        let raised = ownWarnings + (module.status?.openWarnings ?? [])
        let found = raised.isEmpty ? [] : WarningCode.allCases.filter { raised.contains($0) }
        dropPastReports(&step)
        let fresh = found.filter { code in
            !reportedWarnings.contains(code) && !book.reports.contains { $0.codes.contains(code) }
        }
        reportedWarnings = found
        guard !fresh.isEmpty, isPowered else { return }
        record(.report(WarningReport(stan: takeSTAN(), codes: fresh, at: step.now)), &step)
    }
}
