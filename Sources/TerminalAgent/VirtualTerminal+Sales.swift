// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import NIOCore
import SecurityModule
import Terminal

/// The till's side: sales, and what the display shows.
extension VirtualTerminal {
    func startSale(_ request: SaleRequest, outcome: EventLoopPromise<SaleOutcome>?) {
        lastOutcome = nil
        if let outcome { outcomeWaiters.append(outcome) }
        handle(.startSale(request))
    }

    func cancel() { handle(.cancel) }

    var isReady: Bool { terminal.refusal(now: now()) == nil }
    var isSelling: Bool { terminal.isSelling }
    var status: ModuleStatus { module.status(now: now()) }

    var screen: TerminalScreen {
        let status = module.status(now: now())
        var screen = TerminalScreen(
            terminal: id, phase: phase(status), en: line.en, zh: line.zh,
            keypadCount: hardware.connectorSeated ? status.keypadCount : nil, warnings: terminal.openWarnings,
            openReversals: terminal.openReversalCount, lastOutcome: nil, lastReference: nil, lastCode: nil,
            challenge: nil, currency: terminal.configuration.currency)
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
        case nil: break
        }
        return screen
    }

    private func phase(_ status: ModuleStatus) -> TerminalScreen.Phase {
        if terminal.isSelling { return status.keypadCount == nil ? .busy : .pin }
        guard let refusal = terminal.refusal(now: now()) else { return .ready }
        if case .halted = refusal { return .halted }
        return .starting
    }
}
