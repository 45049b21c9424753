// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import Vocabulary

/// A till that trades with cards of another issuer, one transaction of any kind at a time: it waits, repeats the same
/// bytes, and in the end reverses until that is accepted. A refund it repeats until it is answered.
final class SwitchTill {
    enum Step: Equatable {
        case signingOn
        case idle
        case trading
        case reversing
    }

    /// What was approved and can be referred to.
    struct Slip {
        var kind: TransactionKind
        var card: SimulatedCard
        var amount: Int64
        /// What a pre-authorisation held, for what comes after it.
        var held: Int64
        var reference: String
    }

    let terminal: RogueTerminal
    var step = Step.signingOn
    private(set) var totals = BatchTotals()
    private(set) var held: Int64 = 0
    private(set) var approved: [TransactionKind: Int] = [:]
    private(set) var declined = 0
    private(set) var reversed = 0
    private var card: SimulatedCard?
    private var kind = TransactionKind.purchase
    private var original: Slip?
    private var amount = Money(minorUnits: 0, .eur)
    private var stan: UInt64 = 0
    private var sold = Instant(seconds: 0)
    private(set) var bytes: [UInt8] = []
    private var patience = Instant(seconds: 0)

    init(_ terminal: RogueTerminal) { self.terminal = terminal }

    func trade(
        _ kind: TransactionKind, _ card: SimulatedCard, _ units: Int64, of original: Slip?, now: Instant
    ) -> [UInt8]? {
        amount = Money(minorUnits: units, .eur)
        (self.kind, self.card, self.original, sold, patience) = (kind, card, original, now, now + .seconds(40))
        let pin: [UInt8] = kind == .balance ? [1, 2, 3, 4] : []
        guard
            let message = terminal.transaction(
                kind, card, amount: amount, of: original?.reference, pin: pin, at: now)
        else { return nil }
        stan = terminal.lastSTAN
        bytes = message
        step = .trading
        return message
    }

    /// What to send when nothing has come: the same once more, or a reversal.
    func again(now: Instant) -> [UInt8]? {
        switch step {
        case .signingOn: return terminal.hello(at: now)
        case .idle: return nil
        case .reversing: return bytes
        case .trading:
            guard now >= patience, kind != .refund else { return bytes }
            guard kind.isReversed else {
                step = .idle
                return nil
            }
            return reverse(now: now)
        }
    }

    private func reverse(now: Instant) -> [UInt8]? {
        guard let card,
            let message = terminal.reversal(of: stan, sold: sold, card, amount: amount, kind: kind, at: now)
        else { return nil }
        step = .reversing
        bytes = message
        return message
    }

    /// - Parameter slip: what was approved for good.
    /// - Returns: what to send now.
    func receive(_ answer: [UInt8], isRegretting: Bool, slip: inout Slip?, now: Instant) -> [UInt8]? {
        guard let view = try? MessageView(answer, spec: terminal.spec) else { return nil }
        switch step {
        case .signingOn:
            let next = terminal.receive(answer, at: now)
            if terminal.hasLease { step = .idle }
            return next
        case .idle: return nil
        case .trading:
            guard view.mti == MTI(rawValue: kind.messageType)?.response, view.number(11) == stan else { return nil }
            guard view.text(39) == "00" else {
                declined += 1
                step = .idle
                // The outcome is unknown there: whoever is told so reverses.
                return view.text(39) == "91" && kind.isReversed ? reverse(now: now) : nil
            }
            if isRegretting, kind.isReversed { return reverse(now: now) }
            book(view.text(37) ?? "", &slip)
            step = .idle
        case .reversing:
            guard view.mti == .reversalResponse, ["00", "25"].contains(view.text(39)) else { return nil }
            reversed += 1
            step = .idle
        }
        return nil
    }

    private func book(_ reference: String, _ slip: inout Slip?) {
        approved[kind, default: 0] += 1
        totals.add(amount.minorUnits, kind.side)
        let before = original?.held ?? 0
        switch kind {
        case .preAuthorisation: held += amount.minorUnits
        case .preAuthorisationVoid, .completion: held -= before
        case .completionVoid: held += before
        case .purchase, .purchaseVoid, .refund, .balance: break
        }
        guard let card, kind != .balance else { return }
        slip = Slip(
            kind: kind, card: card, amount: amount.minorUnits,
            held: kind == .preAuthorisation ? amount.minorUnits : before, reference: reference)
    }
}
