// SPDX-License-Identifier: Apache-2.0
import Host
import Vocabulary

/// The one door by which the console changes anything: the command is durable when this returns.
public protocol CommandPort: Sendable {
    /// - Throws: `CommandRefusal`; nothing has changed then.
    func submit(_ command: Command, by principal: Principal) async throws
}

/// Committed records, live. A subscriber that is too slow loses the oldest and sees the gap in the sequence.
public protocol CommittedFeed: Sendable {
    func subscribe() -> AsyncStream<CommittedRecord>
}

/// A record that is durable.
public struct CommittedRecord: Sendable {
    public var sequence: UInt64
    public var record: HostRecord

    public init(sequence: UInt64, record: HostRecord) {
        self.sequence = sequence
        self.record = record
    }
}
