// SPDX-License-Identifier: Apache-2.0
import GRDB
import Host
import Vocabulary

/// A rule set and where it stands.
public struct RulesRow: Equatable, Sendable {
    public var version: UInt32
    public var text: String
    /// Who proposed or loaded it.
    public var by: String
    public var at: Instant
    public var state: RuleVersion.State
    /// What was in force then: the difference that is approved is against it.
    public var base: UInt32
    /// Judged beside the rules in force.
    public var isWatched: Bool
    /// The oldest first.
    public var steps: [RuleStepRow]
}

/// Who did what with a rule set, and when.
public struct RuleStepRow: Equatable, Sendable {
    public var kind: RuleVersion.Step.Kind
    public var by: String
    public var at: Instant
}

extension RecordsReader {
    /// The rule set in force first, then the newest of the others.
    public func rules(limit: Int = 50) async throws -> [RulesRow] {
        try await store.read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM rules ORDER BY state <> ?, version DESC LIMIT ?",
                arguments: [Int(RuleVersion.State.live.rawValue), Self.clamped(limit)]
            ).map { try Self.ruleSet($0, database) }
        }
    }

    /// One rule set; nil for a number that none has.
    public func rules(version: UInt32) async throws -> RulesRow? {
        try await store.read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM rules WHERE version = ?", arguments: [Int64(version)])
                .map { try Self.ruleSet($0, database) }
        }
    }

    private static func ruleSet(_ row: Row, _ database: Database) throws -> RulesRow {
        let version: Int64 = row["version"]
        let steps = try Row.fetchAll(
            database, sql: "SELECT * FROM rule_steps WHERE version = ? ORDER BY sequence LIMIT ?",
            arguments: [version, rowsMax])
        return RulesRow(
            version: UInt32(truncatingIfNeeded: version), text: row["text"], by: row["by"],
            at: row.instant("at") ?? .epoch,
            state: RuleVersion.State(rawValue: UInt8(truncatingIfNeeded: row["state"] as Int64)) ?? .retired,
            base: UInt32(truncatingIfNeeded: row["base"] as Int64), isWatched: row["watched"],
            steps: steps.compactMap { step in
                RuleVersion.Step.Kind(rawValue: UInt8(truncatingIfNeeded: step["kind"] as Int64)).map {
                    RuleStepRow(kind: $0, by: step["by"], at: step.instant("at") ?? .epoch)
                }
            })
    }
}
