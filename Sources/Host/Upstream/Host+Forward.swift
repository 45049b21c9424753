// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import ISO8583
import Interchange
import Issuer
import ModuleProtocol
import SecurityTriggers
import Vocabulary

/// What a request to be forwarded needs to know that the host cannot: fetched before `decide`.
public struct UpstreamFacts: Equatable, Sendable {
    /// The place of the destination when it was asked.
    public var destination: UInt8
    /// Whether requests can leave for it.
    public var isUp: Bool
    public var sealedPAN: [UInt8]
}

extension Host {
    /// Where a request is decided, and the module's question for it.
    func askForRoute(_ request: inout Request, _ terminal: EstateTerminal, now: Instant) {
        guard let pan = request.pan, let destination = destination(of: request) else { return }
        request.destination = destination
        guard request.kind?.asksForPIN == true, let block = request.view.range(of: terminal.profile.pinBlockField)
        else { return }
        request.open.expectation = estate.expectation(for: terminal, now: now)
        request.open.translation = TranslatePIN(
            block: block, pan: pan, zone: upstream.destinations[Int(destination)].zone)
    }

    /// The place of the host that decides; nil: the own desk. What refers to a transaction goes where that one was decided,
    /// wherever its card is routed by now.
    func destination(of request: Request) -> UInt8? {
        guard let pan = request.pan else { return nil }
        if request.kind?.hasOriginal == true, let index = estate.terminals.find(request.terminal),
            let original = original(of: request, index)
        {
            return original.upstream?.destination
        }
        return upstream.destination(of: pan)
    }

    /// The terminal repeats what another host is still asked about (rule R4): it waits for that answer.
    func decideOpenRepeat(_ request: Request, _ usage: TerminalUsage, isFresh: Bool, now: Instant) -> Decision? {
        guard TransactionMemory.isReversible(Self.kind(request.view.mti)) else { return nil }
        let names = request.names
        let found = upstream.open(request.terminal) {
            $0.key == names.key || ($0.key.stan == names.key.stan && $0.transmission == names.transmission)
        }
        guard let open = found else { return nil }
        let forward = open.named.forward
        guard forward.names.key == names.key, forward.amount == request.amount, forward.card == request.cardKey,
            request.kind == forward.kind
        else { return refuse(.duplicateConflict, request, usage, now: now) }
        return .wait(open.named.id, isFresh ? HostRecord(at: now, .repeated(usage)) : nil)
    }

    /// The checks that are ours, and then the way there: a request, or what needs none because the other host is only told.
    func decideForward(
        _ request: Request, _ verdict: OpenVerdict, _ usage: TerminalUsage, _ terminal: EstateTerminal,
        _ destination: UInt8, now: Instant
    ) -> Decision {
        guard let kind = request.kind, let key = request.cardKey else {
            return refuse(.notServed, request, usage, now: now)
        }
        guard let merchant = estate.merchants[terminal.merchant] else {
            return refuse(.unknownMerchant, request, usage, now: now)
        }
        guard let facts = request.upstream, facts.destination == destination, upstream.hasRoom(destination) else {
            return refuse(.issuerUnavailable, request, usage, now: now)
        }
        let sale = Sale(
            kind: kind, request: request, usage: usage, merchantID: terminal.merchant, merchant: merchant, now: now)
        let hasPIN = kind.asksForPIN && request.view.has(terminal.profile.pinBlockField)
        let forward = Forward(
            destination: destination, usage: usage, names: request.names, card: key, sealedPAN: facts.sealedPAN,
            expiry: request.expiry, amount: request.amount, merchant: terminal.merchant, mcc: merchant.mcc,
            goods: request.goods, entryMode: UInt16(clamping: request.view.number(22) ?? 0), hasPIN: hasPIN, kind: kind)
        return kind.hasOriginal
            ? decideForwardReferring(forward, sale, isUp: facts.isUp)
            : decideForwardSale(forward, sale, verdict, isUp: facts.isUp)
    }

    /// Card status where the card is known here, PIN presence, triggers (rule R2). Then the other host is asked, or, while
    /// it is away, stood in for; what an account holds only its own host can say.
    private func decideForwardSale(
        _ forward: Forward, _ sale: Sale, _ verdict: OpenVerdict, isUp: Bool
    ) -> Decision {
        var (sale, forward) = (sale, forward)
        sale.pin = forward.hasPIN ? .untried : .absent
        if let refusal = ownRefusal(&sale, forward, verdict) { return conclude(sale, refusal) }
        if let evaluation = sale.evaluation, !evaluation.results.isEmpty || sale.shadow != nil {
            forward.verdict = ForwardVerdict(
                evaluation: evaluation, rulesVersion: rulesVersion, shadow: sale.shadow)
        }
        if isUp { return .forward(HostRecord(at: sale.now, .upstream(.forwarded(forward)))) }
        guard standInCovers(forward, nil) else {
            return refuse(.issuerUnavailable, sale.request, sale.usage, now: sale.now)
        }
        return advise(forward, now: sale.now)
    }

    /// Voids, refunds and completions find their original by the same rules as those of own cards, and no freeze stops one
    /// that gives money back (rule R10). A refund is an advice whatever the line is like: it is decided here and told there.
    /// So is what refers to a transaction that was approved here: it follows that one's advice.
    private func decideForwardReferring(_ forward: Forward, _ sale: Sale, isUp: Bool) -> Decision {
        var (sale, forward) = (sale, forward)
        let (request, usage, now) = (sale.request, sale.usage, sale.now)
        guard let index = estate.terminals.find(request.terminal), let original = original(of: request, index) else {
            return conclude(sale, .noOriginal)
        }
        // Of before there were kinds, or too long ago.
        guard let name = original.upstream else { return refuse(.notServed, request, usage, now: now) }
        sale.card = issuer.cards[forward.card]
        sale.original = original.rrn
        if let refusal = refusal(sale, original, batches[index]) ?? stop(of: forward, at: now) {
            return conclude(sale, refusal)
        }
        guard !upstream.isReferredTo(original.rrn) else { return conclude(sale, .invalidTransaction) }
        forward.original = ForwardOriginal(rrn: original.rrn, approvalCode: original.approvalCode, name: name)
        if forward.kind == .refund {
            let verdict = evaluate(forward, at: now)
            if !verdict.evaluation.results.isEmpty || verdict.shadow != nil { forward.verdict = verdict }
            return advise(forward, now: now)
        }
        if name.isAdvice {
            return standInCovers(forward, original) ? advise(forward, now: now) : conclude(sale, .exceedsLimit)
        }
        guard isUp else { return refuse(.issuerUnavailable, request, usage, now: now) }
        return .forward(HostRecord(at: now, .upstream(.forwarded(forward))))
    }

    private func ownRefusal(_ sale: inout Sale, _ forward: Forward, _ verdict: OpenVerdict) -> Intent? {
        let request = sale.request
        if let card = issuer.cards[forward.card] {
            sale.card = card
            sale.hotList = card.status == .lost ? .lost : card.status == .stolen ? .stolen : nil
        }
        if let stopped = upstream.negative[forward.card] { sale.hotList = stopped.reason.hotList }
        if let refusal = stop(of: forward, at: sale.now) { return refusal }
        if !forward.hasPIN, sale.kind == .balance || request.amount.minorUnits > Self.noPINLimit {
            return .pinRequired
        }
        if forward.hasPIN, verdict.translatedPIN == nil {
            return verdict.pin == .unusable ? .pinBlockUnusable : .healthNotProved
        }
        let verdict = evaluate(forward, at: sale.now)
        (sale.evaluation, sale.shadow) = (verdict.evaluation, verdict.shadow)
        return refusal(by: verdict.evaluation)
    }

    /// Why a card is stopped here, by the negative file or by what is known of it: asked before the other host is, before it
    /// is stood in for, and again when its approval comes (rule R10). What gives money back nothing stops, and what
    /// presents money that was promised only a stolen card.
    func stop(of forward: Forward, at now: Instant) -> Intent? {
        let listed = upstream.negative[forward.card]?.reason
        let card = issuer.cards[forward.card]
        guard forward.kind.hasOriginal else {
            return listed?.intent ?? card.flatMap { issuer.refusal(of: $0, expiry: forward.expiry, at: now) }
        }
        let isStolen = listed == .stolen || card?.status == .stolen
        return forward.kind == .completion && isStolen ? .stolenCard : nil
    }

    /// Proofs and referrals are the issuer's to ask for; what would ask for one here is not sent on.
    func refusal(by evaluation: Evaluation) -> Intent? {
        switch evaluation.action {
        case .approve: nil
        case .stepUp, .refer: .callIssuer
        case .decline: intent(of: evaluation) ?? .suspectedFraud
        case .retain: intent(of: evaluation) ?? .retainCard
        }
    }

    /// Approved here; the other host is told by store and forward.
    private func advise(_ forward: Forward, now: Instant) -> Decision {
        var (stored, forward) = (plain(.approved), forward)
        stored.approvalCode = ownApprovalCode
        if let verdict = concluded(nil, forward, answer: stored, at: now) { forward.verdict = verdict }
        return .answer(Answer(stored), HostRecord(at: now, .upstream(.stoodIn(forward, stored))))
    }

    /// Whether this host may approve in the destination's place: never above the limits of a transaction, and of a card in
    /// a business day. What gives money back has none.
    func standInCovers(_ forward: Forward, _ original: LedgerEntry?) -> Bool {
        let added = standInUse(forward.kind, forward.amount.minorUnits, original)
        switch forward.kind {
        case .balance: return false
        case .purchase, .preAuthorisation, .completion: break
        case .purchaseVoid, .preAuthorisationVoid, .completionVoid, .refund: return true
        }
        let limits = upstream.destinations[Int(forward.destination)].standIn
        let (used, overflows) = upstream.used(forward.destination, forward.card).addingReportingOverflow(max(0, added))
        return forward.amount.minorUnits <= limits.transaction && !overflows && used <= limits.cardAndDay
            && upstream.uses.count < UpstreamBook.usesMax
    }

    /// What a transaction adds to what was approved of its card in this business day; what it gives back of another day is
    /// none of this one's.
    func standInUse(_ kind: TransactionKind, _ amount: Int64, _ original: LedgerEntry?) -> Int64 {
        let before = original?.amount.minorUnits ?? 0
        let isToday = original?.day == day
        switch kind {
        case .purchase, .preAuthorisation: return amount
        case .purchaseVoid, .preAuthorisationVoid: return isToday ? -before : 0
        case .completion: return isToday ? amount - before : max(0, amount - before)
        case .completionVoid:
            guard isToday, let original else { return 0 }
            return -standInUse(.completion, before, original.original.flatMap { ledger.find($0) })
        case .refund, .balance: return 0
        }
    }

    var ownApprovalCode: UInt32 { UInt32((sequence + 1) % 900_000 + 100_000) }
}
