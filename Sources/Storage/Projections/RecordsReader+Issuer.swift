// SPDX-License-Identifier: Apache-2.0
import Catalogue
import GRDB
import Issuer
import Vocabulary

/// One case in a list.
public struct CaseRow: Equatable, Sendable {
    public var id: CaseID
    public var card: CardKey
    public var masked: String?
    public var account: AccountID
    public var holder: String?
    public var opened: Instant
    public var terminal: TerminalID
    public var merchant: MerchantID
    public var merchantName: String?
    public var amount: Money
    public var rrn: RRN
    public var reference: String
    public var rules: [String]
    public var stopped: Bool
    public var isDispute: Bool
    public var state: CaseState
    public var answeredBy: String?
    public var answeredAt: Instant?
    /// Until when the confirmed purchase may be presented once more.
    public var passUntil: Instant?
}

public struct CaseDetail: Sendable {
    public var row: CaseRow
    /// The decision it is about, with its explanation.
    public var decision: DecisionRow?
    public var account: AccountRow?
    public var messages: [OutboxRow]
}

public struct AccountRow: Equatable, Sendable {
    public var id: AccountID
    public var holder: String
    public var available: Money
    /// What pre-authorisations hold.
    public var held: Money
    public var frozenSince: Instant?
    public var frozenBy: String?
    public var frozenCase: CaseID?
    public var liftAskedBy: String?

    public var isFrozen: Bool { frozenSince != nil }
}

public struct CardRow: Equatable, Sendable {
    public var key: CardKey
    public var masked: String
    /// YYMM.
    public var expiry: UInt16
    public var status: CardStatus
    public var wrongPINs: UInt8
    public var frozenUntil: Instant?
}

public struct NoticeRow: Equatable, Sendable {
    public var card: CardKey
    public var notice: AdvanceNotice
}

public struct AccountDetail: Sendable {
    public var account: AccountRow
    public var cards: [CardRow]
    public var notices: [NoticeRow]
    public var cases: [CaseRow]
}

/// A line of a statement: an approved transaction of the month that moves money, reversed or not.
public struct StatementLine: Equatable, Sendable {
    public var decision: DecisionRow
    /// What it takes from the account; negative for a void or a refund.
    public var debit: Money {
        let sign: Int64 = decision.transaction.side == .credit ? -1 : 1
        return Money(minorUnits: sign * decision.amount.minorUnits, decision.amount.currency)
    }
    /// The case that disputes it.
    public var disputedBy: CaseID?
}

/// One message of the outbox.
public struct OutboxRow: Equatable, Sendable {
    public var id: UInt64
    public var at: Instant
    public var audience: OutboxAudience
    public var channel: OutboxChannel
    public var caseID: CaseID
    public var reference: String
    /// `/c/<case>/<token>`; for the cardholder's mail only.
    public var link: String?
    public var bodyEN: String
    public var bodyZH: String
    public var state: OutboxState
}

extension RecordsReader {
    private static let caseColumns = """
        SELECT cases.*, cards.masked AS masked, accounts.holder AS holder, merchants.name AS merchant_name
        FROM cases LEFT JOIN cards ON cards.key = cases.card LEFT JOIN accounts ON accounts.id = cases.account
        LEFT JOIN merchants ON merchants.id = cases.merchant
        """

    /// The latest first.
    public func cases(
        state: CaseState? = nil, before: CaseID? = nil, limit: Int = 100
    ) async throws -> [CaseRow] {
        let arguments: StatementArguments = [
            state.map { Int($0.rawValue) }, Int64(clamping: before?.number ?? .max), Self.clamped(limit),
        ]
        return try await store.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    \(Self.caseColumns) WHERE (?1 IS NULL OR cases.state = ?1) AND cases.id < ?2
                    ORDER BY cases.id DESC LIMIT ?3
                    """, arguments: arguments
            ).map(Self.caseRow)
        }
    }

    public func caseDetail(_ id: CaseID) async throws -> CaseDetail? {
        try await store.read { database in
            guard
                let row = try Row.fetchOne(
                    database, sql: Self.caseColumns + " WHERE cases.id = ?", arguments: [Int64(clamping: id.number)])
            else { return nil }
            let fraudCase = Self.caseRow(row)
            // A retrieval reference number is the record's own number, so the row is found by its key.
            let decision = try Row.fetchOne(
                database,
                sql: """
                    SELECT \(Self.decisionColumns) FROM \(Self.decisionTables)
                    WHERE sequence = ?1 AND rrn = ?1 AND terminal = ?2
                    """, arguments: [Int64(clamping: fraudCase.rrn.number), fraudCase.terminal.description])
            let messages = try Row.fetchAll(
                database, sql: "SELECT * FROM outbox WHERE case_id = ? ORDER BY id",
                arguments: [Int64(clamping: id.number)])
            return CaseDetail(
                row: fraudCase, decision: decision.map(Self.decision),
                account: try Self.account(database, fraudCase.account), messages: messages.compactMap(Self.message))
        }
    }

    public func account(_ id: AccountID) async throws -> AccountDetail? {
        try await store.read { database in
            guard let account = try Self.account(database, id) else { return nil }
            let number = Int64(clamping: id.number)
            let cards = try Row.fetchAll(
                database, sql: "SELECT * FROM cards WHERE account = ? ORDER BY key LIMIT 50", arguments: [number])
            let notices = try Row.fetchAll(
                database,
                sql: """
                    SELECT notices.* FROM notices JOIN cards ON cards.key = notices.card WHERE account = ?
                    ORDER BY sequence DESC LIMIT 20
                    """, arguments: [number])
            let cases = try Row.fetchAll(
                database, sql: Self.caseColumns + " WHERE cases.account = ? ORDER BY cases.id DESC LIMIT 50",
                arguments: [number])
            return AccountDetail(
                account: account, cards: cards.compactMap(Self.card), notices: notices.compactMap(Self.notice),
                cases: cases.map(Self.caseRow))
        }
    }

    /// Kinds that move no money stand on no statement: balances, pre-authorisations and their voids.
    private static let unstated = TransactionKind.allCases.filter { $0.side == .none }
        .map { String($0.rawValue) }.joined(separator: ", ")

    /// The approved transactions of one month in UTC that move money, the oldest first, at most `rowsMax`.
    public func statement(of id: AccountID, year: Int, month: Int) async throws -> [StatementLine] {
        let start = CalendarTime(year: year, month: month, day: 1).instant
        let end = CalendarTime(year: month == 12 ? year + 1 : year, month: month == 12 ? 1 : month + 1, day: 1).instant
        return try await store.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT \(Self.decisionColumns),
                        (SELECT max(id) FROM cases WHERE cases.account = decisions.account
                            AND cases.rrn = decisions.rrn AND dispute = 1) AS disputed_by
                    FROM \(Self.decisionTables)
                    WHERE decisions.account = ? AND at >= ? AND at < ? AND intent = 'approved'
                        AND transaction_kind NOT IN (\(Self.unstated))
                    ORDER BY at, sequence LIMIT ?
                    """,
                arguments: [Int64(clamping: id.number), start.microseconds, end.microseconds, Self.rowsMax]
            ).map { row in
                StatementLine(
                    decision: Self.decision(row),
                    disputedBy: (row["disputed_by"] as Int64?).map { CaseID(UInt64(bitPattern: $0)) })
            }
        }
    }

    /// Messages in the order they arose; the demonstration reads a cardholder's mail here.
    public func outbox(after: UInt64 = 0, limit: Int = 100) async throws -> [OutboxRow] {
        try await store.read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM outbox WHERE id > ? ORDER BY id LIMIT ?",
                arguments: [Int64(clamping: after), Self.clamped(limit)]
            ).compactMap(Self.message)
        }
    }
}

// MARK: - Rows

extension RecordsReader {
    private static func account(_ database: Database, _ id: AccountID) throws -> AccountRow? {
        try Row.fetchOne(
            database, sql: "SELECT * FROM accounts WHERE id = ?", arguments: [Int64(clamping: id.number)]
        ).map { row in
            AccountRow(
                id: AccountID(row.number("id")), holder: row["holder"], available: row.money("available"),
                held: Money(minorUnits: row["held"], row.money("available").currency),
                frozenSince: row.instant("frozen_since"), frozenBy: row["frozen_by"],
                frozenCase: (row["frozen_case"] as Int64?).map { CaseID(UInt64(bitPattern: $0)) },
                liftAskedBy: row["lift_asked_by"])
        }
    }

    private static func caseRow(_ row: Row) -> CaseRow {
        CaseRow(
            id: CaseID(row.number("id")), card: CardKey(row["card"] as String) ?? CardKey(high: 0, low: 0),
            masked: row["masked"], account: AccountID(row.number("account")), holder: row["holder"],
            opened: row.instant("opened") ?? .epoch, terminal: row.terminal("terminal"),
            merchant: MerchantID(number: row.number("merchant")), merchantName: row["merchant_name"],
            amount: row.money("amount"), rrn: RRN(row.number("rrn")), reference: row["reference"],
            rules: row.list("rules"), stopped: row["stopped"], isDispute: row["dispute"],
            state: CaseState(rawValue: UInt8(truncatingIfNeeded: row["state"] as Int64)) ?? .open,
            answeredBy: row["answered_by"], answeredAt: row.instant("answered_at"),
            passUntil: row.instant("pass_until"))
    }

    private static func card(_ row: Row) -> CardRow? {
        guard let key = CardKey(row["key"] as String),
            let status = CardStatus(rawValue: UInt8(truncatingIfNeeded: row["status"] as Int64))
        else { return nil }
        return CardRow(
            key: key, masked: row["masked"], expiry: UInt16(truncatingIfNeeded: row["expiry"] as Int64),
            status: status, wrongPINs: UInt8(truncatingIfNeeded: row["wrong_pins"] as Int64),
            frozenUntil: row.instant("frozen_until"))
    }

    private static func notice(_ row: Row) -> NoticeRow? {
        guard let key = CardKey(row["card"] as String) else { return nil }
        return NoticeRow(
            card: key,
            notice: AdvanceNotice(
                from: row.instant("starts") ?? .epoch, until: row.instant("ends") ?? .epoch,
                amountMax: row.money("amount_max"),
                categories: row.list("categories").compactMap { UInt16($0).map(MCC.init) }, area: area(row),
                totalMax: row["total_max"],
                usesMax: (row["uses_max"] as Int64?).map { UInt16(truncatingIfNeeded: $0) }))
    }

    private static func area(_ row: Row) -> AdvanceNotice.Area? {
        guard let latitude: Int64 = row["latitude"], let longitude: Int64 = row["longitude"],
            let radius: Int64 = row["radius"]
        else { return nil }
        return AdvanceNotice.Area(
            centre: Position(
                latitude: Int32(truncatingIfNeeded: latitude), longitude: Int32(truncatingIfNeeded: longitude)),
            radiusMetres: UInt32(truncatingIfNeeded: radius))
    }

    private static func message(_ row: Row) -> OutboxRow? {
        guard let audience = OutboxAudience(rawValue: row["audience"]),
            let channel = OutboxChannel(rawValue: row["channel"]), let state = OutboxState(rawValue: row["state"])
        else { return nil }
        return OutboxRow(
            id: row.number("id"), at: row.instant("at") ?? .epoch, audience: audience, channel: channel,
            caseID: CaseID(row.number("case_id")), reference: row["reference"], link: row["link"],
            bodyEN: row["body_en"], bodyZH: row["body_zh"], state: state)
    }
}
