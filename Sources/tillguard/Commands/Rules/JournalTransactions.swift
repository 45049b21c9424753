// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import Issuer
import SecurityTriggers
import Storage
import TriggerTools
import Vocabulary

/// The transactions of a data directory's journal, as its triggers saw them; another process may be writing it. Place, local
/// time and warnings stand with the estate, not in these records, and are missing. Frauds are those that are known by the journal's
/// end: denied cases, disputes, and verdicts from elsewhere.
struct JournalTransactions {
    enum Step {
        case transaction(LabelledTransaction)
        case reversal(card: CardKey, at: Instant, terminal: TerminalID, amount: Money)
    }

    private let reader: JournalReader
    private let files: ListFiles

    init(data directory: String) throws {
        reader = try JournalReader(path: directory)
        files = ListFiles(data: directory)
    }

    /// The lists as they are at the journal's end, for rules to be bound to.
    ///
    /// - Throws: `ListFileError` for a list whose file is not there.
    func lists() throws -> ListStore {
        var book = ListBook()
        try reader.readRecords { _, bytes in
            let record = try HostRecord(decoding: bytes)
            if case .list(let change) = record.body { book.apply(change, at: record.at) }
        }
        for file in book.missing.compactMap(\.file) { book.supply(try files.read(file.digest)) }
        return book.store
    }

    /// Every transaction and reversal, in the journal's order.
    func forEach(_ body: (Step) -> Void) throws {
        let frauds = try frauds()
        var approved: [RRN: TransactionFacts] = [:]
        try reader.readRecords { _, bytes in
            let record = try HostRecord(decoding: bytes)
            switch record.body {
            case .authorisation(let sale):
                step(sale, sale.facts(at: record.at), frauds, &approved, body)
            case .transaction(let transaction):
                step(transaction.sale, transaction.facts(at: record.at), frauds, &approved, body)
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
        _ sale: Authorisation, _ facts: TransactionFacts?, _ frauds: Set<RRN>,
        _ approved: inout [RRN: TransactionFacts], _ body: (Step) -> Void
    ) {
        guard let facts else { return }
        let outcome: WindowOutcome =
            switch sale.answer.intent {
            case .approved: .approved
            case .callIssuer, .additionalProofRequired: .pending
            default: .declined
            }
        if outcome == .approved { approved[sale.answer.rrn] = facts }
        let isFraud = frauds.contains(sale.answer.rrn)
        body(.transaction(LabelledTransaction(facts: facts, isFraud: isFraud, outcome: outcome)))
    }

    /// Read before the transactions: a verdict comes after what it is about.
    private func frauds() throws -> Set<RRN> {
        var cases: [CaseID: RRN] = [:]
        var frauds: Set<RRN> = []
        func open(_ opened: (id: CaseID, fraudCase: FraudCase)?) {
            guard let opened, !opened.fraudCase.isUnfinished else { return }
            cases[opened.id] = opened.fraudCase.rrn
            if opened.fraudCase.isDispute { frauds.insert(opened.fraudCase.rrn) }
        }
        try reader.readRecords { _, bytes in
            switch try HostRecord(decoding: bytes).body {
            case .authorisation(let sale): open(sale.effects.openCase)
            case .transaction(let transaction): open(transaction.sale.effects.openCase)
            case .issuer(.caseOpened(let id, let fraudCase)): open((id, fraudCase))
            case .issuer(.caseDenied(let id, _)): if let rrn = cases[id] { frauds.insert(rrn) }
            case .issuer(.caseConfirmed(let id, _, _)): if let rrn = cases[id] { frauds.remove(rrn) }
            case .label(let label):
                if label.verdict == .fraud { frauds.insert(label.rrn) } else { frauds.remove(label.rrn) }
            default: break
            }
        }
        return frauds
    }
}
