// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Issuer
import ModuleProtocol
import Vocabulary

extension Host {
    mutating func apply(_ record: JournalRecord, at: Instant) {
        let terminal = record.identity.terminal
        guard let index = estate.terminals.find(terminal) else { return }
        var journal = journal(at: index)
        guard journal.identity == record.identity else { return }
        journal.take(record, at: at)
        if !record.raised.isEmpty {
            estate.apply(
                .reported(terminal, nil, raised: record.raised.map { RaisedWarning($0) }, eventCounter: nil), at: at)
        }
        if let settlement = record.settlement { apply(settlement, &journal, at: at) }
        journal.forgetSettled()
        journals[index] = journal
    }

    private mutating func apply(_ settlement: JournalSettlement, _ journal: inout TerminalJournal, at: Instant) {
        let place = journal.intents.firstIndex { $0.index == settlement.index }
        switch settlement.outcome {
        case .stands: break
        case .freed(let hold): issuer.apply(Movement(available: 0, closes: hold), to: hold.account)
        case .reversed(let reversal): applyPurchase(reversal, at: at)
        case .transactionReversed(let reversal): apply(reversal, at: at)
        case .forwardReversed(let reversal, let forward, let isOpen):
            apply(.reversed(reversal, of: forward, isOpen: isOpen), at: at)
        case .held(let hold, let id, let fraudCase):
            issuer.apply(.caseOpened(id, fraudCase), at: at)
            if let hold { issuer.apply(Movement(available: 0, opens: hold), to: hold.account) }
            if let place { journal.intents[place].isHeld = true }
            return
        case .owed(let id, let fraudCase): issuer.apply(.caseOpened(id, fraudCase), at: at)
        }
        if let place { journal.intents.remove(at: place) }
    }

    /// What keeps the debit of an unfinished purchase; a pre-authorisation's own hold is none.
    func sealedHold(of entry: LedgerEntry) -> Hold? {
        entry.kind == .purchase ? issuer.holds[entry.rrn] : nil
    }

    /// A transaction that is taken back is held no longer.
    mutating func closeSealedHold(of entry: LedgerEntry) {
        guard let hold = sealedHold(of: entry) else { return }
        issuer.apply(Movement(available: 0, closes: hold), to: hold.account)
    }

    /// The answer to a case about an unfinished transaction: it was completed and stands, or it was not, and its money comes
    /// back.
    mutating func answerSealed(_ id: CaseID, isCompleted: Bool, at: Instant) {
        guard let answered = issuer.cases[id], answered.isUnfinished,
            let entry = ledger.find(answered.rrn), let index = estate.terminals.find(entry.terminal)
        else { return }
        // Whatever its journal says later, people have answered.
        journals[index].intents.removeAll {
            $0.isHeld && $0.intent.stan == entry.stan && $0.intent.transmission == entry.transmission
        }
        guard let hold = sealedHold(of: entry) else { return }
        issuer.apply(Movement(available: 0, closes: hold), to: hold.account)
        guard !isCompleted, entry.isWhole, let movement = movement(of: entry) else { return }
        issuer.apply(movement.inverse, to: entry.account, isForced: true)
        memory[index].markReversed(stan: entry.stan, transmission: entry.transmission)
        forgetInWindows(entry)
        unbook(entry.rrn, index)
    }
}
