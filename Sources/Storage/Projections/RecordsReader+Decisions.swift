// SPDX-License-Identifier: Apache-2.0
import Catalogue
import GRDB
import Vocabulary

/// One answered request.
public struct DecisionRow: Equatable, Sendable {
    public var sequence: UInt64
    public var at: Instant
    public var kind: DecisionKind
    public var terminal: TerminalID
    public var merchant: MerchantID?
    public var merchantName: String?
    public var card: CardKey?
    /// First six and last four digits.
    public var masked: String?
    public var account: AccountID?
    public var amount: Money
    /// The true one; what the till was told may be less (`Intent.isConcealed`).
    public var intent: Intent
    public var rrn: RRN
    /// 0 when nothing was approved.
    public var approvalCode: UInt32
    public var reference: String
    /// Live rules that hit.
    public var rules: [String]
    /// JSON as `Explanation.json` makes it; nil where no rule said anything.
    public var explanation: String?
    public var reversedAt: Instant?
    /// What was asked for.
    public var transaction = TransactionKind.purchase
    /// The other host that decided, or that was stood in for; nil for the own desk.
    public var destination: String?
    /// The rule set that was watched and had something to say; nil: none.
    public var shadowVersion: UInt32?
    /// Its rules that would have hit.
    public var shadowRules: [String] = []
}

/// Which decisions are asked for.
public struct DecisionQuery: Sendable {
    /// Those after this sequence number.
    public var after: UInt64?
    public var before: UInt64?
    public var merchant: MerchantID?
    public var terminal: TerminalID?
    public var limit: Int
    /// Otherwise the oldest come first, for a program that reads on from where it was.
    public var newestFirst: Bool

    /// - Parameter newestFirst: nil: only without `after`.
    public init(
        after: UInt64? = nil, before: UInt64? = nil, merchant: MerchantID? = nil, terminal: TerminalID? = nil,
        limit: Int = 100, newestFirst: Bool? = nil
    ) {
        self.newestFirst = newestFirst ?? (after == nil)
        self.after = after
        self.before = before
        self.merchant = merchant
        self.terminal = terminal
        self.limit = limit
    }
}

extension RecordsReader {
    static let decisionColumns = """
        decisions.*, cards.masked AS masked, merchants.name AS merchant_name
        """
    static let decisionTables = """
        decisions LEFT JOIN cards ON cards.key = decisions.card
        LEFT JOIN merchants ON merchants.id = decisions.merchant
        """

    public func decisions(_ query: DecisionQuery) async throws -> [DecisionRow] {
        try await store.read { database in try Self.decisions(database, query) }
    }

    /// The masked numbers of cards, for pages that show records before they are projected.
    public func masked(_ keys: [CardKey]) async throws -> [CardKey: String] {
        try await store.read { database in
            var found: [CardKey: String] = [:]
            let statement = try database.cachedStatement(sql: "SELECT masked FROM cards WHERE key = ?")
            for key in keys.prefix(Self.rowsMax) where found[key] == nil {
                found[key] = try String.fetchOne(statement, arguments: [hexadecimal(key)])
            }
            return found
        }
    }

    /// How many decisions there are after one sequence number, up to another.
    public func decisionCount(
        after: UInt64, upTo last: UInt64, merchant: MerchantID? = nil
    ) async throws -> Int {
        let arguments: StatementArguments = [
            Int64(clamping: after), Int64(clamping: last), merchant.map { Int64($0.number) },
        ]
        return try await store.read { database in
            try Int.fetchOne(
                database,
                sql: """
                    SELECT count(*) FROM decisions
                    WHERE sequence > ?1 AND sequence <= ?2 AND (?3 IS NULL OR merchant = ?3)
                    """, arguments: arguments) ?? 0
        }
    }

    static func decisions(_ database: Database, _ query: DecisionQuery) throws -> [DecisionRow] {
        var conditions: [String] = []
        var arguments: StatementArguments = []
        if let after = query.after {
            conditions.append("sequence > ?")
            arguments += [Int64(clamping: after)]
        }
        if let before = query.before {
            conditions.append("sequence < ?")
            arguments += [Int64(clamping: before)]
        }
        if let merchant = query.merchant {
            conditions.append("decisions.merchant = ?")
            arguments += [Int64(merchant.number)]
        }
        if let terminal = query.terminal {
            conditions.append("terminal = ?")
            arguments += [terminal.description]
        }
        arguments += [clamped(query.limit)]
        let condition = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        let statement = try database.cachedStatement(
            sql: """
                SELECT \(decisionColumns) FROM \(decisionTables) \(condition)
                ORDER BY sequence \(query.newestFirst ? "DESC" : "ASC") LIMIT ?
                """)
        return try Row.fetchAll(statement, arguments: arguments).map(decision)
    }

    static func decision(_ row: Row) -> DecisionRow {
        DecisionRow(
            sequence: row.number("sequence"), at: row.instant("at") ?? .epoch,
            kind: DecisionKind(rawValue: row["kind"]) ?? .refusal, terminal: row.terminal("terminal"),
            merchant: (row["merchant"] as Int64?).map { MerchantID(number: UInt64(bitPattern: $0)) },
            merchantName: row["merchant_name"], card: (row["card"] as String?).flatMap { CardKey($0) },
            masked: row["masked"], account: (row["account"] as Int64?).map { AccountID(UInt64(bitPattern: $0)) },
            amount: row.money("amount"), intent: Intent(rawValue: row["intent"]) ?? .systemError,
            rrn: RRN(row.number("rrn")), approvalCode: UInt32(truncatingIfNeeded: row["approval_code"] as Int64),
            reference: row["reference"], rules: row.list("rules"), explanation: row["explanation"],
            reversedAt: row.instant("reversed_at"),
            transaction: TransactionKind(rawValue: UInt8(truncatingIfNeeded: row["transaction_kind"] as Int64))
                ?? .purchase, destination: row["destination"],
            shadowVersion: (row["shadow_version"] as Int64?).map { UInt32(truncatingIfNeeded: $0) },
            shadowRules: row.list("shadow_rules"))
    }
}
