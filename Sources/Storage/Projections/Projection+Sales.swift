// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import GRDB
import Host
import Issuer
import ModuleProtocol
import SecurityTriggers
import Vocabulary

/// What kind of request a decision answered.
public enum DecisionKind: Int, CaseIterable, Sendable {
    /// A sale that reached the card.
    case sale = 1
    /// Refused after authentication, before any card was looked at.
    case refusal = 2
}

extension Projection {
    private static let insert = """
        INSERT OR REPLACE INTO decisions
            (sequence, at, kind, terminal, merchant, card, account, amount, currency, intent, rrn, approval_code,
             reference, stan, transmission, rules_version, rules, explanation, transaction_kind, shadow_version,
             shadow_rules)
        VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    /// The hot path: one row, and the card's and account's figures where they changed.
    func write(
        _ sale: Authorisation, _ kind: TransactionKind, _ sequence: UInt64, _ at: Instant,
        _ database: Database
    ) throws {
        let card = sale.card.map(hexadecimal)
        let shadow = shadow(sale.shadow)
        var explanation: String?
        // Explained only where a rule said something: a text an authorisation would cost more than all the rest.
        if let evaluation = sale.evaluation, !evaluation.results.isEmpty {
            // What an account holds is the till's to show, and no reference.
            let reference = kind == .balance || sale.answer.reference.isEmpty ? nil : sale.answer.reference
            let context = Explanation.Context(
                code: sale.answer.intent.outcome(in: .iso8583).code.description, journal: (1, sequence),
                merchantReference: reference, reference: try references(of: evaluation, card, database))
            explanation =
                Explanation.json(evaluation, rules: live.rules, facts: sale.facts(at: at), context: context).text
        }
        try database.write(
            Self.insert,
            [
                Int64(sequence), at.microseconds, sale.usage.terminal.description, Int64(sale.merchant.number), card,
                sale.account.map { Int64($0.number) }, sale.amount.minorUnits, Int64(sale.amount.currency.numeric),
                sale.answer.intent.rawValue, Int64(sale.answer.rrn.number), Int64(sale.answer.approvalCode),
                // What an account holds is the till's to show, and nobody else's.
                kind == .balance ? "" : sale.answer.reference, Int64(sale.names.key.stan.number),
                Int64(sale.names.transmission),
                Int64(sale.rulesVersion), fired(sale.evaluation), explanation, Int(kind.rawValue), shadow.version,
                shadow.rules,
            ])
        guard let card else { return }
        try write(sale.effects, card, sale.account, sequence, at, database)
    }

    /// The references of the transactions behind an evaluation's figures, as far as they were decided here.
    private func references(
        of evaluation: Evaluation, _ card: String?, _ database: Database
    ) throws -> (@Sendable (Evidence) -> String?)? {
        guard let card else { return nil }
        var found: [Evidence: String] = [:]
        for evidence in evaluation.results.flatMap(\.figures).flatMap(\.evidence) where found[evidence] == nil {
            // Windows keep times to the millisecond.
            let statement = try database.cachedStatement(
                sql: """
                    SELECT rrn FROM decisions INDEXED BY decisions_by_time
                    WHERE card = ? AND at >= ? AND at < ? AND terminal = ? LIMIT 1
                    """)
            let start = evidence.at.microseconds
            let rrn = try Int64.fetchOne(
                statement, arguments: [card, start, start + 1_000, evidence.terminal.description])
            found[evidence] = rrn.map { RRN(UInt64(bitPattern: $0)).description }
        }
        let references = found
        guard !references.isEmpty else { return nil }
        return { (evidence: Evidence) -> String? in references[evidence] }
    }

    /// The same effects as `Issuer.apply(_:to:at:)`.
    func write(
        _ effects: CardEffects, _ card: String, _ account: AccountID?, _ sequence: UInt64, _ at: Instant,
        _ database: Database
    ) throws {
        switch effects.pin {
        case .right:
            // Rarely anything to change, and then the row is not written.
            try database.write("UPDATE cards SET wrong_pins = 0 WHERE key = ? AND wrong_pins <> 0", [card])
        case .wrong:
            try database.write(
                "UPDATE cards SET wrong_pins = min(?, wrong_pins + 1) WHERE key = ?",
                [Int(Issuer.pinTriesMax), card])
        case .untried, .unusable: break
        }
        if let until = effects.freezeCardUntil {
            // A shorter freeze never ends a longer one.
            try database.write(
                "UPDATE cards SET frozen_until = max(coalesce(frozen_until, 0), ?) WHERE key = ?",
                [until.microseconds, card])
        }
        if effects.debit != 0, let account {
            try database.write(
                "UPDATE accounts SET available = available - ? WHERE id = ?",
                [effects.debit, Int64(account.number)])
        }
        if let (id, fraudCase) = effects.openCase { try open(id, fraudCase, at, database) }
    }

    /// Marks the sale that stood and gives its amount back.
    func write(_ reversal: Reversal, _ at: Instant, _ database: Database) throws {
        guard let card = reversal.card else { return }
        try markReversed(reversal, at, database)
        try closeSealedHold(of: reversal, database)
        try database.write(
            "UPDATE accounts SET available = available + ? WHERE id = (SELECT account FROM cards WHERE key = ?)",
            [reversal.amount.minorUnits, hexadecimal(card)])
    }

    func markReversed(_ reversal: Reversal, _ at: Instant, _ database: Database) throws {
        guard let originalAt = reversal.originalAt else { return }
        try database.write(
            """
            UPDATE decisions SET reversed_at = ?
            WHERE at = ? AND terminal = ? AND stan = ? AND transmission = ? AND reversed_at IS NULL
            """,
            [
                at.microseconds, originalAt.microseconds, reversal.usage.terminal.description,
                Int64(reversal.originalSTAN.number), Int64(reversal.originalTransmission),
            ])
    }

    func write(_ refusal: Refusal, _ sequence: UInt64, _ at: Instant, _ database: Database) throws {
        try database.write(
            """
            INSERT OR REPLACE INTO decisions
                (sequence, at, kind, terminal, merchant, amount, currency, intent, rrn, approval_code, reference,
                 stan, transmission)
            VALUES (?, ?, 2, ?, (SELECT merchant FROM terminals WHERE id = ?), ?, ?, ?, ?, 0, ?, ?, ?)
            """,
            [
                Int64(sequence), at.microseconds, refusal.usage.terminal.description,
                refusal.usage.terminal.description, refusal.amount.minorUnits, Int(refusal.amount.currency.numeric),
                refusal.answer.intent.rawValue, Int64(refusal.answer.rrn.number), refusal.answer.reference,
                Int64(refusal.names.key.stan.number), Int64(refusal.names.transmission),
            ])
    }
}

/// A card key as `CardKey.description` writes it, in one allocation.
func hexadecimal(_ key: CardKey) -> String {
    String(unsafeUninitializedCapacity: 32) { output in
        for index in 0..<16 {
            for (word, start) in [(key.high, 0), (key.low, 16)] {
                let digit = UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * index) & 15)
                output[start + index] = digit < 10 ? 0x30 + digit : 0x37 + digit
            }
        }
        return 32
    }
}
