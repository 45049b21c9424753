// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import GRDB
import Host
import Vocabulary

/// What other issuers' hosts decide, and what could not be told to them.
extension Projection {
    mutating func write(_ record: UpstreamRecord, _ sequence: UInt64, _ at: Instant, _ database: Database) throws {
        switch record {
        case .destinationSet(let destination, _):
            // By its place, which records name it by.
            try database.write(
                """
                INSERT INTO destinations (place, name) VALUES ((SELECT count(*) FROM destinations), ?1)
                ON CONFLICT (name) DO NOTHING
                """, [destination.name])
        case .forwarded(let forward):
            saw(forward.usage.terminal, at)
            try hold(forward, sequence, at, database)
        case .ended(let end): try decide(end.forward, end.answer, sequence, database)
        case .stoodIn(let forward, let answer):
            saw(forward.usage.terminal, at)
            try hold(forward, sequence, at, database)
            try decide(sequence, answer, sequence, database)
        case .reversed(let reversal, _, _):
            saw(reversal.usage.terminal, at)
            try markReversed(reversal, at, database)
        case .dead(let destination, let id, let reason):
            try database.write(
                "INSERT OR REPLACE INTO undelivered (destination, id, at, reason) VALUES (?, ?, ?, ?)",
                [Int(destination), Int64(id), at.microseconds, "\(reason)"])
        case .revived(let destination, let id, _):
            try database.write(
                "DELETE FROM undelivered WHERE destination = ? AND id = ?", [Int(destination), Int64(id)])
        default: break
        }
    }

    /// Keeps what the record of the decision will not say again.
    private func hold(_ forward: Forward, _ id: UInt64, _ at: Instant, _ database: Database) throws {
        try database.write(
            """
            INSERT OR REPLACE INTO forwards
                (id, at, terminal, merchant, card, amount, currency, stan, transmission, transaction_kind, destination)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                Int64(id), at.microseconds, forward.usage.terminal.description,
                Int64(forward.merchant.number), hexadecimal(forward.card), forward.amount.minorUnits,
                Int64(forward.amount.currency.numeric), Int64(forward.names.key.stan.number),
                Int64(forward.names.transmission), Int(forward.kind.rawValue), Int(forward.destination),
            ])
    }

    /// The row of a decision, at the time of its request and in the order of its answer.
    private func decide(_ id: UInt64, _ answer: StoredAnswer, _ sequence: UInt64, _ database: Database) throws {
        try database.write(
            """
            INSERT OR REPLACE INTO decisions
                (sequence, at, kind, terminal, merchant, card, amount, currency, intent, rrn, approval_code,
                 reference, stan, transmission, transaction_kind, destination)
            SELECT ?1, at, 1, terminal, merchant, card, amount, currency, ?2, ?3, ?4,
                CASE transaction_kind WHEN ?5 THEN '' ELSE ?6 END, stan, transmission, transaction_kind,
                (SELECT name FROM destinations WHERE place = forwards.destination)
            FROM forwards WHERE id = ?7
            """,
            [
                Int64(sequence), answer.intent.rawValue, Int64(answer.rrn.number), Int64(answer.approvalCode),
                Int(TransactionKind.balance.rawValue), answer.reference, Int64(id),
            ])
        try database.write("DELETE FROM forwards WHERE id = ?", [Int64(id)])
    }
}
