// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Issuer
import SecurityTriggers
import Vocabulary

/// A transaction that rules have spoken about, as far as a case tells of it.
struct Suspicion {
    let key: CardKey
    let card: Card
    let terminal: TerminalID
    let merchant: MerchantID
    let amount: Money
    let rrn: RRN
    let at: Instant
    /// What the terminal is told.
    let intent: Intent
    /// This issuer pauses the transaction until the cardholder has spoken with it.
    let isReferred: Bool
}

/// What rules order beside their action.
extension Host {
    /// Freezes the card and opens a case, as the rules order it.
    ///
    /// - A case that asks nobody waits at the desk; `ask cardholder` also asks, and `notify issuer` also tells. A referral
    ///   always asks, since the cardholder must have something to quote.
    /// - A second suspicion joins the card's open case, unless it asks the cardholder and that one does not.
    /// - `hold` is how long the purchase may be presented once more after the cardholder has confirmed it.
    ///
    /// - Returns: the reference of the case, new or joined; nil where the rules want none.
    func order(_ evaluation: Evaluation, _ found: Suspicion, _ effects: inout CardEffects) -> String? {
        if let interval = evaluation.freeze { effects.freezeCardUntil = found.at + interval }
        let orders = CaseOrders(
            asksCardholder: evaluation.askCardholder || found.isReferred,
            notifiesIssuer: evaluation.notifyIssuer, hold: evaluation.hold)
        guard evaluation.openCase != nil || orders.asksCardholder || orders.notifiesIssuer else { return nil }
        if let open = found.card.openCase.flatMap({ issuer.cases[$0] }),
            open.asksCardholder || !orders.asksCardholder
        {
            return open.reference
        }
        let id = CaseID(UInt64(issuer.cases.count) + 1)
        var fraudCase = FraudCase(
            card: found.key, account: found.card.account, opened: found.at, terminal: found.terminal,
            merchant: found.merchant, amount: found.amount, rrn: found.rrn, reference: Self.reference(of: id),
            rules: firedRules(evaluation), stopped: !found.intent.isApproval)
        fraudCase.orders = orders
        effects.openCase = (id, fraudCase)
        return fraudCase.reference
    }

    /// `R-` and five letters or digits without the ones people confuse; one of 32⁵, a bijection of the case's number,
    /// so that a neighbour's reference cannot be guessed by counting.
    static func reference(of id: CaseID) -> String {
        let alphabet = Array("ABCDEFGHJKLMNPQRSTUVWXYZ23456789".utf8)
        var mixed = (id.number &* 0x15A_4E35 &+ 0x0B5_297A) & 0x1FF_FFFF
        mixed = (mixed ^ mixed >> 13) & 0x1FF_FFFF
        var letters: [UInt8] = []
        for _ in 0..<5 {
            letters.append(alphabet[Int(mixed & 31)])
            mixed >>= 5
        }
        return "R-" + String(decoding: letters, as: UTF8.self)
    }
}
