// SPDX-License-Identifier: Apache-2.0
import Console
import SecurityModule

/// Collected audit logs for the console, which has nothing to do with modules.
enum AuditLines {
    @Sendable static func read(_ segment: [UInt8]) -> [AuditLine] {
        // Safe to leave out what is none: a stretch was decoded before it was accepted.
        guard let segment = try? LogSegment(decoding: segment) else { return [] }
        return segment.entries.map { entry in
            let record = entry.record
            return AuditLine(
                index: record.index, at: record.at, event: "\(record.event)", warning: record.warning,
                actor: "\(record.actor)", detail: record.detail, boot: record.boot, unlogged: record.unlogged,
                isProved: !entry.code.isEmpty)
        }
    }
}
