// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

extension Terminal {
    /// Decided: changes the book and makes the record durable before anything that follows leaves the terminal.
    mutating func record(_ record: TerminalRecord, _ step: inout Step) {
        let fits = book.apply(record)
        precondition(fits, "the terminal decided against its own book")
        // What the journal cannot take now is in the snapshot that mends it.
        if store == nil { step.persist(record) } else { store?.isBehind = true }
    }

    /// The next trace number. Those of open items are passed over, since after a million messages they come again.
    mutating func takeSTAN() -> STAN {
        repeat { lastSTAN = lastSTAN.next } while book.isInUse(lastSTAN) || line?.stan == lastSTAN
        return lastSTAN
    }
}

extension TerminalBook {
    /// The only change of a book, live and at a restart.
    ///
    /// - Returns: false, and nothing has changed, for a record that cannot follow those before it.
    mutating func apply(_ record: TerminalRecord) -> Bool {
        switch record {
        case .stan(let stan):
            advance(to: stan)
        case .intent(let intent):
            guard !isInUse(intent.stan), intent.state == .inFlight else { return false }
            intents.append(intent)
            advance(to: intent.stan)
        case .approved(let sale):
            guard let index = inFlight(sale.stan) else { return false }
            let kind = end(index).kind
            batch.entries.append(
                BatchEntry(
                    kind: kind, stan: sale.stan, rrn: UInt64(sale.rrn).map { RRN($0) }, amount: sale.amount,
                    approvalCode: sale.approvalCode, at: sale.at))
            lastSale = .approved(sale)
        case .declined(let stan):
            guard let index = inFlight(stan) else { return false }
            end(index)
            lastSale = .declined(stan)
        case .reversalDue(let stan, let reason, let reversal, let rrn):
            guard let index = inFlight(stan), intents[index].kind.isReversed, !isInUse(reversal) else { return false }
            intents[index].state = .due(reason, reversal)
            intents[index].rrn = rrn
            lastSale = .reversed(stan, reason)
            advance(to: reversal)
        case .reversalDone(let stan):
            guard let index = intents.firstIndex(where: { $0.stan == stan && $0.reversal != nil }) else { return false }
            end(index)
        case .report(let report):
            guard !isInUse(report.stan), !report.codes.isEmpty else { return false }
            reports.append(report)
            advance(to: report.stan)
        case .reportDone(let stan):
            guard let index = reports.firstIndex(where: { $0.stan == stan }) else { return false }
            reports.remove(at: index)
        case .linkToken(let token):
            linkTokenCandidates.append(token)
            if linkTokenCandidates.count > Self.linkTokenCandidatesMax { linkTokenCandidates.removeFirst() }
        case .linkTokenAccepted:
            guard let token = linkTokenCandidates.last else { return false }
            linkToken = token
            linkTokenCandidates = []
        case .snapshot(let book):
            self = book
        case .service(let record):
            if case .paired(let pairing) = record, service.pairing.map({ $0 != pairing }) ?? false { forgetSealed() }
            return service.apply(record)
        case .sealed(let item, let covers, let record):
            return apply(record, sealed: item, covers: covers)
        case .sealedAcknowledged(let index): sealed.acknowledge(through: index)
        case .settlementStarted, .uploadDue, .settlementDropped, .batchClosed, .batchNumber:
            return applyBatch(record)
        }
        return true
    }

    /// Takes an intent out; a later record is to cover it.
    @discardableResult
    private mutating func end(_ index: Int) -> ReversalIntent {
        let ended = intents.remove(at: index)
        if let number = ended.sealed { uncovered.append(number) }
        return ended
    }

    private mutating func apply(_ record: TerminalRecord, sealed item: SealedItem, covers: [UInt64]) -> Bool {
        guard sealed.takes(item) else { return false }
        switch record {
        case .sealed, .snapshot: return false
        default: guard apply(record) else { return false }
        }
        _ = sealed.append(item)
        if case .intent = record { intents[intents.count - 1].sealed = item.index }
        uncovered.removeAll { covers.contains($0) }
        return true
    }

    /// Another module, or another identity of it, keeps another journal.
    private mutating func forgetSealed() {
        (sealed, uncovered) = (SealedTail(), [])
        for index in intents.indices { intents[index].sealed = nil }
    }

    private mutating func applyBatch(_ record: TerminalRecord) -> Bool {
        switch record {
        case .settlementStarted(let stan, let at):
            guard batch.settlement == nil, !batch.entries.isEmpty, !isInUse(stan) else { return false }
            batch.settlement = SettlementRun(stan: stan, at: at, stage: .totals)
            advance(to: stan)
        case .uploadDue(let stan, let at, let next):
            guard batch.settlement != nil, next <= batch.entries.count, !isInUse(stan) else { return false }
            batch.settlement = SettlementRun(stan: stan, at: at, stage: .upload(next: next))
            advance(to: stan)
        case .settlementDropped:
            guard batch.settlement != nil else { return false }
            batch.settlement = nil
        case .batchClosed:
            guard batch.settlement != nil else { return false }
            batch.close()
        case .batchNumber(let number):
            guard batch.settlement == nil else { return false }
            batch.number = number
        default: return false
        }
        return true
    }

    private func inFlight(_ stan: STAN) -> Int? {
        intents.firstIndex { $0.stan == stan && $0.state == .inFlight }
    }
}
