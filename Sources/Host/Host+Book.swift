// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Issuer
import SecurityTriggers
import Vocabulary

/// What the new kinds of records do: ledger, batches, holds, business day.
extension Host {
    /// Enters an approved transaction and counts it in its terminal's batch.
    mutating func book(_ entry: LedgerEntry, _ index: Int) {
        var entry = entry
        estate.noteTrade(index, at: entry.at)
        entry.batch = batches[index].number
        entry.day = day
        // A reversed one comes from a snapshot without a ledger: it counts no more.
        if ledger.append(entry), entry.state != .reversed {
            batches[index].totals.add(entry.amount.minorUnits, entry.kind.side)
        }
    }

    /// Notes whether the amount was no larger than the card had spent before, which the card's window knows by now.
    func judgeAmount(_ entry: inout LedgerEntry) {
        entry.isPlain =
            triggers.isPlain(card: entry.card, at: entry.at, terminal: entry.terminal, amount: entry.amount) ?? true
    }

    /// A reversal that took effect: it undoes what its original counts, or counts on the other side of a later batch.
    mutating func unbook(_ rrn: RRN, _ index: Int) {
        guard let entry = ledger.find(rrn) else { return }
        ledger.change(rrn) { $0.state = .reversed }
        let amount = entry.amount.minorUnits
        if entry.batch == batches[index].number {
            batches[index].totals.remove(amount, entry.kind.side)
        } else {
            switch entry.kind.side {
            case .debit: batches[index].totals.add(amount, .credit)
            case .credit: batches[index].totals.add(amount, .debit)
            case .none: break
            }
        }
        restoreOriginal(of: entry)
    }

    /// What a void, completion or refund did to the transaction it refers to.
    mutating func changeOriginal(of entry: LedgerEntry) {
        guard let rrn = entry.original, let original = ledger.find(rrn) else { return }
        switch entry.kind {
        case .purchaseVoid, .preAuthorisationVoid:
            ledger.change(rrn) { $0.state = .voided }
            markReversed(original, true)
        case .completionVoid:
            ledger.change(rrn) { $0.state = .voided }
            markReversed(original, true)
            if let held = original.original { ledger.change(held) { $0.state = .standing } }
        case .completion: ledger.change(rrn) { $0.state = .completed }
        case .refund: ledger.change(rrn) { $0.refunded += entry.amount.minorUnits }
        case .purchase, .preAuthorisation, .balance: break
        }
    }

    private mutating func restoreOriginal(of entry: LedgerEntry) {
        guard let rrn = entry.original, let original = ledger.find(rrn) else { return }
        switch entry.kind {
        case .purchaseVoid, .preAuthorisationVoid:
            ledger.change(rrn) { $0.state = .standing }
            markReversed(original, false)
            // It counts as spent again.
            forgetInWindows(original, isReversed: false)
        case .completionVoid:
            ledger.change(rrn) { $0.state = .standing }
            markReversed(original, false)
            if let held = original.original { ledger.change(held) { $0.state = .completed } }
        case .completion: ledger.change(rrn) { $0.state = .standing }
        case .refund, .purchase, .preAuthorisation, .balance: break
        }
    }

    /// A voided transaction is not approved again by a repeat, nor reversed; one whose void was reversed is.
    private mutating func markReversed(_ entry: LedgerEntry, _ isReversed: Bool) {
        guard let index = estate.terminals.find(entry.terminal) else { return }
        memory[index].markReversed(stan: entry.stan, transmission: entry.transmission, isReversed)
    }

    mutating func apply(_ transaction: CardTransaction, at: Instant) {
        let sale = transaction.sale
        estate.apply(sale.usage, at: at)
        remember(
            sale.usage, sale.names, kind: transaction.kind.messageType, card: sale.card, amount: sale.amount,
            answer: sale.answer, pass: sale.effects.passUsed ? sale.pass : nil, transaction: transaction.kind, at: at)
        guard let card = sale.card, let account = sale.account else { return }
        issuer.apply(sale.effects, to: card, at: at)
        noteChip(sale, card)
        if let facts = transaction.facts(at: at) { takeIntoWindows(facts, sale.answer.intent) }
        guard sale.answer.intent.isApproval, transaction.kind != .balance,
            let index = estate.terminals.find(sale.usage.terminal)
        else { return }
        issuer.apply(transaction.movement, to: account, isForced: transaction.kind == .completionVoid)
        if transaction.kind == .preAuthorisation { noteNotice(sale, card) }
        var entry = LedgerEntry(sale, card, account, kind: transaction.kind, at: at)
        entry.original = transaction.original
        judgeAmount(&entry)
        book(entry, index)
        changeOriginal(of: entry)
        if transaction.kind.isVoid, let original = transaction.original.flatMap({ ledger.find($0) }) {
            forgetInWindows(original)
        }
    }

    /// What was voided no longer counts as spent, nor against a notice.
    /// - Parameter isReversed: false where the void was taken back.
    mutating func forgetInWindows(_ entry: LedgerEntry, isReversed: Bool = true) {
        guard entry.kind != .completion else { return }
        issuer.markNotices(entry.card, entry.rrn, isReturned: isReversed)
        triggers.markReversed(
            card: entry.card, at: entry.at, terminal: entry.terminal, amount: entry.amount, isReversed: isReversed)
    }

    mutating func apply(_ record: TransactionReversal, at: Instant) {
        apply(record.reversal, kind: record.kind.messageType, at: at)
        guard let rrn = record.reversed, let card = record.reversal.card, let entry = ledger.find(rrn),
            let index = estate.terminals.find(record.reversal.usage.terminal)
        else { return }
        closeSealedHold(of: entry)
        issuer.apply(record.movement, to: entry.account, isForced: true)
        if let pass = record.reversal.pass { issuer.restorePass(card, pass) }
        unbook(rrn, index)
        if entry.kind == .preAuthorisation { forgetInWindows(entry) }
    }

    mutating func apply(_ settlement: Settlement, at: Instant) {
        estate.apply(settlement.usage, at: at)
        remember(
            settlement.usage, settlement.names, kind: 0x0500, card: nil, amount: nil, answer: settlement.answer, at: at)
        guard let index = estate.terminals.find(settlement.usage.terminal) else { return }
        switch settlement.outcome {
        case .balanced: batches[index].close(settlement.claimed, isBalanced: true, day: day, at: at)
        case .unbalanced: batches[index].upload = TerminalBatch.Upload(claimed: settlement.claimed)
        case .closedBefore: break
        }
    }

    mutating func apply(_ part: BatchUpload, at: Instant) {
        estate.apply(part.usage, at: at)
        remember(part.usage, part.names, kind: 0x0320, card: nil, amount: nil, answer: part.answer, at: at)
        guard let index = estate.terminals.find(part.usage.terminal), var upload = batches[index].upload else { return }
        upload.received += part.received
        upload.matched += part.matched
        upload.differing += part.differing
        batches[index].upload = upload
        if part.isEnd { batches[index].close(upload.claimed, isBalanced: false, day: day, at: at) }
    }

    mutating func apply(_ cut: DayCut, at: Instant) {
        day = cut.day
        dayBegan = at
        for hold in cut.released {
            issuer.apply(.release(hold), to: hold.account)
            ledger.change(hold.id) { $0.state = .expired }
        }
        expireForeignHolds(at: at)
    }
}
