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
            standIn(NamedForward(id: sequence, at: at, forward: forward.concluded), answer, at: at)
            if let effects = forward.verdict?.effects { issuer.apply(effects, to: forward.card, at: at) }
        case .reversed(let reversal, let id, let isOpen): apply(reversal, of: id, isOpen: isOpen, at: at)
        case .attempted(let destination, let id, let next): apply(.attempted(id: id, next: next), destination)
        case .delivered(let destination, let id): apply(.delivered(id: id), destination)
        case .dead(let destination, let id, let reason): apply(.dead(id: id, reason), destination)
        case .revived(let destination, let id, _): apply(.revived(id: id, at: at), destination)
        case .answeredLate(let id, _):
            if let index = upstream.lost.lastIndex(where: { $0.forward == id }) {
                upstream.lost[index].answeredLate = true
            }
        case .listed(let card, let reason, let staff):
            upstream.negative.list(StoppedCard(card: card, reason: reason, by: staff, at: at))
        case .keys(let destination, let change):
            if upstream.keys.indices.contains(Int(destination)) {
                upstream.keys[Int(destination)].apply(change, at: at)
            }
        case .withdrawn(let id): upstream.markReversed(id)
        case .unlisted(let card, _): upstream.negative.unlist(card)
        }
    }

    private mutating func apply(_ record: StoreAndForward.Record, _ destination: UInt8) {
        guard upstream.stores.indices.contains(Int(destination)) else { return }
        upstream.stores[Int(destination)].apply(record)
    }

    private mutating func apply(_ end: ForwardEnd, at: Instant) {
        guard let open = upstream.close(end.forward) else { return }
        var named = open.named
        named.forward = named.forward.concluded
        if let effects = end.verdict?.effects { issuer.apply(effects, to: named.forward.card, at: at) }
        // It has not left, and was approved here in the end.
        if end.outcome == .notSent, end.answer.intent.isApproval { return standIn(named, end.answer, at: at) }
        conclude(named, end.answer, isReversed: open.isReversed, at: at)
        if end.outcome.needsReversal {
            guard named.forward.kind.isReversed else { return }
            if let message = upstream.store(.reversal(named, of: named.nameOfRequest), at: at) {
                upstream.lose(named, message: message)
            }
        } else if end.isApproved {
            if end.answer.intent.isApproval {
                approve(named, end.answer, named.nameOfRequest, at: at)
            } else if named.forward.kind.isReversed {
                // Taken back or stopped here while it was under way.
                upstream.store(.reversal(named, of: named.nameOfRequest), at: at)
            }
        }
    }

    /// Approved here; the advice is stored.
    private mutating func standIn(_ named: NamedForward, _ answer: StoredAnswer, at: Instant) {
        let forward = named.forward
        conclude(named, answer, isReversed: false, at: at)
        let original = forward.original.flatMap { ledger.find($0.rrn) }
        let added = standInUse(forward.kind, forward.amount.minorUnits, original)
        guard let message = upstream.store(.advice(named, approvalCode: answer.approvalCode), at: at) else { return }
        approve(named, answer, named.name(ofAdvice: message), at: at)
        upstream.use(forward, added)
    }

    /// What every answered transaction does to duplicate index and windows.
    private mutating func conclude(_ named: NamedForward, _ answer: StoredAnswer, isReversed: Bool, at: Instant) {
        let forward = named.forward
        remember(
            forward.usage, forward.names, kind: forward.kind.messageType, card: forward.card, amount: forward.amount,
            answer: answer, transaction: forward.kind == .purchase ? nil : forward.kind, at: at)
        if isReversed, let index = estate.terminals.find(forward.usage.terminal) {
            memory[index].markReversed(stan: forward.names.key.stan, transmission: forward.names.transmission)
            return
        }
        guard !forward.kind.hasOriginal || forward.kind == .refund else { return }
        takeIntoWindows(forward.facts(at: at), answer.intent)
    }

    private mutating func approve(_ named: NamedForward, _ answer: StoredAnswer, _ name: UpstreamName, at: Instant) {
        let forward = named.forward
        guard forward.kind != .balance else { return }
        if forward.kind.isReversed { upstream.settle(answer.rrn.number, named, name) }
        guard let index = estate.terminals.find(forward.usage.terminal) else { return }
        var entry = LedgerEntry(
            rrn: answer.rrn, kind: forward.kind, terminal: forward.usage.terminal, merchant: forward.merchant,
            card: forward.card, account: Forward.account, amount: forward.amount, at: at,
            stan: forward.names.key.stan, transmission: forward.names.transmission,
            approvalCode: answer.approvalCode, batch: 0, day: 0)
        entry.original = forward.original?.rrn
        entry.upstream = name
        judgeAmount(&entry)
        book(entry, index)
        changeOriginal(of: entry)
        if forward.kind.isVoid, let original = entry.original.flatMap({ ledger.find($0) }) { forgetInWindows(original) }
    }

    private mutating func apply(_ reversal: Reversal, of id: UInt64, isOpen: Bool, at: Instant) {
        apply(reversal, kind: 0x0200, at: at)
        guard !isOpen else { return upstream.markReversed(id) }
        guard let settled = upstream.unsettle(id) else { return }
        let forward = settled.named.forward
        upstream.store(.reversal(settled.named, of: settled.name), at: at)
        guard let index = estate.terminals.find(forward.usage.terminal), let entry = ledger.find(RRN(id)) else {
            return
        }
        if settled.name.isAdvice, entry.day == day {
            let original = entry.original.flatMap { ledger.find($0) }
            upstream.use(forward, -standInUse(entry.kind, entry.amount.minorUnits, original))
        }
        if !entry.kind.hasOriginal { forgetInWindows(entry) }
        unbook(RRN(id), index)
    }

    /// What holds of other issuers' cards have run out of time by the cut-over: they hold nothing here, and may be completed
    /// no more.
    mutating func expireForeignHolds(at now: Instant) {
        for settled in upstream.settled where settled.named.forward.kind == .preAuthorisation {
            ledger.change(RRN(settled.reference)) { entry in
                if entry.state == .standing, entry.hold.expires <= now { entry.state = .expired }
            }
        }
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
