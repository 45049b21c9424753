// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import NIOCore
import SecurityModule
import Terminal
import Vocabulary

/// The till's side: sales, and what the display shows.
extension VirtualTerminal {
    func startSale(_ request: SaleRequest, outcome: EventLoopPromise<SaleOutcome>?) {
        lastOutcome = nil
        lastSettlement = nil
        if let outcome { outcomeWaiters.append(outcome) }
        handle(.startSale(request))
    }

    func cancel() { handle(.cancel) }

    func settle() {
        lastOutcome = nil
        lastSettlement = nil
        handle(.settle)
    }

    /// Ends trade: nothing is sold before the next sign-on.
    func signOff() { handle(.signOff) }

    /// Begins trade again, or takes a fresh lease.
    func signOn() { handle(.signOn) }

    var isReady: Bool { terminal.refusal(now: now()) == nil }
    var isSelling: Bool { terminal.isSelling }
    var status: ModuleStatus? { unit?.status(now: now()) }

    var screen: TerminalScreen {
        let status = status
        let isReached = !isModuleSilent && unit?.hardware.connectorSeated == true
        var screen = TerminalScreen(
            terminal: id, phase: phase(status), en: line.en, zh: line.zh,
            keypadCount: isReached ? status?.keypadCount : nil, warnings: terminal.openWarnings,
            openReversals: terminal.openReversalCount, lastOutcome: nil, lastReference: nil, lastCode: nil,
            challenge: nil, currency: terminal.configuration.currency)
        if let outage { screen.showOutage(outage) }
        switch lastOutcome {
        case .approved(let sale):
            screen.lastOutcome = "approved"
            screen.lastReference = sale.rrn
            screen.lastCode = sale.approvalCode
        case .declined(let sale):
            screen.lastOutcome = "declined"
            screen.lastCode = "\(sale.code)"
            screen.lastReference = sale.reference
            if sale.reading.action == .stepUp { screen.challenge = sale.reference }
        case .reversed(let reason, _):
            screen.lastOutcome = "reversed"
            screen.lastCode = reason.code
        case .refused(let refusal):
            screen.lastOutcome = "refused"
            screen.lastCode = refusal.sentence
        case .balance(let amounts, _):
            screen.lastOutcome = "approved"
            screen.lastReference = amounts.first { $0.kind == .available }
                .map { Money(minorUnits: $0.amount, $0.currency).description }
        case .pending: screen.lastOutcome = "pending"
        case nil: show(lastSettlement, on: &screen)
        }
        return screen
    }

    private func show(_ settlement: SettlementOutcome?, on screen: inout TerminalScreen) {
        switch settlement {
        case .closed(let batch, let totals, let isBalanced):
            screen.lastOutcome = isBalanced ? "settled" : "settledUnbalanced"
            screen.lastCode = "\(batch)"
            screen.lastReference =
                Money(minorUnits: totals.net, terminal.configuration.currency).description + " (\(totals.count))"
        case .refusedByHost(let reading):
            screen.lastOutcome = "declined"
            screen.lastCode = reading.map { "\($0.code)" }
        case .refused(let refusal):
            screen.lastOutcome = "refused"
            screen.lastCode = refusal.sentence
        case nil: break
        }
    }

    private func phase(_ status: ModuleStatus?) -> TerminalScreen.Phase {
        if terminal.isSelling { return status?.keypadCount == nil ? .busy : .pin }
        guard let refusal = terminal.refusal(now: now()) else { return .ready }
        if case .halted = refusal { return .halted }
        return terminal.isSignedOff ? .signedOff : .starting
    }
}
