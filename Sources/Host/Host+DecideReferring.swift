// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import ISO8583
import Issuer
import ModuleProtocol
import Vocabulary

/// Voids, refunds and completions: whatever refers to a transaction before it.
///
/// No freeze stops one that gives money back (rule R10), and the PIN is not asked for. A completion presents money that was
/// promised: a card that was frozen or lost since does not stop it, a stolen one does, since then the goods are still to be
/// handed out. The triggers have seen the original and are not asked again, but about a refund.
extension Host {
    func decideReferring(
        _ request: Request, _ usage: TerminalUsage, _ terminal: EstateTerminal, _ kind: TransactionKind, now: Instant
    ) -> Decision {
        guard let merchant = estate.merchants[terminal.merchant], let index = estate.terminals.find(request.terminal)
        else { return refuse(.unknownMerchant, request, usage, now: now) }
        var sale = Sale(
            kind: kind, request: request, usage: usage, merchantID: terminal.merchant, merchant: merchant, now: now)
        guard let key = request.cardKey, let card = issuer.cards[key] else { return conclude(sale, .unknownCard) }
        sale.card = card
        guard let original = original(of: request, index) else { return conclude(sale, .noOriginal) }
        guard original.account != Forward.account else { return conclude(sale, .notServed) }
        sale.original = original.rrn
        if let refusal = refusal(sale, original, batches[index]) { return conclude(sale, refusal) }
        guard let movement = movement(kind, amount: request.amount.minorUnits, original) else {
            return conclude(sale, .noOriginal)
        }
        sale.movement = movement
        // Money goes back whatever rules say; what they order beside is done.
        if kind == .refund, unreadableRules == nil { evaluate(&sale) }
        return conclude(sale, .approved)
    }

    /// By DE 90, which names a transaction of the same terminal, as long as the duplicate index holds it; or by DE 37, its
    /// reference.
    func original(of request: Request, _ index: Int) -> LedgerEntry? {
        if let named = Self.original(request.view),
            let known = memory[index].original(stan: named.stan, transmission: named.transmission)
        {
            return ledger.find(known.answer.rrn)
        }
        return request.view.number(37).flatMap { ledger.find(RRN($0)) }
    }

    /// Why an original does not allow what refers to it:
    ///
    /// 1. another card, another kind, another approval code, or one that no longer stands;
    /// 2. a void: another terminal, another amount, or for a debit another day or batch; or parts of it are refunded;
    /// 3. a refund: another merchant, or more than is left of it;
    /// 4. a completion: another merchant, a stolen card, a hold that is gone, more than it allows, more than there is.
    func refusal(_ sale: Sale, _ original: LedgerEntry, _ batch: TerminalBatch) -> Intent? {
        let request = sale.request
        guard original.card == request.cardKey, sale.kind.refers(to: original.kind), original.state == .standing,
            !request.view.has(38) || request.view.number(38) == UInt64(original.approvalCode),
            original.amount.currency == request.amount.currency
        else { return .invalidTransaction }
        switch sale.kind {
        case .refund:
            guard original.merchant == sale.merchantID else { return .notPermittedToTerminal }
            let left = original.amount.minorUnits - original.refunded
            return request.amount.minorUnits <= left ? nil : .invalidAmount
        case .completion: return completionRefusal(sale, original)
        default:
            guard original.terminal == request.terminal else { return .notPermittedToTerminal }
            guard original.amount == request.amount else { return .invalidAmount }
            guard original.isWhole else { return .invalidTransaction }
            let isToday = original.day == day && original.batch == batch.number
            return isToday || original.kind == .preAuthorisation ? nil : .invalidTransaction
        }
    }

    private func completionRefusal(_ sale: Sale, _ original: LedgerEntry) -> Intent? {
        guard original.merchant == sale.merchantID else { return .notPermittedToTerminal }
        if sale.card?.status == .stolen { return .stolenCard }
        // Holds of other issuers' cards are theirs; here the time of one counts.
        let held = original.upstream == nil ? issuer.holds[original.rrn] : original.hold
        guard let hold = held, sale.now < hold.expires else { return .invalidTransaction }
        let amount = sale.request.amount.minorUnits
        // Both have twelve digits at most, so that a hundredfold fits.
        guard amount * 100 <= hold.amount * Self.completionPercentMax else { return .exceedsLimit }
        guard original.upstream == nil else { return nil }
        let available = issuer.accounts[hold.account]?.available ?? 0
        return amount - hold.amount > max(0, available) ? .insufficientFunds : nil
    }

    /// What a transaction does to the account; nil where what it refers to is not known any more.
    func movement(_ kind: TransactionKind, amount: Int64, _ original: LedgerEntry?) -> Movement? {
        switch kind {
        case .purchase: return Movement(available: -amount)
        case .balance, .preAuthorisation: return Movement.none
        case .purchaseVoid, .refund: return Movement(available: amount)
        case .preAuthorisationVoid: return original.map { .release($0.hold) }
        case .completion: return original.map { .complete($0.hold, debit: amount) }
        case .completionVoid:
            guard let completion = original, let held = completion.original.flatMap({ ledger.find($0) }) else {
                return nil
            }
            return Movement.complete(held.hold, debit: completion.amount.minorUnits).inverse
        }
    }

    /// What an approved transaction has done, for its reversal to undo.
    func movement(of entry: LedgerEntry) -> Movement? {
        if entry.kind == .preAuthorisation { return .hold(entry.hold) }
        return movement(entry.kind, amount: entry.amount.minorUnits, entry.original.flatMap { ledger.find($0) })
    }
}
