// SPDX-License-Identifier: Apache-2.0

/// How much a gate lets queue, and how much it puts into one commit.
public struct GateLimits: Equatable, Sendable {
    /// The most records in one commit.
    public let commitRecordsMax: Int
    /// The length in bytes at which a commit takes no further submission; one large submission alone may be longer.
    public let commitBytesMax: Int
    /// The most records that wait, the commit in flight not counted.
    public let queuedRecordsMax: Int
    /// The most bytes that wait, the commit in flight not counted.
    public let queuedBytesMax: Int
    /// The most releases that wait, those of the commit in flight included.
    public let queuedReleasesMax: Int

    /// - Precondition: every limit is positive and a commit's fit a frame (`RecordFrame.recordsMax`, `bytesMax`).
    public init(
        commitRecordsMax: Int = 4_096, commitBytesMax: Int = 1_024 * 1_024, queuedRecordsMax: Int = 65_536,
        queuedBytesMax: Int = 64 * 1_024 * 1_024, queuedReleasesMax: Int = 262_144
    ) {
        precondition(1...RecordFrame.recordsMax ~= commitRecordsMax, "records of a commit")
        precondition(1...RecordFrame.bytesMax ~= commitBytesMax, "bytes of a commit")
        precondition(queuedRecordsMax > 0 && queuedBytesMax > 0 && queuedReleasesMax > 0, "queue limits")
        self.commitRecordsMax = commitRecordsMax
        self.commitBytesMax = commitBytesMax
        self.queuedRecordsMax = queuedRecordsMax
        self.queuedBytesMax = queuedBytesMax
        self.queuedReleasesMax = queuedReleasesMax
    }

    /// The limits of a server.
    public static let standard = GateLimits()
}

/// Why a gate took nothing. Whatever it refuses leaves it as it was.
public enum GateError: Error, Equatable, Sendable {
    /// A commit failed: the gate is closed for ever, and nothing that waits will leave.
    case closed
    /// The queue is full; what is refused has not been recorded and must not be applied or answered.
    case full
    /// A record, or the records of one submission together, are too long for a commit.
    case recordTooLarge(bytes: Int)
    /// A submission with more records than a commit may hold.
    case tooManyRecords(Int)
    /// A report of a commit that is not in flight; `expected` is the last record of the one that is, if any.
    case notInFlight(expected: UInt64?, reported: UInt64)
}
