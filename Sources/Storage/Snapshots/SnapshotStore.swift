// SPDX-License-Identifier: Apache-2.0
import Foundation
import Journal
import Logging

/// Snapshots on disk: files `snapshot-<sequence>` in the data directory, whole or not there.
///
/// A snapshot only saves time: with none, or only damaged ones, the state is made from the journal. Saving blocks
/// for the disk and is not for an event loop.
public final class SnapshotStore: Sendable {
    /// How many snapshots are kept, so that a damaged one is not the only one.
    public static let kept = 2

    /// The longest snapshot file in bytes.
    public static let bytesMax = SnapshotEnvelope.stateBytesMax + 4_096

    /// What ``latest(notAfter:)`` found.
    public struct Found: Sendable {
        /// The newest sound snapshot; nil if there is none.
        public let snapshot: SnapshotEnvelope?
        /// Newer ones that were passed over.
        public let skipped: [Skipped]
    }

    /// A snapshot that cannot be used. It is left where it is, as evidence, until newer ones push it out.
    public struct Skipped: Sendable {
        /// The file's name in the data directory.
        public let name: String
        /// What is wrong with it: a `SnapshotError` or a `StorageError`.
        public let reason: any Error
    }

    private static let prefix = "snapshot-"
    /// The digits of the largest sequence number, so that names sort as numbers do.
    private static let digits = 20

    private let directory: DataDirectory
    private let logger: Logger

    /// The snapshots of a data directory; removes what an interrupted save left.
    public init(in directory: DataDirectory, logger: Logger = Logger(label: "tillguard.storage")) throws {
        self.directory = directory
        self.logger = logger
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path)
        where name.hasPrefix(Self.prefix) && name.hasSuffix(DurableFile.temporarySuffix) {
            try FileManager.default.removeItem(atPath: directory.file(name))
        }
    }

    /// Writes a snapshot and removes old ones.
    ///
    /// Snapshots with higher numbers stay: they are of a journal that went further than this one, and somebody will
    /// want to know why.
    public func save(_ snapshot: SnapshotEnvelope) throws {
        let path = directory.file(Self.name(snapshot.sequence))
        try snapshot.encode().withUnsafeBytes { bytes in try DurableFile.replace(path, with: bytes) }
        for sequence in try sequences().filter({ $0 <= snapshot.sequence }).dropFirst(Self.kept) {
            try FileManager.default.removeItem(atPath: directory.file(Self.name(sequence)))
        }
    }

    /// The newest sound snapshot, and which newer ones were passed over as damaged (also logged as warnings).
    ///
    /// - Parameter last: the newest record that a snapshot may contain, usually the journal's last.
    public func latest(notAfter last: UInt64 = .max) throws -> Found {
        var skipped: [Skipped] = []
        for sequence in try sequences() where sequence <= last {
            let name = Self.name(sequence)
            do {
                let snapshot = try SnapshotEnvelope.decode(
                    try DurableFile.read(directory.file(name), bytesMax: Self.bytesMax))
                // A sound file under another's name is no more to be trusted than a damaged one.
                guard snapshot.sequence == sequence else { throw SnapshotError.damaged }
                return Found(snapshot: snapshot, skipped: skipped)
            } catch {
                logger.warning("snapshot skipped", metadata: ["file": "\(name)", "reason": "\(error)"])
                skipped.append(Skipped(name: name, reason: error))
            }
        }
        return Found(snapshot: nil, skipped: skipped)
    }

    /// The numbers of the snapshots that are there, newest first.
    private func sequences() throws -> [UInt64] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path)
            .compactMap { name in
                guard let number = UInt64(name.dropFirst(Self.prefix.count)), Self.name(number) == name else {
                    return nil
                }
                return number
            }
            .sorted(by: >)
    }

    static func name(_ sequence: UInt64) -> String {
        let number = String(sequence)
        return prefix + String(repeating: "0", count: digits - number.count) + number
    }
}
