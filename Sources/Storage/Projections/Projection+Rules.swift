// SPDX-License-Identifier: Apache-2.0
import GRDB
import Host
import SecurityTriggers
import Vocabulary

/// The rule sets that decisions are explained with.
struct LiveRules {
    /// In force.
    var rules: RuleSet
    var version: UInt32
    /// The highest number that was given.
    var last: UInt32
    /// Only watched.
    var watched: (version: UInt32, rules: RuleSet)?

    /// - Throws: `RuleFileError` if the rules in force cannot be read; a host does not start with such rules either.
    init(_ database: Database, opening: RuleSet) throws {
        (rules, version, last) = (opening, 0, 0)
        last = try UInt32.fetchOne(database, sql: "SELECT max(version) FROM rules") ?? 0
        let live = RuleVersion.State.live.rawValue
        if let row = try Row.fetchOne(
            database, sql: "SELECT version, text FROM rules WHERE state = ? ORDER BY version DESC LIMIT 1",
            arguments: [Int(live)])
        {
            (rules, version) = (try RuleSet(parsing: row["text"]), row["version"])
        }
        if let row = try Row.fetchOne(database, sql: "SELECT version, text FROM rules WHERE watched = 1"),
            let set = try? RuleSet(parsing: row["text"])
        {
            watched = (version: row["version"], rules: set)
        }
    }
}

extension Projection {
    /// Rules that one alone has put in force, with the same effects as `Host.apply`.
    mutating func load(
        _ text: String, by staff: StaffID, _ sequence: UInt64, _ at: Instant, _ database: Database
    ) throws {
        let base = live.version
        live.last += 1
        try insert(live.last, text, base: base, by: staff, at, database)
        try enforce(live.last, database)
        try step(.loaded, live.last, staff, sequence, at, database)
    }

    mutating func write(_ change: RuleChange, _ sequence: UInt64, _ at: Instant, _ database: Database) throws {
        let number = change.version
        let kind: RuleVersion.Step.Kind
        switch change {
        case .proposed(_, let text, let base, let staff):
            guard number == live.last + 1 else { return }
            live.last = number
            try insert(number, text, base: base, by: staff, at, database)
            kind = .proposed
        case .shadowed:
            try database.write("UPDATE rules SET watched = (version = ?)", [Int64(number)])
            let text = try String.fetchOne(
                database.cachedStatement(sql: "SELECT text FROM rules WHERE version = ?"), arguments: [Int64(number)])
            live.watched = text.flatMap { try? RuleSet(parsing: $0) }.map { (number, $0) }
            kind = .shadowed
        case .approved:
            try set(.approved, number, database)
            kind = .approved
        case .activated:
            try enforce(number, database)
            kind = .activated
        case .rollBackAsked: kind = .rollBackAsked
        case .rolledBack:
            try enforce(number, database)
            kind = .rolledBack
        case .withdrawn:
            try set(.withdrawn, number, database)
            try unwatch(number, database)
            kind = .withdrawn
        }
        try step(kind, number, change.staff, sequence, at, database)
    }

    private func insert(
        _ number: UInt32, _ text: String, base: UInt32, by staff: StaffID, _ at: Instant, _ database: Database
    ) throws {
        try database.write(
            """
            INSERT OR REPLACE INTO rules (version, text, by, at, state, base, watched) VALUES (?, ?, ?, ?, ?, ?, 0)
            """,
            [
                Int64(number), text, staff.description, at.microseconds, Int(RuleVersion.State.proposed.rawValue),
                Int64(base),
            ])
    }

    private func set(_ state: RuleVersion.State, _ number: UInt32, _ database: Database) throws {
        try database.write("UPDATE rules SET state = ? WHERE version = ?", [Int(state.rawValue), Int64(number)])
    }

    private mutating func unwatch(_ number: UInt32, _ database: Database) throws {
        try database.write("UPDATE rules SET watched = 0 WHERE version = ?", [Int64(number)])
        if live.watched?.version == number { live.watched = nil }
    }

    private mutating func enforce(_ number: UInt32, _ database: Database) throws {
        try set(.retired, live.version, database)
        try set(.live, number, database)
        try unwatch(number, database)
        live.version = number
        let text = try String.fetchOne(
            database.cachedStatement(sql: "SELECT text FROM rules WHERE version = ?"), arguments: [Int64(number)])
        // A text that this version cannot read explains nothing: no decision is made by it here.
        if let text, let rules = try? RuleSet(parsing: text) { live.rules = rules }
    }

    private func step(
        _ kind: RuleVersion.Step.Kind, _ number: UInt32, _ staff: StaffID, _ sequence: UInt64, _ at: Instant,
        _ database: Database
    ) throws {
        try database.write(
            "INSERT OR REPLACE INTO rule_steps (sequence, version, kind, by, at) VALUES (?, ?, ?, ?, ?)",
            [Int64(sequence), Int64(number), Int(kind.rawValue), staff.description, at.microseconds])
    }

    /// The live rules that hit, by id; nil where no rule spoke.
    func fired(_ evaluation: Evaluation?) -> String? {
        guard let evaluation, !evaluation.results.isEmpty else { return nil }
        return Self.hits(evaluation, live.rules)
    }

    /// What watched rules would have done.
    func shadow(_ shadow: ShadowVerdict?) -> (version: Int64?, rules: String?) {
        guard let shadow else { return (nil, nil) }
        let rules = live.watched.flatMap { $0.version == shadow.version ? Self.hits(shadow.evaluation, $0.rules) : nil }
        return (Int64(shadow.version), rules ?? "")
    }

    private static func hits(_ evaluation: Evaluation, _ rules: RuleSet) -> String {
        evaluation.results.filter { $0.outcome == .hit && !$0.isShadow }.compactMap { rules.id(of: $0.rule) }
            .joined(separator: ",")
    }
}
