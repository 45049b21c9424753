// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import GRDB
import Host
import Issuer
import Vocabulary

/// Every kind of transaction but purchases, batches, and the business day.
extension Projection {
    mutating func writeOther(_ sequence: UInt64, _ record: HostRecord, _ database: Database) throws {
        switch record.body {
        case .transaction(let transaction):
            saw(transaction.sale.usage.terminal, record.at)
            try write(transaction.sale, transaction.kind, sequence, record.at, database)
            if let account = transaction.sale.account { try write(transaction.movement, account, database) }
        case .transactionReversal(let reversal):
            saw(reversal.reversal.usage.terminal, record.at)
            try write(reversal, record.at, database)
        case .settlement(let settlement):
            saw(settlement.usage.terminal, record.at)
            try write(settlement, sequence, record.at, database)
        case .batchUpload(let part):
            saw(part.usage.terminal, record.at)
            try write(part, record.at, database)
        case .dayCut(let cut):
            for hold in cut.released { try write(Movement.release(hold), hold.account, database) }
        default: break
        }
    }

    /// The same as `Issuer.apply(_:to:isForced:)`.
    private func write(_ movement: Movement, _ account: AccountID, _ database: Database) throws {
        guard movement != .none else { return }
        let held = (movement.opens?.amount ?? 0) - (movement.closes?.amount ?? 0)
        try database.write(
            "UPDATE accounts SET available = available + ?, held = held + ? WHERE id = ?",
            [movement.available, held, Int64(account.number)])
    }

    func write(_ reversal: TransactionReversal, _ at: Instant, _ database: Database) throws {
        guard let card = reversal.reversal.card else { return }
        try markReversed(reversal.reversal, at, database)
        let account = try Int64.fetchOne(
            database.cachedStatement(sql: "SELECT account FROM cards WHERE key = ?"), arguments: [hexadecimal(card)])
        guard let account else { return }
        try closeSealedHold(of: reversal.reversal, database)
        try write(reversal.movement, AccountID(UInt64(bitPattern: account)), database)
    }

    private func write(
        _ settlement: Settlement, _ sequence: UInt64, _ at: Instant, _ database: Database
    ) throws {
        guard settlement.outcome != .closedBefore else { return }
        let isBalanced = settlement.outcome == .balanced
        let (counted, claimed) = (settlement.counted, settlement.claimed)
        try database.write(
            """
            INSERT OR REPLACE INTO batches
                (terminal, number, sequence, at, balanced, debits, debit_amount, credits, credit_amount,
                 claimed_debits, claimed_debit_amount, claimed_credits, claimed_credit_amount, closed_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                settlement.usage.terminal.description, Int64(settlement.batch), Int64(sequence), at.microseconds,
                isBalanced, Int64(counted.debitCount), counted.debitAmount, Int64(counted.creditCount),
                counted.creditAmount, Int64(claimed.debitCount), claimed.debitAmount, Int64(claimed.creditCount),
                claimed.creditAmount, isBalanced ? at.microseconds : nil,
            ])
    }

    /// Adds to the batch of the terminal that is being uploaded.
    private func write(_ part: BatchUpload, _ at: Instant, _ database: Database) throws {
        try database.write(
            """
            UPDATE batches SET matched = matched + ?1, differing = differing + ?2, closed_at = ?3
            WHERE terminal = ?4 AND number = ?5 AND closed_at IS NULL
                AND sequence = (SELECT max(sequence) FROM batches WHERE terminal = ?4)
            """,
            [
                Int64(part.matched), Int64(part.differing), part.isEnd ? at.microseconds : nil,
                part.usage.terminal.description, Int64(part.batch),
            ])
    }
}
