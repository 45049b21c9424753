// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import GRDB
import ModuleProtocol
import Vocabulary

/// Whether a terminal may sell, and if not, in which way.
public enum TradingState: String, CaseIterable, Sendable {
    /// Active, leased, and no warning stops sales.
    case ableToTrade
    /// Active, but new sales stop: an open warning, or no valid lease.
    case restricted
    case halted
    case suspended
    case tampered
    case notActivated
    /// In the service centre, lost or scrapped.
    case outOfService
}

/// An open or closed warning of one terminal.
public struct WarningRow: Equatable, Sendable {
    public var terminal: TerminalID
    public var merchantName: String
    public var code: WarningCode
    public var severity: Severity
    public var since: Instant
    public var clearedBy: [String]
    public var closedAt: Instant?
    /// When the clock makes it graver; nil where no time does.
    public var deadline: Instant?

    public var isOpen: Bool { closedAt == nil }
}

/// One terminal in a list.
public struct TerminalRow: Equatable, Sendable {
    public var id: TerminalID
    public var merchant: MerchantID
    public var merchantName: String
    public var mcc: MCC
    public var profile: KeyProfile
    public var lifecycle: Lifecycle
    public var currency: Currency
    public var serial: UInt64
    public var firmware: String?
    public var application: String?
    public var leaseExpires: Instant?
    public var lastSeen: Instant?
    public var activationAskedBy: String?
    public var activationApprovedBy: String?
    public var openWarnings: [WarningCode]
    public var state: TradingState

    /// The open warning that stops most: why the terminal is stopped.
    public var haltingWarning: WarningCode? {
        openWarnings.first { Estate.halts(RaisedWarning($0)) == .all }
            ?? openWarnings.first { Estate.halts(RaisedWarning($0)) == .newSales }
    }
}

/// One line of a terminal's history.
public struct TimelineRow: Equatable, Sendable {
    public var sequence: UInt64
    public var at: Instant
    public var kind: TimelineKind
    public var detail: String
}

public struct TerminalDetail: Sendable {
    public var terminal: TerminalRow
    /// The open ones first, then those closed last.
    public var warnings: [WarningRow]
    /// The latest first.
    public var timeline: [TimelineRow]
    /// The latest first.
    public var decisions: [DecisionRow]
}

public struct Overview: Sendable {
    public var counts: [(state: TradingState, count: Int)]
    public var openCases: Int
    public var openWarnings: [WarningRow]
    /// Halted and tampered terminals, for the sentence that says why.
    public var stopped: [TerminalRow]
    /// Other issuers' hosts, by name.
    public var destinations: [String] = []
    /// For other hosts and given up; nobody but the whole estate's operators has to do with it.
    public var undelivered: [UndeliveredRow] = []
    public var decisions: [DecisionRow]

    public func count(_ state: TradingState) -> Int { counts.first { $0.state == state }?.count ?? 0 }
    public var total: Int { counts.reduce(0) { $0 + $1.count } }
}

extension RecordsReader {
    /// Terminals with what is open at them as one column, `CODE,CODE`.
    private static let terminalColumns = """
        terminals.*,
        (SELECT group_concat(code) FROM warnings WHERE terminal = terminals.id AND open = 1) AS open_codes,
        (SELECT max(halts) FROM warnings WHERE terminal = terminals.id AND open = 1) AS halts
        """

    /// - Parameter merchant: nil for the whole estate; otherwise this merchant's terminals, warnings and decisions only.
    public func overview(now: Instant, merchant: MerchantID? = nil) async throws -> Overview {
        let merchantNumber = merchant.map { Int64($0.number) }
        return try await store.read { database in
            var counts = TradingState.allCases.map { (state: $0, count: 0) }
            let groups = try Row.fetchCursor(
                database,
                sql: """
                    SELECT lifecycle, leased, halts, count(*) AS terminals FROM (
                        SELECT lifecycle, coalesce(lease_expires, 0) > ?1 AS leased,
                            coalesce((SELECT max(halts) FROM warnings WHERE terminal = terminals.id AND open = 1), 0)
                                AS halts
                        FROM terminals WHERE ?2 IS NULL OR merchant = ?2
                    ) GROUP BY 1, 2, 3
                    """, arguments: [now.microseconds, merchantNumber])
            while let row = try groups.next() {
                let state = Self.state(row["lifecycle"], leased: row["leased"], halts: row["halts"])
                if let index = counts.firstIndex(where: { $0.state == state }) {
                    counts[index].count += row["terminals"] as Int
                }
            }
            let stopped = try Row.fetchAll(
                database,
                sql: """
                    SELECT \(Self.terminalColumns) FROM terminals
                    WHERE lifecycle IN (?1, ?2) AND (?3 IS NULL OR merchant = ?3) ORDER BY id LIMIT 20
                    """,
                arguments: [
                    Int(Lifecycle.halted.rawValue), Int(Lifecycle.tampered.rawValue), merchantNumber,
                ])
            let openCases = try Int.fetchOne(database, sql: "SELECT count(*) FROM cases WHERE state = 1")
            return Overview(
                counts: counts, openCases: openCases ?? 0,
                openWarnings: try Self.openWarnings(database, merchantNumber),
                stopped: stopped.map { Self.terminal($0, now: now) },
                destinations: try String.fetchAll(database, sql: "SELECT name FROM destinations ORDER BY name"),
                undelivered: merchant == nil ? try Self.undelivered(database) : [],
                decisions: try Self.decisions(database, DecisionQuery(merchant: merchant, limit: 12)))
        }
    }

    /// Terminals by id, those after `after` first.
    public func terminals(
        now: Instant, merchant: MerchantID? = nil, after: TerminalID? = nil, limit: Int = 100
    ) async throws -> [TerminalRow] {
        let arguments: StatementArguments = [
            merchant.map { Int64($0.number) }, after?.description ?? "", Self.clamped(limit),
        ]
        return try await store.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT \(Self.terminalColumns) FROM terminals
                    WHERE (?1 IS NULL OR merchant = ?1) AND id > ?2 ORDER BY id LIMIT ?3
                    """, arguments: arguments
            ).map { Self.terminal($0, now: now) }
        }
    }

    /// How many terminals have each key profile, in the order of the profiles; those of one merchant alone if it is named.
    public func profiles(merchant: MerchantID? = nil) async throws -> [(profile: KeyProfile, terminals: Int)] {
        let arguments: StatementArguments = [merchant.map { Int64($0.number) }]
        return try await store.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT profile, COUNT(*) AS terminals FROM terminals
                    WHERE (?1 IS NULL OR merchant = ?1) GROUP BY profile ORDER BY profile
                    """, arguments: arguments
            ).compactMap { row in
                KeyProfile(rawValue: UInt8(truncatingIfNeeded: row["profile"] as Int64)).map {
                    (profile: $0, terminals: row["terminals"] as Int)
                }
            }
        }
    }

    /// - Returns: nil for a terminal nobody knows.
    public func terminal(_ id: TerminalID, now: Instant) async throws -> TerminalDetail? {
        try await store.read { database in
            guard
                let row = try Row.fetchOne(
                    database, sql: "SELECT \(Self.terminalColumns) FROM terminals WHERE id = ?",
                    arguments: [id.description])
            else { return nil }
            let warnings = try Row.fetchAll(
                database,
                sql: """
                    SELECT warnings.*, ?2 AS merchant_name FROM warnings WHERE terminal = ?1
                    ORDER BY open DESC, coalesce(closed_at, since) DESC LIMIT 60
                    """, arguments: [id.description, row["merchant_name"] as String])
            let timeline = try Row.fetchAll(
                database,
                sql: "SELECT * FROM timeline WHERE terminal = ? ORDER BY sequence DESC, ordinal DESC LIMIT 50",
                arguments: [id.description])
            return TerminalDetail(
                terminal: Self.terminal(row, now: now), warnings: warnings.compactMap(Self.warning),
                timeline: timeline.compactMap { line in
                    TimelineKind(rawValue: line["kind"]).map {
                        TimelineRow(
                            sequence: line.number("sequence"), at: line.instant("at") ?? .epoch, kind: $0,
                            detail: line["detail"])
                    }
                },
                decisions: try Self.decisions(database, DecisionQuery(terminal: id, limit: 12)))
        }
    }

    private static func openWarnings(_ database: Database, _ merchant: Int64?) throws -> [WarningRow] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT warnings.*, merchant_name FROM warnings JOIN terminals ON terminals.id = terminal
                WHERE open = 1 AND (?1 IS NULL OR merchant = ?1) ORDER BY since DESC LIMIT 50
                """, arguments: [merchant]
        ).compactMap(warning)
    }

    private static func warning(_ row: Row) -> WarningRow? {
        guard let code = WarningCode(rawValue: row["code"]) else { return nil }
        let severity = UInt8(exactly: row["severity"] as Int64).flatMap(Severity.init(rawValue:)) ?? code.severity
        let deadline = OpenWarning.deadline(
            of: RaisedWarning(code, severity), graded: row.instant("graded") ?? .epoch)
        return WarningRow(
            terminal: row.terminal("terminal"), merchantName: row["merchant_name"], code: code, severity: severity,
            since: row.instant("since") ?? .epoch, clearedBy: row.list("cleared_by"),
            closedAt: row.instant("closed_at"), deadline: deadline)
    }

    private static func terminal(_ row: Row, now: Instant) -> TerminalRow {
        let lease = row.instant("lease_expires")
        return TerminalRow(
            id: row.terminal("id"), merchant: MerchantID(number: row.number("merchant")),
            merchantName: row["merchant_name"], mcc: MCC(UInt16(truncatingIfNeeded: row["mcc"] as Int64)),
            profile: KeyProfile(rawValue: UInt8(truncatingIfNeeded: row["profile"] as Int64)) ?? .aes,
            lifecycle: lifecycle(row["lifecycle"]),
            currency: Currency(numeric: UInt16(truncatingIfNeeded: row["currency"] as Int64)),
            serial: row.number("serial"), firmware: row["firmware"], application: row["application"],
            leaseExpires: lease, lastSeen: row.instant("last_seen"),
            activationAskedBy: row["activation_asked_by"], activationApprovedBy: row["activation_approved_by"],
            openWarnings: row.list("open_codes").compactMap(WarningCode.init(rawValue:)),
            state: state(
                row["lifecycle"], leased: lease.map { $0 > now } ?? false, halts: (row["halts"] as Int64?) ?? 0))
    }

    private static func lifecycle(_ value: Int64) -> Lifecycle {
        UInt8(exactly: value).flatMap(Lifecycle.init(rawValue:)) ?? .commissioned
    }

    private static func state(_ lifecycle: Int64, leased: Bool, halts: Int64) -> TradingState {
        switch self.lifecycle(lifecycle) {
        case .active: leased && halts == 0 ? .ableToTrade : .restricted
        case .maintenance: .restricted
        case .halted: .halted
        case .suspended: .suspended
        case .tampered: .tampered
        case .manufactured, .personalised, .inTransit, .stocked, .commissioned: .notActivated
        case .inServiceCentre, .lost, .decommissioned: .outOfService
        }
    }
}
