// SPDX-License-Identifier: Apache-2.0
import Estate
import GRDB
import Host
import Issuer
import ModuleProtocol
import Vocabulary

extension Projection {
    /// What sealed journals of dead terminals come to, with the same effects as `Host.apply`.
    mutating func write(_ record: JournalRecord, _ sequence: UInt64, _ at: Instant, _ database: Database) throws {
        if !record.raised.isEmpty {
            let raised = record.raised.map { RaisedWarning($0) }
            let change = EstateRecord.reported(record.identity.terminal, nil, raised: raised, eventCounter: nil)
            try write(change, sequence, at, database)
        }
        guard let settlement = record.settlement else { return }
        switch settlement.outcome {
        case .stands: break
        case .freed(let hold): try closeSealedHold(Int64(hold.id.number), database)
        case .reversed(let reversal): try write(reversal, at, database)
        case .transactionReversed(let reversal): try write(reversal, at, database)
        case .forwardReversed(let reversal, _, _): try markReversed(reversal, at, database)
        case .held(let hold, let id, let fraudCase):
            try open(id, fraudCase, at, database)
            guard let hold else { return }
            try database.write(
                "INSERT OR REPLACE INTO sealed_holds (rrn, account, amount) VALUES (?, ?, ?)",
                [Int64(hold.id.number), Int64(hold.account.number), hold.amount])
            try database.write(
                "UPDATE accounts SET held = held + ? WHERE id = ?", [hold.amount, Int64(hold.account.number)])
        case .owed(let id, let fraudCase): try open(id, fraudCase, at, database)
        }
    }

    /// What keeps the debit of a transaction that was perhaps not completed.
    private func closeSealedHold(_ rrn: Int64, _ database: Database) throws {
        try database.write(
            """
            UPDATE accounts SET held = held - (SELECT amount FROM sealed_holds WHERE rrn = ?1)
            WHERE id = (SELECT account FROM sealed_holds WHERE rrn = ?1)
            """, [rrn])
        try database.write("DELETE FROM sealed_holds WHERE rrn = ?", [rrn])
    }

    /// A transaction that is taken back is held no longer.
    func closeSealedHold(of reversal: Reversal, _ database: Database) throws {
        guard let originalAt = reversal.originalAt else { return }
        let rrn = try Int64.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT rrn FROM decisions
                    WHERE at = ? AND terminal = ? AND stan = ? AND transmission = ?
                        AND rrn IN (SELECT rrn FROM sealed_holds)
                    """),
            arguments: [
                originalAt.microseconds, reversal.usage.terminal.description, Int64(reversal.originalSTAN.number),
                Int64(reversal.originalTransmission),
            ])
        if let rrn { try closeSealedHold(rrn, database) }
    }

    /// The answer to a case about such a transaction.
    func answerSealed(_ id: CaseID, isCompleted: Bool, _ at: Instant, _ database: Database) throws {
        let rrn = try Int64.fetchOne(
            database.cachedStatement(
                sql: "SELECT rrn FROM cases WHERE id = ? AND rules = ? AND rrn IN (SELECT rrn FROM sealed_holds)"),
            arguments: [Int64(id.number), FraudCase.unfinishedRule])
        guard let rrn else { return }
        if !isCompleted {
            try database.write(
                """
                UPDATE accounts SET available = available + (SELECT amount FROM sealed_holds WHERE rrn = ?1)
                WHERE id = (SELECT account FROM sealed_holds WHERE rrn = ?1)
                """, [rrn])
            try database.write(
                "UPDATE decisions SET reversed_at = ? WHERE rrn = ? AND reversed_at IS NULL", [at.microseconds, rrn])
        }
        try closeSealedHold(rrn, database)
    }
}
