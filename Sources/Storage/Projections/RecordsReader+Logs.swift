// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import ModuleProtocol
import Vocabulary

/// A stretch of a module's audit log, as it came.
public struct LogSegmentRow: Equatable, Sendable {
    public var at: Instant
    /// Why it is not the module's log, and from which record on; nil where it is.
    public var broken: (finding: LogFinding, index: UInt32)?
    /// What `LogSegment` decodes.
    public var segment: [UInt8]

    public static func == (left: Self, right: Self) -> Bool {
        left.at == right.at && left.broken?.finding == right.broken?.finding
            && left.broken?.index == right.broken?.index && left.segment == right.segment
    }
}

extension RecordsReader {
    /// What was collected last of a terminal's audit log, the latest first.
    public func logSegments(of id: TerminalID, limit: Int = 8) async throws -> [LogSegmentRow] {
        try await store.read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM log_segments WHERE terminal = ? ORDER BY sequence DESC LIMIT ?",
                arguments: [id.description, Self.clamped(limit)]
            ).map { row in
                let finding = (row["finding"] as Int64?).flatMap { UInt8(exactly: $0) }.flatMap(LogFinding.init)
                return LogSegmentRow(
                    at: row.instant("at") ?? .epoch,
                    broken: finding.map {
                        (finding: $0, index: UInt32(clamping: (row["finding_index"] as Int64?) ?? 0))
                    },
                    segment: [UInt8](row["segment"] as Data))
            }
        }
    }
}
