// SPDX-License-Identifier: Apache-2.0
import Catalogue
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

/// A record of a module's audit log, in words: what a module writes nobody but the modules' own code reads.
public struct AuditLine: Sendable {
    public var index: UInt32
    public var at: Instant
    /// As `AuditEvent` names it.
    public var event: String
    public var warning: WarningCode?
    /// As `AuditActor` names it.
    public var actor: String
    public var detail: UInt32
    public var boot: UInt32
    /// Events since the record before that found no room.
    public var unlogged: UInt32
    public var isProved: Bool

    public init(
        index: UInt32, at: Instant, event: String, warning: WarningCode?, actor: String, detail: UInt32, boot: UInt32,
        unlogged: UInt32, isProved: Bool
    ) {
        (self.index, self.at, self.event, self.warning) = (index, at, event, warning)
        (self.actor, self.detail, self.boot, self.unlogged) = (actor, detail, boot, unlogged)
        self.isProved = isProved
    }
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
