// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// A stretch of a terminal's audit log for the host's module to verify: with all that the estate knows of the log, so that
/// the answer follows from the question and the module's master keys alone.
public struct LogQuestion: Equatable, Sendable {
    /// DE 60 of a report that brings a segment, and of an answer that asks for them.
    public static let mark = "LOG"
    /// Epochs that may have been begun since the one that is known.
    public static let epochsMax: UInt32 = 1_024

    public var keys: TerminalKeys
    /// The serial number of the module's hardware.
    public var serial: UInt64
    /// The module's identity key, compressed: whose signature checkpoints have.
    public var identityKey: [UInt8]
    /// What was taken before.
    public var position: LogPosition
    /// The head that the module attested last, if it is ahead of what was taken.
    public var attested: (index: UInt32, digest: [UInt8])?
    /// Two people have given up what is known of the log (S06): a new epoch is awaited, and nothing of the old one judged.
    public var awaitsEpoch: Bool
    /// The encoded segment.
    public var segment: [UInt8]

    public init(
        keys: TerminalKeys, serial: UInt64, identityKey: [UInt8], position: LogPosition,
        attested: (index: UInt32, digest: [UInt8])?, awaitsEpoch: Bool, segment: [UInt8]
    ) {
        (self.keys, self.serial, self.identityKey) = (keys, serial, identityKey)
        (self.position, self.attested, self.awaitsEpoch) = (position, attested, awaitsEpoch)
        self.segment = segment
    }

    public static func == (left: LogQuestion, right: LogQuestion) -> Bool {
        left.keys == right.keys && left.serial == right.serial && left.identityKey == right.identityKey
            && left.position == right.position && left.attested?.index == right.attested?.index
            && left.attested?.digest == right.attested?.digest && left.awaitsEpoch == right.awaitsEpoch
            && left.segment == right.segment
    }
}

/// Why a log is not the one that its module wrote.
public enum LogFinding: UInt8, CaseIterable, Sendable {
    /// Of another module, or of an epoch that nobody ordered.
    case foreign = 1
    case edited, missing, reordered, rolledBack, forked, unsigned
}

/// What the host's module says of a segment.
public enum LogVerdict: Equatable, Sendable {
    /// Authentic, and the log is known up to there now. The same position as before: nothing in it was new.
    case accepted(LogPosition)
    /// Not the module's log, from the record of this number on; 0 where the whole of it is another's.
    case broken(LogFinding, at: UInt32)
    /// No segment, or none that anything is known about.
    case unreadable
}
