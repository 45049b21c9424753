// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import SecurityTriggers
import Storage
import TriggerTools
import Vocabulary

/// The transactions of a data directory's journal, as its triggers saw them; another process may be writing it. Place, local
/// time and warnings stand with the estate, not in these records, and are missing; nor is it said here what proved to be a fraud, so
/// that no transaction counts as one.
struct JournalTransactions {
    enum Step {
        case transaction(LabelledTransaction)
        case reversal(card: CardKey, at: Instant, terminal: TerminalID, amount: Money)
    }

    private let reader: JournalReader

    init(data directory: String) throws { reader = try JournalReader(path: directory) }

    /// Every transaction and reversal, in the journal's order.
    func forEach(_ body: (Step) -> Void) throws {
        var approved: [RRN: TransactionFacts] = [:]
        try reader.readRecords { _, bytes in
            let record = try HostRecord(decoding: bytes)
            switch record.body {
            case .authorisation(let sale):
                step(sale, sale.facts(at: record.at), &approved, body)
            case .transaction(let transaction):
                step(transaction.sale, transaction.facts(at: record.at), &approved, body)
                // A void takes back what it names.
                guard transaction.kind.isVoid, transaction.sale.answer.intent == .approved,
                    let facts = transaction.original.flatMap({ approved[$0] })
                else { return }
                body(.reversal(card: facts.card, at: facts.at, terminal: facts.terminal, amount: facts.amount))
            case .reversal(let reversal):
                guard let card = reversal.card else { return }
                body(
                    .reversal(
                        card: card, at: reversal.originalAt ?? record.at, terminal: reversal.usage.terminal,
                        amount: reversal.amount))
            default: return
            }
        }
    }

    private func step(
        _ sale: Authorisation, _ facts: TransactionFacts?, _ approved: inout [RRN: TransactionFacts],
        _ body: (Step) -> Void
    ) {
        guard let facts else { return }
        let outcome: WindowOutcome =
            switch sale.answer.intent {
            case .approved: .approved
            case .callIssuer, .additionalProofRequired: .pending
            default: .declined
            }
        if outcome == .approved { approved[sale.answer.rrn] = facts }
        body(.transaction(LabelledTransaction(facts: facts, isFraud: false, outcome: outcome)))
    }
}
