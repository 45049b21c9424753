// SPDX-License-Identifier: Apache-2.0
import Catalogue
import GRDB
import ModuleProtocol
import Vocabulary

/// An order that waits for its second person.
public struct ProposalRow: Equatable, Sendable {
    /// Nil: it is about the whole estate.
    public var terminal: TerminalID?
    /// As `EstateOrder.Kind` names it.
    public var kind: String
    public var detail: String
    public var by: String
    public var at: Instant
}

/// What is laid down for the whole estate.
public struct StandingRow: Equatable, Sendable {
    public var name: String
    public var detail: String
    public var by: String
    public var at: Instant
}

/// What somebody found at a terminal.
public struct InspectionRow: Equatable, Sendable {
    public var at: Instant
    public var by: String
    /// As `Inspection.Finding` names them; empty: nothing was wrong.
    public var findings: [String]
    public var photo: String
}

/// Where a terminal's keys and the device itself are.
public struct CustodyRow: Equatable, Sendable {
    public var keySet: UInt16
    public var epoch: UInt16
    /// The seal it was sent with.
    public var shipment: String?
    /// Who took it into the service centre.
    public var people: String?
    public var permittedSerial: UInt64?
    public var claimant: UInt64?
    /// The warning as for which its secrets are to go.
    public var erasure: String?
    public var inspection: InspectionRow?
    /// What the module is told with its next sign-on: names of `ModuleOrder`.
    public var orders: [String]
}

extension RecordsReader {
    /// By name.
    public func standing() async throws -> [StandingRow] {
        try await store.read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM standing ORDER BY name LIMIT \(Self.rowsMax)").map {
                StandingRow(
                    name: $0["name"], detail: $0["detail"], by: $0["by"], at: $0.instant("at") ?? .epoch)
            }
        }
    }

    /// The extension of leases in force; nil when there is none.
    public func outage(at now: Instant) async throws -> (until: Instant, by: String)? {
        let row = try await store.read { database -> (String, String)? in
            try Row.fetchOne(database, sql: "SELECT detail, by FROM standing WHERE name = 'extendLeases'").map {
                ($0["detail"] as String, $0["by"] as String)
            }
        }
        guard let (text, by) = row, let until = Instant(iso8601: text), now < until else { return nil }
        return (until, by)
    }

    /// Orders that wait: of one terminal, or those about the whole estate.
    public func proposals(_ terminal: TerminalID?, now: Instant) async throws -> [ProposalRow] {
        let arguments: StatementArguments = [terminal?.description ?? "", (now - .hours(24)).microseconds]
        return try await store.read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM proposals WHERE terminal = ? AND at > ? ORDER BY at", arguments: arguments
            ).map {
                ProposalRow(
                    terminal: TerminalID($0["terminal"] as String), kind: $0["kind"], detail: $0["detail"],
                    by: $0["by"], at: $0.instant("at") ?? .epoch)
            }
        }
    }

    /// What terminals did while they had a key set, from a suspect date on: the oldest first (K01).
    public func transactions(
        ofKeySet keySet: UInt16, since: Instant, after: UInt64 = 0, limit: Int = 100
    ) async throws -> [DecisionRow] {
        let arguments: StatementArguments = [
            Int(keySet), since.microseconds, Int64(clamping: after), Self.clamped(limit),
        ]
        return try await store.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT \(Self.decisionColumns) FROM \(Self.decisionTables)
                    WHERE decisions.at >= ?2 AND decisions.sequence > ?3 AND EXISTS (
                        SELECT 1 FROM key_sets WHERE key_sets.terminal = decisions.terminal AND key_set = ?1
                            AND since <= decisions.at AND (until IS NULL OR until > decisions.at))
                    ORDER BY decisions.sequence LIMIT ?4
                    """, arguments: arguments
            ).map(Self.decision)
        }
    }

    /// - Returns: nil for a terminal nobody knows.
    public func custody(of id: TerminalID) async throws -> CustodyRow? {
        try await store.read { database in
            guard
                let row = try Row.fetchOne(
                    database,
                    sql: """
                        SELECT terminals.*, EXISTS (
                            SELECT 1 FROM standing WHERE name = 'revokeKeySet.' || key_set) AS revoked
                        FROM terminals WHERE id = ?
                        """, arguments: [id.description])
            else { return nil }
            let open = try Row.fetchAll(
                database, sql: "SELECT code, cleared_by FROM warnings WHERE terminal = ? AND open = 1",
                arguments: [id.description])
            return Self.custody(row, open: open.map { ($0["code"] as String, $0.list("cleared_by").count) })
        }
    }

    private static func custody(_ row: Row, open: [(code: String, people: Int)]) -> CustodyRow {
        func isOpen(_ code: WarningCode, _ people: Int) -> Bool {
            open.contains { $0.code == code.rawValue && $0.people >= people }
        }
        var orders: [String] = []
        if (row["erasure"] as String?) != nil { orders.append("eraseEverything") }
        if row["revoked"] as Bool, isOpen(.k01, 0) { orders.append("revokeKeys") }
        if isOpen(.k07, 1) { orders.append("unlockSupervisors") }
        if isOpen(.s06, 2) { orders.append("beginLogEpoch") }
        let inspection = row.instant("inspected_at").map {
            InspectionRow(
                at: $0, by: row["inspected_by"] ?? "", findings: row.list("findings"), photo: row["photo"] ?? "")
        }
        return CustodyRow(
            keySet: UInt16(truncatingIfNeeded: row["key_set"] as Int64),
            epoch: UInt16(truncatingIfNeeded: row["epoch"] as Int64), shipment: row["shipment"],
            people: row["custody"],
            permittedSerial: (row["permitted_serial"] as Int64?).map { UInt64(bitPattern: $0) },
            claimant: (row["claimant"] as Int64?).map { UInt64(bitPattern: $0) }, erasure: row["erasure"],
            inspection: inspection, orders: orders)
    }
}
