// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import GRDB
import Host
import SecurityTriggers
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
        case .ended(let end): try conclude(end, sequence, at, database)
        case .stoodIn(let forward, let answer):
            saw(forward.usage.terminal, at)
            try hold(forward, sequence, at, database)
            try decide(sequence, answer, sequence, database)
            if let effects = forward.verdict?.effects {
                try write(effects, hexadecimal(forward.card), nil, sequence, at, database)
            }
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
        let said = said(forward.verdict, forward.facts(at: at))
        try database.write(
            """
            INSERT OR REPLACE INTO forwards
                (id, at, terminal, merchant, card, amount, currency, stan, transmission, transaction_kind, destination,
                 rules_version, rules, explanation, shadow_version, shadow_rules)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                Int64(id), at.microseconds, forward.usage.terminal.description,
                Int64(forward.merchant.number), hexadecimal(forward.card), forward.amount.minorUnits,
                Int64(forward.amount.currency.numeric), Int64(forward.names.key.stan.number),
                Int64(forward.names.transmission), Int(forward.kind.rawValue), Int(forward.destination),
                said.version, said.rules, said.explanation, said.shadow.version, said.shadow.rules,
            ])
    }

    /// What the rules said to a transaction that another host decides.
    private func said(
        _ verdict: ForwardVerdict?, _ facts: TransactionFacts?
    ) -> (version: Int64?, rules: String?, explanation: String?, shadow: (version: Int64?, rules: String?)) {
        guard let verdict else { return (nil, nil, nil, (nil, nil)) }
        let hasSpoken = !verdict.evaluation.results.isEmpty
        return (
            Int64(verdict.rulesVersion), fired(verdict.evaluation),
            hasSpoken ? Explanation.json(verdict.evaluation, rules: live.rules, facts: facts).text : nil,
            shadow(verdict.shadow)
        )
    }

    /// The answer has come, or what stands for one.
    private func conclude(_ end: ForwardEnd, _ sequence: UInt64, _ at: Instant, _ database: Database) throws {
        let card = try String.fetchOne(
            database.cachedStatement(sql: "SELECT card FROM forwards WHERE id = ?"), arguments: [Int64(end.forward)])
        try decide(end.forward, end.answer, sequence, database)
        guard let verdict = end.verdict else { return }
        // Asked once more, the rules may have said something else.
        let said = said(verdict, nil)
        if said.explanation != nil {
            try database.write(
                "UPDATE decisions SET rules_version = ?, rules = ?, explanation = ? WHERE sequence = ?",
                [said.version, said.rules, said.explanation, Int64(sequence)])
            try complete(sequence, end.answer, database)
        }
        if let effects = verdict.effects, let card { try write(effects, card, nil, sequence, at, database) }
    }

    /// The row of a decision, at the time of its request and in the order of its answer.
    private func decide(_ id: UInt64, _ answer: StoredAnswer, _ sequence: UInt64, _ database: Database) throws {
        try database.write(
            """
            INSERT OR REPLACE INTO decisions
                (sequence, at, kind, terminal, merchant, card, amount, currency, intent, rrn, approval_code,
                 reference, stan, transmission, transaction_kind, destination, rules_version, rules, explanation,
                 shadow_version, shadow_rules)
            SELECT ?1, at, 1, terminal, merchant, card, amount, currency, ?2, ?3, ?4,
                CASE transaction_kind WHEN ?5 THEN '' ELSE ?6 END, stan, transmission, transaction_kind,
                (SELECT name FROM destinations WHERE place = forwards.destination), rules_version, rules, explanation,
                shadow_version, shadow_rules
            FROM forwards WHERE id = ?7
            """,
            [
                Int64(sequence), answer.intent.rawValue, Int64(answer.rrn.number), Int64(answer.approvalCode),
                Int(TransactionKind.balance.rawValue), answer.reference, Int64(id),
            ])
        try database.write("DELETE FROM forwards WHERE id = ?", [Int64(id)])
        try complete(sequence, answer, database)
    }

    /// What the rules said was written down before there was an answer, which its explanation shows too.
    private func complete(_ sequence: UInt64, _ answer: StoredAnswer, _ database: Database) throws {
        let statement = try database.cachedStatement(
            sql: "SELECT explanation, reference FROM decisions WHERE sequence = ? AND explanation IS NOT NULL")
        guard let row = try Row.fetchOne(statement, arguments: [Int64(sequence)]), let text: String = row[0],
            let explanation = try? JSON(parsing: Array(text.utf8))
        else { return }
        let reference: String = row[1]
        let context = Explanation.Context(
            code: answer.intent.outcome(in: .iso8583).code.description, journal: (1, sequence),
            merchantReference: reference.isEmpty ? nil : reference)
        try database.write(
            "UPDATE decisions SET explanation = ? WHERE sequence = ?",
            [Explanation.completed(explanation, by: context).text, Int64(sequence)])
    }
}
