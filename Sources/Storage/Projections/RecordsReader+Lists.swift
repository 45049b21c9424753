// SPDX-License-Identifier: Apache-2.0
import GRDB
import SecurityTriggers
import Vocabulary

/// Who did what with a list, when and why.
public struct ListStepRow: Equatable, Sendable {
    public var sequence: UInt64
    public var list: String
    public var kind: ListStepKind
    public var at: Instant
    public var by: String
    /// What the list's entries are.
    public var listKind: ListKind?
    /// Of an entry that was added or taken out.
    public var key: ListKey?
    public var source: String
    public var reason: String
    public var expires: Instant?
    /// SHA-256 of the file that was loaded, in hexadecimal figures; nil for a list that began empty.
    public var digest: String?
    public var entries: Int?
    /// Whether what was changed by hand stayed over the file.
    public var keepsChanges: Bool
}

extension RecordsReader {
    /// What was done with lists, the newest first.
    ///
    /// - Parameter list: of this one alone.
    public func listSteps(of list: String? = nil, limit: Int = 100) async throws -> [ListStepRow] {
        try await store.read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM list_steps WHERE ?1 IS NULL OR list = ?1 ORDER BY sequence DESC LIMIT ?2",
                arguments: [list, Self.clamped(limit)]
            ).compactMap { row in
                let kind: Int = row["kind"]
                guard let kind = ListStepKind(rawValue: kind) else { return nil }
                let listKind: Int? = row["list_kind"]
                let key: String? = row["key"]
                return ListStepRow(
                    sequence: row.number("sequence"), list: row["list"], kind: kind, at: row.instant("at") ?? .epoch,
                    by: row["by"], listKind: listKind.flatMap { ListKind(rawValue: UInt8(truncatingIfNeeded: $0)) },
                    key: key.flatMap { CardKey($0) }.map { ListKey($0) }, source: row["source"],
                    reason: row["reason"], expires: row.instant("expires"), digest: row["digest"],
                    entries: row["entries"], keepsChanges: row["keeps_changes"])
            }
        }
    }
}
