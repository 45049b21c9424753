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

/// What another host answered.
struct UpstreamAnswer: Equatable {
    var intent: Intent
    /// 0: none.
    var approvalCode: UInt32
}

// MARK: - Requests

extension Host {
    /// Where a card's purchases are decided, and the module's question for it.
    func askForRoute(_ request: inout Request, _ terminal: EstateTerminal, now: Instant) {
        guard let pan = request.pan, let destination = upstream.destination(of: pan) else { return }
        request.destination = destination
        guard let block = request.view.range(of: terminal.profile.pinBlockField) else { return }
        request.open.expectation = estate.expectation(for: terminal, now: now)
        request.open.translation = TranslatePIN(
            block: block, pan: pan, zone: upstream.destinations[Int(destination)].zone)
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
            request.kind == .purchase
        else { return refuse(.duplicateConflict, request, usage, now: now) }
        return .wait(open.named.id, isFresh ? HostRecord(at: now, .repeated(usage)) : nil)
    }

    /// The checks of rule R2 that are ours: card status where the card is known here, PIN presence, triggers. Then the
    /// other host is asked, or, while it is away, stood in for.
    func decideForward(
        _ request: Request, _ verdict: OpenVerdict, _ usage: TerminalUsage, _ terminal: EstateTerminal,
        _ destination: UInt8, now: Instant
    ) -> Decision {
        guard let kind = request.kind, kind == .purchase, let key = request.cardKey else {
            return refuse(.notServed, request, usage, now: now)
        }
        guard let merchant = estate.merchants[terminal.merchant] else {
            return refuse(.unknownMerchant, request, usage, now: now)
        }
        guard let facts = request.upstream, facts.destination == destination, upstream.hasRoom(destination) else {
            return refuse(.issuerUnavailable, request, usage, now: now)
        }
        var sale = Sale(
            kind: kind, request: request, usage: usage, merchantID: terminal.merchant, merchant: merchant, now: now)
        let hasPIN = request.view.has(terminal.profile.pinBlockField)
        sale.pin = hasPIN ? .untried : .absent
        let forward = Forward(
            destination: destination, usage: usage, names: request.names, card: key, sealedPAN: facts.sealedPAN,
            expiry: request.expiry, amount: request.amount, merchant: terminal.merchant, mcc: merchant.mcc,
            goods: request.goods, entryMode: UInt16(clamping: request.view.number(22) ?? 0), hasPIN: hasPIN)
        if let refusal = ownRefusal(&sale, forward, verdict) { return conclude(sale, refusal) }
        guard facts.isUp else { return standIn(forward, sale) }
        return .forward(HostRecord(at: now, .upstream(.forwarded(forward))))
    }

    private func ownRefusal(_ sale: inout Sale, _ forward: Forward, _ verdict: OpenVerdict) -> Intent? {
        let request = sale.request
        if let card = issuer.cards[forward.card] {
            sale.card = card
            sale.hotList = card.status == .lost ? .lost : card.status == .stolen ? .stolen : nil
            if let refusal = issuer.refusal(of: card, expiry: request.expiry, at: sale.now) { return refusal }
        }
        if !forward.hasPIN, request.amount.minorUnits > Self.noPINLimit { return .pinRequired }
        if forward.hasPIN, verdict.translatedPIN == nil {
            return verdict.pin == .unusable ? .pinBlockUnusable : .healthNotProved
        }
        let evaluation = triggers.evaluate(forward.facts(at: sale.now, account: sale.card?.account ?? Forward.account))
        sale.evaluation = evaluation
        // Proofs and referrals are the issuer's to ask for; what would ask for one here is not sent on.
        return switch evaluation.action {
        case .approve: nil
        case .stepUp, .refer: .callIssuer
        case .decline: intent(of: evaluation) ?? .suspectedFraud
        case .retain: intent(of: evaluation) ?? .retainCard
        }
    }

    /// While the destination is away: approved within its limits, or declined, which leaves nothing to reverse.
    private func standIn(_ forward: Forward, _ sale: Sale) -> Decision {
        let limits = upstream.destinations[Int(forward.destination)].standIn
        let amount = forward.amount.minorUnits
        let (used, overflows) = upstream.used(forward.destination, forward.card).addingReportingOverflow(amount)
        guard amount <= limits.transaction, !overflows, used <= limits.cardAndDay,
            upstream.uses.count < UpstreamBook.usesMax
        else { return refuse(.issuerUnavailable, sale.request, sale.usage, now: sale.now) }
        var stored = plain(.approved)
        stored.approvalCode = ownApprovalCode
        return .answer(Answer(stored), HostRecord(at: sale.now, .upstream(.stoodIn(forward, stored))))
    }

    private var ownApprovalCode: UInt32 { UInt32((sequence + 1) % 900_000 + 100_000) }
}

// MARK: - Ends

extension Host {
    /// How a forward ended; nil when it has ended before.
    func decideEnd(_ id: UInt64, _ outcome: ExchangeOutcome, _ answer: UpstreamAnswer?, now: Instant) -> HostRecord? {
        guard let open = upstream.open(id: id) else { return nil }
        var stored = plain(.issuerUnavailable)
        let isApproved = outcome == .answered && answer?.intent.isApproval == true
        if open.isReversed {
            stored.intent = .invalidTransaction
        } else if outcome == .answered, let answer {
            stored.intent = answer.intent
            if isApproved { stored.approvalCode = answer.approvalCode > 0 ? answer.approvalCode : ownApprovalCode }
        }
        let end = ForwardEnd(forward: id, outcome: outcome, isApproved: isApproved, answer: stored)
        return HostRecord(at: now, .upstream(.ended(end)))
    }

    /// An answer that nobody waits for any more: of a forward that was given up, once.
    func decideLate(_ id: UInt64, _ answer: UpstreamAnswer, now: Instant) -> HostRecord? {
        guard let lost = upstream.lost.last(where: { $0.forward == id }), !lost.answeredLate else { return nil }
        return HostRecord(at: now, .upstream(.answeredLate(forward: id, isApproval: answer.intent.isApproval)))
    }

    /// The terminal takes back what another host was asked about or has approved; nil for anything else. Upstream goes one
    /// reversal, whatever comes first (invariant I3).
    func decideForwardReversal(
        _ request: Request, _ usage: TerminalUsage, _ memory: TransactionMemory,
        _ original: (messageType: UInt16, stan: STAN, transmission: UInt64), now: Instant
    ) -> Decision? {
        let open = upstream.open(request.terminal) {
            $0.key.stan == original.stan && $0.transmission == original.transmission
        }
        let known = memory.original(stan: original.stan, transmission: original.transmission)
        let settled = known.flatMap { $0.isReversed ? nil : upstream.settled($0.answer.rrn.number) }
        guard let named = open?.named ?? settled?.named else { return nil }
        guard named.forward.amount == request.amount, request.cardKey.map({ $0 == named.forward.card }) ?? true else {
            return refuse(.duplicateConflict, request, usage, now: now)
        }
        let stored = plain(.reversalAccepted)
        let reversal = Reversal(
            usage: usage, names: request.names, originalSTAN: original.stan,
            originalTransmission: original.transmission, card: named.forward.card, amount: request.amount,
            originalAt: named.at, pass: nil, answer: stored)
        let record = UpstreamRecord.reversed(
            reversal, of: open?.named.id ?? settled?.reference ?? 0, isOpen: open != nil)
        return .answer(Answer(stored), HostRecord(at: now, .upstream(record)))
    }
}
