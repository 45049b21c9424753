// SPDX-License-Identifier: Apache-2.0
import GRDB
import Host
import SecurityTriggers
import Vocabulary

/// What was done with a list.
public enum ListStepKind: Int, CaseIterable, Sendable {
    case loaded = 1, added, removed, dropped
}

extension Projection {
    func write(_ change: ListChange, _ sequence: UInt64, _ at: Instant, _ database: Database) throws {
        switch change {
        case .loaded(_, let kind, let file, let source, let keepsChanges, _):
            try insert(
                .loaded, change, sequence, at, kind: kind, source: source, file: file, keepsChanges: keepsChanges,
                database)
        case .added(_, let entry, _):
            try insert(
                .added, change, sequence, at, key: entry.key, source: entry.origin.source, reason: entry.origin.reason,
                expires: entry.expires, database)
        case .removed(_, let key, let reason, _):
            try insert(.removed, change, sequence, at, key: key, reason: reason, database)
        case .dropped(_, let reason, _): try insert(.dropped, change, sequence, at, reason: reason, database)
        }
    }

    /// An entry's row says of which kind its list was.
    private func insert(
        _ step: ListStepKind, _ change: ListChange, _ sequence: UInt64, _ at: Instant, kind: ListKind? = nil,
        key: ListKey? = nil, source: String = "", reason: String = "", expires: Instant? = nil, file: ListFile? = nil,
        keepsChanges: Bool = false, _ database: Database
    ) throws {
        try database.write(
            """
            INSERT OR REPLACE INTO list_steps
                (sequence, list, kind, at, by, list_kind, key, source, reason, expires, digest, entries, keeps_changes)
            VALUES (?1, ?2, ?3, ?4, ?5, coalesce(?6, (
                SELECT list_kind FROM list_steps WHERE list = ?2 AND kind = 1 ORDER BY sequence DESC LIMIT 1
            )), ?7, ?8, ?9, ?10, ?11, ?12, ?13)
            """,
            [
                Int64(sequence), change.name, step.rawValue, at.microseconds, change.staff.description,
                kind.map { Int($0.rawValue) }, key.map { $0.text(of: .card) }, source, reason,
                expires?.microseconds, file?.digest.description, file.map { Int($0.count) }, keepsChanges,
            ])
    }
}
