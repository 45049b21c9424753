// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Vocabulary

/// A till that sells to cards of another issuer, one sale at a time: it waits, repeats the same bytes, and in the end
/// reverses until that is accepted.
final class SwitchTill {
    enum Step: Equatable {
        case signingOn
        case idle
        case selling
        case reversing
    }

    let terminal: RogueTerminal
    var step = Step.signingOn
    private(set) var approvedTotal: Int64 = 0
    private(set) var approved = 0
    private(set) var declined = 0
    private(set) var reversed = 0
    private var card: SimulatedCard?
    private var amount = Money(minorUnits: 0, .eur)
    private var stan: UInt64 = 0
    private var sold = Instant(seconds: 0)
    private(set) var bytes: [UInt8] = []
    private var patience = Instant(seconds: 0)

    init(_ terminal: RogueTerminal) { self.terminal = terminal }

    func sell(_ card: SimulatedCard, _ units: Int64, now: Instant) -> [UInt8]? {
        amount = Money(minorUnits: units, .eur)
        (self.card, sold, patience) = (card, now, now + .seconds(40))
        guard let sale = terminal.sale(card, amount: amount, at: now) else { return nil }
        stan = terminal.lastSTAN
        bytes = sale
        step = .selling
        return sale
    }

    /// What to send when nothing has come: the same once more, or a reversal.
    func again(now: Instant) -> [UInt8]? {
        switch step {
        case .signingOn: return terminal.hello(at: now)
        case .idle: return nil
        case .reversing: return bytes
        case .selling:
            guard now >= patience else { return bytes }
            return reverse(now: now)
        }
    }

    private func reverse(now: Instant) -> [UInt8]? {
        guard let card, let message = terminal.reversal(of: stan, sold: sold, card, amount: amount, at: now) else {
            return nil
        }
        step = .reversing
        bytes = message
        return message
    }

    /// - Returns: what to send now.
    func receive(_ answer: [UInt8], isRegretting: Bool, now: Instant) -> [UInt8]? {
        guard let view = try? MessageView(answer, spec: .iso8583_1987) else { return nil }
        switch step {
        case .signingOn:
            let next = terminal.receive(answer, at: now)
            if terminal.hasLease { step = .idle }
            return next
        case .idle: return nil
        case .selling:
            guard view.mti == .financialResponse, view.number(11) == stan else { return nil }
            guard view.text(39) == "00" else {
                declined += 1
                step = .idle
                // The outcome is unknown there: whoever is told so reverses.
                return view.text(39) == "91" ? reverse(now: now) : nil
            }
            if isRegretting { return reverse(now: now) }
            approved += 1
            approvedTotal += amount.minorUnits
            step = .idle
        case .reversing:
            guard view.mti == .reversalResponse, ["00", "25"].contains(view.text(39)) else { return nil }
            reversed += 1
            step = .idle
        }
        return nil
    }
}
