// SPDX-License-Identifier: Apache-2.0
import GRDB
import Issuer
import ModuleProtocol
import Vocabulary

extension Projection {
    /// The issuer's records, with the same effects as `Issuer.apply`.
    func write(_ change: IssuerRecord, _ sequence: UInt64, _ at: Instant, _ database: Database) throws {
        switch change {
        case .accountAdded(let id, let account):
            try database.write(
                "INSERT OR REPLACE INTO accounts (id, holder, available, currency) VALUES (?, ?, ?, ?)",
                [Int64(id.number), account.holder, account.available, Int(account.currency.numeric)])
        case .cardAdded(let key, let card):
            try database.write(
                """
                INSERT OR REPLACE INTO cards (key, account, masked, expiry, status, wrong_pins)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
                [
                    hexadecimal(key), Int64(card.account.number), card.masked, Int(card.expiry),
                    Int(card.status.rawValue), Int(card.wrongPINs),
                ])
        case .cardStatusSet(let key, let status, _):
            try database.write(
                "UPDATE cards SET status = ? WHERE key = ?", [Int(status.rawValue), hexadecimal(key)])
        case .pinSet(let key, _, _):
            try database.write("UPDATE cards SET wrong_pins = 0 WHERE key = ?", [hexadecimal(key)])
        // What verifies a chip is the host's business, and shown nowhere.
        case .chipSet: break
        case .caseOpened(let id, let fraudCase): try open(id, fraudCase, at, database)
        case .caseConfirmed(let id, let staff, let until):
            try answer(id, .confirmed, staff, passUntil: until, at, database)
            try answerSealed(id, isCompleted: true, at, database)
        case .caseDenied(let id, let staff):
            try answer(id, .denied, staff, passUntil: nil, at, database)
            try answerSealed(id, isCompleted: false, at, database)
            try database.write(
                """
                UPDATE accounts SET frozen_since = ?, frozen_by = ?, frozen_case = ?, lift_asked_by = NULL
                WHERE id = (SELECT account FROM cases WHERE id = ? AND rules <> ?)
                """,
                [
                    at.microseconds, staff.description, Int64(id.number), Int64(id.number),
                    FraudCase.unfinishedRule,
                ])
        case .accountFrozen(let id, let staff):
            try database.write(
                """
                UPDATE accounts SET frozen_since = ?, frozen_by = ?, frozen_case = NULL, lift_asked_by = NULL
                WHERE id = ?
                """, [at.microseconds, staff.description, Int64(id.number)])
        case .unfreezeAsked(let id, let staff):
            try database.write(
                "UPDATE accounts SET lift_asked_by = ? WHERE id = ?", [staff.description, Int64(id.number)])
        case .accountUnfrozen(let id, _):
            try database.write(
                """
                UPDATE accounts SET frozen_since = NULL, frozen_by = NULL, frozen_case = NULL, lift_asked_by = NULL
                WHERE id = ?
                """, [Int64(id.number)])
        case .noticeAdded(let key, let notice), .noticeGiven(let key, let notice):
            try database.write(
                """
                INSERT OR REPLACE INTO notices
                    (sequence, at, card, starts, ends, amount_max, currency, categories, total_max, uses_max,
                     latitude, longitude, radius)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    Int64(sequence), at.microseconds, hexadecimal(key), notice.from.microseconds,
                    notice.until.microseconds, notice.amountMax.minorUnits, Int(notice.amountMax.currency.numeric),
                    notice.categories.map(\.description).joined(separator: ","), notice.totalMax,
                    notice.usesMax.map { Int64($0) }, notice.area.map { Int64($0.centre.latitude) },
                    notice.area.map { Int64($0.centre.longitude) }, notice.area.map { Int64($0.radiusMetres) },
                ])
        }
    }

    /// A case and what it makes known: to the desk, and to the cardholder in two messages (rule R11).
    func open(_ id: CaseID, _ fraudCase: FraudCase, _ at: Instant, _ database: Database) throws {
        try database.write(
            """
            INSERT OR REPLACE INTO cases
                (id, card, account, opened, terminal, merchant, amount, currency, rrn, reference, rules, stopped,
                 dispute, state)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                Int64(id.number), hexadecimal(fraudCase.card), Int64(fraudCase.account.number),
                fraudCase.opened.microseconds, fraudCase.terminal.description, Int64(fraudCase.merchant.number),
                fraudCase.amount.minorUnits, Int(fraudCase.amount.currency.numeric), Int64(fraudCase.rrn.number),
                fraudCase.reference, fraudCase.rules.joined(separator: ","), fraudCase.stopped, fraudCase.isDispute,
                Int(fraudCase.state.rawValue),
            ])
        let merchant = try String.fetchOne(
            database.cachedStatement(sql: "SELECT name FROM merchants WHERE id = ?"),
            arguments: [Int64(fraudCase.merchant.number)])
        let masked = try String.fetchOne(
            database.cachedStatement(sql: "SELECT masked FROM cards WHERE key = ?"),
            arguments: [hexadecimal(fraudCase.card)])
        let letter = CaseLetter(
            id: id, fraudCase: fraudCase, merchant: merchant ?? fraudCase.merchant.description,
            lastFour: String((masked ?? "").suffix(4)), links: links, origin: origin)
        for (index, message) in letter.messages.enumerated() {
            // The number follows from the case, so that projecting again replaces and never doubles.
            try database.write(
                """
                INSERT OR REPLACE INTO outbox
                    (id, at, audience, channel, case_id, reference, link, body_en, body_zh, state)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    Int64(id.number) * 4 + Int64(index), at.microseconds, message.audience.rawValue,
                    message.channel.rawValue, Int64(id.number), fraudCase.reference, message.link, message.body.en,
                    message.body.zh, message.state.rawValue,
                ])
        }
    }

    private func answer(
        _ id: CaseID, _ state: CaseState, _ staff: StaffID, passUntil: Instant?, _ at: Instant, _ database: Database
    ) throws {
        try database.write(
            """
            UPDATE cases SET state = ?, answered_by = ?, answered_at = ?, pass_until = iif(
                stopped AND (SELECT frozen_since FROM accounts WHERE accounts.id = cases.account) IS NULL, ?, NULL)
            WHERE id = ?
            """,
            [Int(state.rawValue), staff.description, at.microseconds, passUntil?.microseconds, Int64(id.number)])
    }
}
