// SPDX-License-Identifier: Apache-2.0
import Catalogue
import GRDB
import Vocabulary

/// A batch that a terminal has settled, or is uploading.
public struct BatchRow: Equatable, Sendable {
    public var terminal: TerminalID
    public var number: UInt32
    public var at: Instant
    public var isBalanced: Bool
    /// What the host had counted.
    public var counted: BatchTotals
    /// What the terminal said.
    public var claimed: BatchTotals
    public var matched: UInt32
    public var differing: UInt32
    /// Nil while the terminal uploads.
    public var closedAt: Instant?
}

extension RecordsReader {
    /// A terminal's batches, the latest first.
    public func batches(of terminal: TerminalID, limit: Int = 20) async throws -> [BatchRow] {
        try await store.read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM batches WHERE terminal = ? ORDER BY sequence DESC LIMIT ?",
                arguments: [terminal.description, Self.clamped(limit)]
            ).map { row in
                BatchRow(
                    terminal: row.terminal("terminal"), number: UInt32(truncatingIfNeeded: row["number"] as Int64),
                    at: row.instant("at") ?? .epoch, isBalanced: row["balanced"], counted: row.totals(""),
                    claimed: row.totals("claimed_"), matched: UInt32(truncatingIfNeeded: row["matched"] as Int64),
                    differing: UInt32(truncatingIfNeeded: row["differing"] as Int64),
                    closedAt: row.instant("closed_at"))
            }
        }
    }
}

extension Row {
    fileprivate func totals(_ prefix: String) -> BatchTotals {
        BatchTotals(
            debitAmount: self[prefix + "debit_amount"],
            debitCount: UInt32(truncatingIfNeeded: self[prefix + "debits"] as Int64),
            creditAmount: self[prefix + "credit_amount"],
            creditCount: UInt32(truncatingIfNeeded: self[prefix + "credits"] as Int64))
    }
}
