// SPDX-License-Identifier: Apache-2.0
import Issuer
import SecurityTriggers
import Vocabulary

/// Feedback: what cardholders, analysts and statement checks make known of transactions reaches the counters of terminal,
/// merchant and card at once.
extension Host {
    /// A verdict from elsewhere, about a transaction that the ledger or a case knows.
    func decideLabel(
        _ rrn: RRN, _ verdict: TransactionLabel.Verdict, by staff: StaffID
    ) throws(CommandRefusal) -> LabelRecord {
        let known = labels[rrn]
        if verdict == .withdrawn {
            guard known != nil else { throw .label(.notLabelled) }
        } else if known != nil {
            throw .label(.alreadyLabelled)
        }
        if let entry = ledger.find(rrn) {
            return LabelRecord(
                rrn: rrn, verdict: verdict, card: entry.card, terminal: entry.terminal, merchant: entry.merchant,
                amount: entry.amount, at: entry.at, by: staff)
        }
        guard let found = issuer.cases.values.last(where: { $0.rrn == rrn && !$0.isUnfinished }) else {
            throw .label(.unknownTransaction)
        }
        return LabelRecord(
            rrn: rrn, verdict: verdict, card: found.card, terminal: found.terminal, merchant: found.merchant,
            amount: found.amount, at: found.opened, by: staff)
    }

    mutating func apply(_ record: LabelRecord, at: Instant) {
        note(
            TransactionLabel(
                card: record.card, terminal: record.terminal, at: record.at, known: at, verdict: record.verdict,
                isPlain: false, merchant: record.merchant, amount: record.amount), of: record.rrn, by: record.by)
    }

    /// What the answer to a case says of its transaction. A dispute says "fraud" when it is opened.
    mutating func label(_ id: CaseID, _ verdict: TransactionLabel.Verdict, by staff: StaffID?, at known: Instant) {
        guard let found = issuer.cases[id], !found.isUnfinished else { return }
        // A dispute is opened days after its transaction, which the ledger may still know.
        let at = found.isDispute ? ledger.find(found.rrn)?.at ?? found.opened : found.opened
        note(
            TransactionLabel(
                card: found.card, terminal: found.terminal, at: at, known: known, verdict: verdict, isPlain: false,
                merchant: found.merchant, amount: found.amount), of: found.rrn, by: staff ?? Self.cardholder)
    }

    /// One verdict a transaction: the same again changes nothing, another one takes the first back.
    private mutating func note(_ label: TransactionLabel, of rrn: RRN, by staff: StaffID) {
        let known = labels[rrn]
        guard known?.verdict != label.verdict, known != nil || label.verdict != .withdrawn else { return }
        var label = label
        if let known, known.verdict == .fraud {
            var withdrawn = label
            (withdrawn.verdict, withdrawn.known, withdrawn.isPlain) = (.withdrawn, known.known, known.isPlain)
            triggers.label(withdrawn)
        }
        guard label.verdict != .withdrawn else { return labels.remove(rrn) }
        label.isPlain = isPlain(label, rrn)
        labels.set(
            LabelBook.Entry(
                rrn: rrn, verdict: label.verdict, known: label.known, by: staff, isPlain: label.isPlain))
        triggers.label(label)
    }

    /// Whether the amount was no larger than the card had spent before. Of what was stopped only the window knows, for 48
    /// hours: after that it says nothing of its terminal.
    private func isPlain(_ label: TransactionLabel, _ rrn: RRN) -> Bool {
        if let entry = ledger.find(rrn) { return entry.isPlain }
        guard let amount = label.amount else { return false }
        return triggers.isPlain(card: label.card, at: label.at, terminal: label.terminal, amount: amount) ?? false
    }

    /// In whose name a dispute stands.
    private static let cardholder = StaffID(packed: 0x484F_4C44_4552_0000)

    /// Snapshots before the eighth version kept no verdicts: the cases' answers give them again, by the time at which the
    /// cases were opened.
    mutating func relabel() {
        for (id, found) in zip(issuer.cases.keys, issuer.cases.values) {
            switch found.state {
            case .open: if found.isDispute { label(id, .fraud, by: nil, at: found.opened) }
            case .confirmed: label(id, .genuine, by: found.answeredBy, at: found.opened)
            case .denied: label(id, .fraud, by: found.answeredBy, at: found.opened)
            }
        }
    }
}
