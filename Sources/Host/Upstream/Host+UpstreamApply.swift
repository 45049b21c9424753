// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Interchange
import Issuer
import SecurityTriggers
import Vocabulary

extension Host {
    mutating func apply(_ record: UpstreamRecord, at: Instant) {
        switch record {
        case .destinationSet(let destination, _): upstream.set(destination)
        case .routed(let text, _):
            upstream.routingText = text
            // Safe: the text was parsed before the record was made.
            upstream.routing = text.isEmpty ? nil : try? RoutingTable(parsing: text)
        case .forwarded(let forward):
            estate.apply(forward.usage, at: at)
            upstream.open.append(
                UpstreamBook.Open(named: NamedForward(id: sequence, at: at, forward: forward)))
        case .ended(let end): apply(end, at: at)
        case .stoodIn(let forward, let answer):
            estate.apply(forward.usage, at: at)
            let named = NamedForward(id: sequence, at: at, forward: forward)
            conclude(named, answer, isReversed: false, at: at)
            approve(named, answer, isStandIn: true, at: at)
            upstream.store(StoredMessage(.advice, named, approvalCode: answer.approvalCode), at: at)
            upstream.use(forward, forward.amount.minorUnits)
        case .reversed(let reversal, let id, let isOpen): apply(reversal, of: id, isOpen: isOpen, at: at)
        case .attempted(let destination, let id, let next): apply(.attempted(id: id, next: next), destination)
        case .delivered(let destination, let id): apply(.delivered(id: id), destination)
        case .dead(let destination, let id, let reason): apply(.dead(id: id, reason), destination)
        case .revived(let destination, let id, _): apply(.revived(id: id, at: at), destination)
        case .answeredLate(let id, _):
            if let index = upstream.lost.lastIndex(where: { $0.forward == id }) {
                upstream.lost[index].answeredLate = true
            }
        }
    }

    private mutating func apply(_ record: StoreAndForward.Record, _ destination: UInt8) {
        guard upstream.stores.indices.contains(Int(destination)) else { return }
        upstream.stores[Int(destination)].apply(record)
    }

    private mutating func apply(_ end: ForwardEnd, at: Instant) {
        guard let open = upstream.close(end.forward) else { return }
        conclude(open.named, end.answer, isReversed: open.isReversed, at: at)
        if end.outcome.needsReversal {
            if let message = upstream.store(StoredMessage(.reversal, open.named), at: at) {
                upstream.lose(open.named, message: message)
            }
        } else if end.isApproved {
            if open.isReversed {
                upstream.store(StoredMessage(.reversal, open.named), at: at)
            } else {
                approve(open.named, end.answer, isStandIn: false, at: at)
            }
        }
    }

    /// What every answered purchase does to duplicate index and windows.
    private mutating func conclude(_ named: NamedForward, _ answer: StoredAnswer, isReversed: Bool, at: Instant) {
        let forward = named.forward
        remember(
            forward.usage, forward.names, kind: 0x0200, card: forward.card, amount: forward.amount, answer: answer,
            at: at)
        if isReversed, let index = estate.terminals.find(forward.usage.terminal) {
            memory[index].markReversed(stan: forward.names.key.stan, transmission: forward.names.transmission)
            return
        }
        triggers.apply(WindowEvent(facts: forward.facts(at: at), outcome: WindowOutcome(answer.intent)))
    }

    private mutating func approve(_ named: NamedForward, _ answer: StoredAnswer, isStandIn: Bool, at: Instant) {
        let forward = named.forward
        upstream.settle(answer.rrn.number, named, isStandIn: isStandIn)
        guard let index = estate.terminals.find(forward.usage.terminal) else { return }
        book(
            LedgerEntry(
                rrn: answer.rrn, kind: .purchase, terminal: forward.usage.terminal, merchant: forward.merchant,
                card: forward.card, account: Forward.account, amount: forward.amount, at: at,
                stan: forward.names.key.stan, transmission: forward.names.transmission,
                approvalCode: answer.approvalCode, batch: 0, day: 0), index)
    }

    private mutating func apply(_ reversal: Reversal, of id: UInt64, isOpen: Bool, at: Instant) {
        apply(reversal, kind: 0x0200, at: at)
        guard !isOpen else { return upstream.markReversed(id) }
        guard let settled = upstream.unsettle(id) else { return }
        let forward = settled.named.forward
        upstream.store(StoredMessage(.reversal, settled.named), at: at)
        if settled.isStandIn { upstream.use(forward, -forward.amount.minorUnits) }
        triggers.markReversed(
            card: forward.card, at: settled.named.at, terminal: forward.usage.terminal, amount: forward.amount)
        if let index = estate.terminals.find(forward.usage.terminal) { unbook(RRN(id), index) }
    }

    /// Sentences about what must never be so between this host and others.
    func brokenUpstream() -> [String] {
        var broken: [String] = []
        if upstream.open.count > UpstreamBook.openMax { broken.append("more forwards are open than may be") }
        if zip(upstream.open, upstream.open.dropFirst()).contains(where: { $0.named.id >= $1.named.id }) {
            broken.append("open forwards are out of order")
        }
        for settled in upstream.settled where ledger.find(RRN(settled.reference))?.state == .reversed {
            broken.append("forward \(settled.named.id) is reversed and may be reversed again")
        }
        return broken
    }
}
