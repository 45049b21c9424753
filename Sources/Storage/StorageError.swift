// SPDX-License-Identifier: Apache-2.0
import Foundation
import Journal

/// Why something could not be stored or read back. Errors of SQLite itself come as GRDB's `DatabaseError`.
public enum StorageError: Error, Equatable, Sendable {
    /// Another process (or another part of this one) has the data directory open; its process id if it can be told.
    case directoryInUse(path: String, process: Int32?)
    /// A call of the operating system failed with this `errno`.
    case system(operation: String, path: String, code: Int32)
    /// SQLite does not wait for the disk (`PRAGMA synchronous` is not 2): what it calls durable would not be.
    case notSynchronous(path: String, level: Int?)
    /// The file was written by a newer version of this program.
    case schemaTooNew(path: String)
    /// A trigger or table that guards the journal is missing or changed.
    case schemaAltered(path: String, object: String)
    /// The journal's chain does not hold.
    case journalDamaged(ChainError)
    /// A row holds something that this program never wrote there.
    case unreadableRow(path: String, row: Int64)
    /// A commit does not follow the journal's last one; it was not written.
    case commitRefused(ChainError)
    /// The store or writer was shut down, or failed before; nothing is written any more.
    case closed
    /// More commits wait for the disk than `JournalWriter.queuedCommitsMax`; this one was not queued.
    case writerFull
    /// Projections cannot be moved back, or to where they are.
    case checkpointNotAhead(checkpoint: UInt64, requested: UInt64)
    /// The projections have seen records that the journal does not have.
    case recordsAhead(checkpoint: UInt64, journalNext: UInt64)
    /// The file is longer than its reader allows.
    case tooLarge(path: String, bytesMax: Int)
    /// Others than the owner may read or write the file, or it belongs to somebody else.
    case exposed(path: String)
}

extension StorageError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .directoryInUse(let path, let process?):
            "the data directory \(path) is in use by process \(process)"
        case .directoryInUse(let path, nil):
            "the data directory \(path) is in use by another process"
        case .system(let operation, let path, let code):
            "\(operation) \(path): \(String(cString: strerror(code)))"
        case .notSynchronous(let path, let level):
            "\(path): SQLite's synchronous level is \(level.map(String.init) ?? "unknown"), but must be 2 (FULL)"
        case .schemaTooNew(let path):
            "\(path) was written by a newer version of this program"
        case .schemaAltered(let path, let object):
            "\(path): \(object), which protects the journal, is missing or was changed"
        case .journalDamaged(let error):
            "the journal is damaged: \(error)"
        case .unreadableRow(let path, let row):
            "\(path): row \(row) cannot be read"
        case .commitRefused(let error):
            "a commit does not follow the journal: \(error)"
        case .closed:
            "the store is closed"
        case .writerFull:
            "too many commits wait for the disk"
        case .checkpointNotAhead(let checkpoint, let requested):
            "the projections stand at record \(checkpoint) and cannot move to \(requested)"
        case .recordsAhead(let checkpoint, let next):
            "the projections have seen record \(checkpoint), but the journal ends before record \(next)"
        case .tooLarge(let path, let bytesMax):
            "\(path) is longer than \(bytesMax) bytes"
        case .exposed(let path):
            "\(path) must belong to this user and be closed to all others (mode 0600)"
        }
    }
}
