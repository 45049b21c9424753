// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Issuer
import ModuleProtocol
import SecurityTriggers
import Vocabulary

extension Host {
    /// The only mutation, live and in recovery.
    public mutating func apply(_ record: HostRecord) {
        sequence += 1
        switch record.body {
        case .estate(let change):
            estate.apply(change, at: record.at)
            switch change {
            case .terminalAdded, .terminalRegistered:
                memory.append(TransactionMemory())
                batches.append(TerminalBatch())
                journals.append(TerminalJournal())
            default: break
            }
        case .issuer(let change):
            issuer.apply(change, at: record.at)
            // An unlocked card begins anew: its wrong PINs count towards no burst any more.
            switch change {
            case .pinSet(let card, _, _): triggers.resetWrongPINs(card: card)
            case .caseOpened(let id, let fraudCase):
                if fraudCase.isDispute { label(id, .fraud, by: nil, at: record.at) }
            case .caseConfirmed(let id, let staff, _):
                answerSealed(id, isCompleted: true, at: record.at)
                label(id, .genuine, by: staff, at: record.at)
            case .caseDenied(let id, let staff):
                answerSealed(id, isCompleted: false, at: record.at)
                label(id, .fraud, by: staff, at: record.at)
            default: break
            }
        case .rulesReplaced(let text, let staff): load(text, by: staff, at: record.at)
        case .rules(let change): apply(change, at: record.at)
        case .label(let label): apply(label, at: record.at)
        case .list(let change): apply(change, at: record.at)
        case .model(let change): apply(change, at: record.at)
        case .authorisation(let sale): apply(sale, at: record.at)
        case .reversal(let reversal): applyPurchase(reversal, at: record.at)
        case .refusal(let refusal):
            estate.apply(refusal.usage, at: record.at)
            remember(refusal, at: record.at)
        case .contradiction(let refusal, let raised):
            // What contradicts an answered request is remembered by its warning alone.
            estate.apply(
                .reported(
                    refusal.usage.terminal, refusal.usage, raised: raised.map { RaisedWarning($0) }, eventCounter: nil),
                at: record.at)
        case .repeated(let usage): estate.apply(usage, at: record.at)
        case .report(let change, let report):
            estate.apply(change, at: record.at)
            if let usage = change.usageOfReport {
                remember(
                    usage, report.names, kind: 0x0620, card: nil, amount: nil, answer: report.answer, at: record.at)
            }
        case .transaction(let transaction): apply(transaction, at: record.at)
        case .transactionReversal(let reversal): apply(reversal, at: record.at)
        case .settlement(let settlement): apply(settlement, at: record.at)
        case .batchUpload(let part): apply(part, at: record.at)
        case .dayCut(let cut):
            apply(cut, at: record.at)
            upstream.uses = []
            modelWatch.cutOver()
        case .upstream(let change): apply(change, at: record.at)
        case .journal(let change): apply(change, at: record.at)
        }
    }

    private mutating func apply(_ sale: Authorisation, at: Instant) {
        estate.apply(sale.usage, at: at)
        remember(
            sale.usage, sale.names, kind: 0x0200, card: sale.card, amount: sale.amount, answer: sale.answer,
            pass: sale.effects.passUsed ? sale.pass : nil, at: at)
        guard let card = sale.card else { return }
        issuer.apply(sale.effects, to: card, at: at)
        noteChip(sale, card)
        noteNotice(sale, card)
        if let facts = sale.facts(at: at) { takeIntoWindows(facts, sale.answer.intent) }
        guard sale.answer.intent.isApproval, let account = sale.account,
            let index = estate.terminals.find(sale.usage.terminal)
        else { return }
        var entry = LedgerEntry(sale, card, account, kind: .purchase, at: at)
        judgeAmount(&entry)
        book(entry, index)
    }

    /// Counters of cryptograms that are right only rise.
    mutating func noteChip(_ sale: Authorisation, _ card: CardKey) {
        if let chip = sale.chip, chip.finding == .right { issuer.noteChip(card, counter: chip.counter) }
    }

    /// A notice that lifted a rule of what was approved is used.
    mutating func noteNotice(_ sale: Authorisation, _ card: CardKey) {
        guard let notice = sale.notice, sale.answer.intent.isApproval,
            sale.evaluation?.results.contains(where: { $0.outcome == .suppressed && !$0.isShadow }) == true
        else { return }
        issuer.use(notice: notice, card, sale.answer.rrn, sale.amount.minorUnits)
    }

    mutating func applyPurchase(_ reversal: Reversal, at: Instant) {
        let terminal = reversal.usage.terminal
        let index = estate.terminals.find(terminal)
        let original = index.flatMap {
            memory[$0].original(stan: reversal.originalSTAN, transmission: reversal.originalTransmission)
        }
        apply(reversal, kind: 0x0200, at: at)
        guard let card = reversal.card else { return }
        issuer.credit(card, reversal.amount.minorUnits)
        if let pass = reversal.pass { issuer.restorePass(card, pass) }
        triggers.markReversed(
            card: card, at: reversal.originalAt ?? at, terminal: terminal, amount: reversal.amount)
        guard let index, let original else { return }
        issuer.markNotices(card, original.answer.rrn, isReturned: true)
        if let entry = ledger.find(original.answer.rrn) { closeSealedHold(of: entry) }
        unbook(original.answer.rrn, index)
    }

    /// What every reversal does to the duplicate index.
    mutating func apply(_ reversal: Reversal, kind: UInt16, at: Instant) {
        // One out of a sealed journal came in no message of its own.
        if !reversal.usage.isNone { estate.apply(reversal.usage, at: at) }
        guard let index = estate.terminals.find(reversal.usage.terminal) else { return }
        if reversal.answer.intent == .noOriginal {
            // The sale may still be on its way: it is refused when it comes.
            memory[index].insert(
                RememberedTransaction(
                    // DE 12 and 13 of a reversal are its sale's.
                    key: TransactionKey(stan: reversal.originalSTAN, localTime: reversal.names.key.localTime),
                    transmission: reversal.originalTransmission, digest: 0, card: nil, amount: reversal.amount, at: at,
                    answer: reversal.answer, isReversed: true, isTombstone: true, kind: kind))
        } else {
            memory[index].markReversed(stan: reversal.originalSTAN, transmission: reversal.originalTransmission)
        }
        guard !reversal.usage.isNone else { return }
        remember(
            reversal.usage, reversal.names, kind: 0x0400, card: nil, amount: reversal.amount, answer: reversal.answer,
            at: at)
    }

    /// A refusal is an answer too. What contradicts an answered request is not remembered in that one's place.
    private mutating func remember(_ refusal: Refusal, at: Instant) {
        guard refusal.kind != 0x0800, refusal.answer.intent != .duplicateConflict,
            refusal.answer.intent != .ksnRefused
        else { return }
        remember(
            refusal.usage, refusal.names, kind: refusal.kind, card: nil, amount: refusal.amount,
            answer: refusal.answer, at: at)
    }

    mutating func remember(
        _ usage: TerminalUsage, _ names: MessageNames, kind: UInt16, card: CardKey?, amount: Money?,
        answer: StoredAnswer, pass: OneTimePass? = nil, transaction: TransactionKind? = nil, at: Instant
    ) {
        guard let index = estate.terminals.find(usage.terminal) else { return }
        memory[index].insert(
            RememberedTransaction(
                key: names.key, transmission: names.transmission, digest: usage.digest, card: card,
                amount: amount ?? Money(minorUnits: 0, estate.terminals.values[index].currency), at: at,
                answer: answer, isReversed: false, isTombstone: false, kind: kind, pass: pass,
                transaction: transaction))
    }

    mutating func forgetAnswers() {
        for index in memory.indices { memory[index] = TransactionMemory() }
    }

    mutating func extendLeases() { estate.extendLeases() }
}
