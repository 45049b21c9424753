// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import ISO8583
import Interchange
import Issuer
import ModuleProtocol
import SecurityTriggers
import Vocabulary

/// What another host answered.
struct UpstreamAnswer: Equatable {
    var intent: Intent
    /// 0: none.
    var approvalCode: UInt32
    /// DE 54 of a balance.
    var balance = ""
}

extension Host {
    /// How a forward ended; nil when it has ended before.
    func decideEnd(_ id: UInt64, _ outcome: ExchangeOutcome, _ answer: UpstreamAnswer?, now: Instant) -> HostRecord? {
        guard let open = upstream.open(id: id) else { return nil }
        var stored = plain(.issuerUnavailable)
        let isApproved = outcome == .answered && answer?.intent.isApproval == true
        let forward = open.named.forward
        var fresh: ForwardVerdict?
        if open.isReversed {
            stored.intent = .invalidTransaction
        } else if isApproved, let stop = stop(of: forward, at: now) {
            stored.intent = stop
        } else if outcome == .notSent, !forward.kind.hasOriginal, forward.kind != .balance, unreadableRules == nil {
            // Its limits and all that may speak against it are looked at as they are now.
            let verdict = evaluate(forward, at: now)
            fresh = verdict
            if let refusal = stop(of: forward, at: now) ?? refusal(by: verdict.evaluation) {
                stored.intent = refusal
            } else if standInCovers(forward, nil) {
                (stored.intent, stored.approvalCode) = (.approved, ownApprovalCode)
            }
        } else if outcome == .answered, let answer {
            stored.intent = answer.intent
            if isApproved { stored.approvalCode = answer.approvalCode > 0 ? answer.approvalCode : ownApprovalCode }
            if isApproved, open.named.forward.kind == .balance { stored.reference = answer.balance }
        }
        let verdict =
            open.isReversed ? nil : concluded(fresh, forward, answer: stored, at: now)
        let end = ForwardEnd(
            forward: id, outcome: outcome, isApproved: isApproved, answer: stored, verdict: verdict)
        return HostRecord(at: now, .upstream(.ended(end)))
    }

    /// What follows here from what the triggers said, now that the answer is known. Nil where that is nothing and nothing new
    /// was said.
    /// - Parameter fresh: what they said this time; nil where the request's verdict stands.
    func concluded(
        _ fresh: ForwardVerdict?, _ forward: Forward, answer: StoredAnswer, at now: Instant
    ) -> ForwardVerdict? {
        guard var verdict = fresh ?? forward.verdict else { return nil }
        // As of own cards: rules that would stop a payment do not speak of a refund.
        let isOrdered = forward.kind != .refund || verdict.evaluation.action == .approve
        if isOrdered, let card = issuer.cards[forward.card] {
            var effects = CardEffects(pin: .untried, debit: 0)
            let found = Suspicion(
                key: forward.card, card: card, terminal: forward.usage.terminal, merchant: forward.merchant,
                amount: forward.amount, rrn: answer.rrn, at: now, intent: answer.intent, isReferred: false)
            _ = order(verdict.evaluation, found, &effects)
            if effects != CardEffects(pin: .untried, debit: 0) { verdict.effects = effects }
        }
        let isSaid = fresh != nil && !(verdict.evaluation.results.isEmpty && verdict.shadow == nil)
        return isSaid || verdict.effects != nil ? verdict : nil
    }

    /// An answer that nobody waits for any more: of a forward that was given up, once.
    func decideLate(_ id: UInt64, _ answer: UpstreamAnswer, now: Instant) -> HostRecord? {
        guard let lost = upstream.lost.last(where: { $0.forward == id }), !lost.answeredLate else { return nil }
        return HostRecord(at: now, .upstream(.answeredLate(forward: id, isApproval: answer.intent.isApproval)))
    }

    /// The terminal takes back what another host was asked about or has approved; nil for anything else. Upstream goes one
    /// reversal, whatever comes first (invariant I3).
    func takeBackForward(_ claim: ReversalClaim, _ memory: TransactionMemory) -> TakenBack? {
        let open = upstream.open(claim.usage.terminal) {
            $0.key.stan == claim.stan && $0.transmission == claim.transmission
        }
        let known = memory.original(stan: claim.stan, transmission: claim.transmission)
        let settled = known.flatMap { $0.isReversed ? nil : upstream.settled($0.answer.rrn.number) }
        guard let named = open?.named ?? settled?.named else { return nil }
        if let settled {
            let reference = RRN(settled.reference)
            // Parts of it are refunded: it stands as it is.
            guard ledger.find(reference)?.isWhole ?? true else { return nil }
            // Until it is known what became of its void; the same reversal may be sent again then.
            guard !upstream.isReferredTo(reference) else { return .notNow }
        }
        guard named.forward.amount == claim.amount, claim.card.map({ $0 == named.forward.card }) ?? true else {
            return .conflict
        }
        let reversal = Reversal(
            usage: claim.usage, names: claim.names, originalSTAN: claim.stan,
            originalTransmission: claim.transmission, card: named.forward.card, amount: claim.amount,
            originalAt: named.at, pass: nil, answer: plain(.reversalAccepted))
        return .forward(reversal, forward: open?.named.id ?? settled?.reference ?? 0, isOpen: open != nil)
    }
}
