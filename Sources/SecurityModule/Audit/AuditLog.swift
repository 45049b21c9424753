// SPDX-License-Identifier: Apache-2.0
import Catalogue
import PaymentCryptography
import Vocabulary

/// How full an audit log is.
public enum AuditFill: Comparable, Sendable {
    case roomy
    /// From 90 % of the slots: the advisory of S05.
    case filling
    /// Only the slots kept for the gravest are left: S05 halts.
    case full
}

/// The module's audit log: fixed-size records, each chained to all before it by SHA-256, and each with a code whose key
/// is gone once the code is made.
///
/// The head after a record is SHA-256(head before ‖ record); the code is the forward-secure MAC of that head. Every 32
/// records and at every attestation the module's identity key signs the head. Records stay until the host has collected
/// them and says so with a signature of its own; when it does not, the log fills up and stops the module, so that no
/// record is ever lost unseen. What found no room is counted in the next record.
///
/// A log begins an epoch with the first key of a chain that the host knows (`begin`). Before that it has no codes and
/// keeps the newest 64 records.
///
/// ## Topics
/// - Writing: ``begin(_:eventCounter:at:with:)``, ``countBoot()``,
///   ``append(_:warning:actor:eventCounter:detail:at:with:)``
/// - After a restart: ``isContinued(by:)``, ``isIntact``
/// - Checkpoints: ``isCheckpointDue``, ``checkpointDigest``, ``addCheckpoint(signature:)``
/// - Collecting: ``collect(from:bytesMax:)``, ``acknowledge(_:by:)``, ``fill``
public struct AuditLog: Equatable, Sendable {
    /// Slots.
    public static let recordsMax = 1_024
    /// Of them kept for what tells of an S1 warning.
    public static let reservedSlots = 16
    /// From so many on the log is `filling`.
    static let fillingFrom = (recordsMax * 9 + 9) / 10
    /// Records kept of a log that has begun no epoch; older ones live on in the head only.
    public static let recordsMaxBeforeEpochs = 64
    /// Records between two checkpoints.
    public static let checkpointInterval: UInt32 = 32

    public internal(set) var identity = AuditIdentity(serial: 0, epoch: 0)
    /// Before the oldest record kept.
    public internal(set) var anchor = AuditHead.origin
    /// After the newest record.
    public internal(set) var position = AuditHead.origin
    /// Oldest first.
    public internal(set) var entries: [AuditEntry] = []
    /// The newest of each 32 records, oldest first.
    public internal(set) var checkpoints: [SignedAuditHead] = []
    /// What the host has countersigned last.
    public internal(set) var acknowledged: SignedAuditHead?
    /// Power-ups counted since epochs began.
    public internal(set) var boot: UInt32 = 0
    /// Events since the newest record that found no room.
    public internal(set) var unlogged: UInt32 = 0

    public init() {}

    /// The chain's hash after the newest record.
    public var head: [UInt8] { position.digest }
    public var records: [AuditRecord] { entries.map(\.record) }
    private var hasEpoch: Bool { identity.epoch > 0 }

    public var fill: AuditFill {
        guard hasEpoch else { return .roomy }
        if entries.count >= Self.recordsMax - Self.reservedSlots { return .full }
        return entries.count >= Self.fillingFrom ? .filling : .roomy
    }

    /// Whether the records kept lead from the anchor to the head without a gap.
    public var isIntact: Bool {
        var head = anchor
        for entry in entries {
            guard entry.record.index == head.index &+ 1 else { return false }
            head = head.followed(by: entry.record)
        }
        return head == position
    }

    /// Whether a chain stands where the next record needs it, as it does when both come out of one stored image.
    public func isContinued(by chain: borrowing ForwardMAC) -> Bool { chain.index == UInt64(position.index) + 1 }

    // MARK: Writing

    /// Begins an epoch: from the next record on every record has a code. What is kept of the time before lives on in the
    /// head only, so collect it first.
    ///
    /// - Parameter chain: the chain's first key, with the number of the next record (`position.index + 1`).
    /// - Returns: false, and nothing changes, for an epoch that is not later, and for a chain of another number.
    @discardableResult
    public mutating func begin(
        _ identity: AuditIdentity, eventCounter: UInt32, at now: Instant, with chain: inout ForwardMAC?
    ) -> Bool {
        guard identity.epoch > self.identity.epoch, chain.borrowed({ isContinued(by: $0) }) == true else {
            return false
        }
        self.identity = identity
        (anchor, entries, checkpoints, acknowledged) = (position, [], [], nil)
        boot = max(boot, 1)
        append(.logBegun, eventCounter: eventCounter, detail: identity.epoch, at: now, with: &chain)
        return true
    }

    /// Counts a power-up; its records follow.
    public mutating func countBoot() { if hasEpoch, boot < .max { boot += 1 } }

    /// Writes a record. Its code's key is wiped in this step.
    ///
    /// - Parameter chain: nil once the keys are erased: the record then has no code.
    /// - Returns: false when there is no room for it; it is counted.
    @discardableResult
    public mutating func append(
        _ event: AuditEvent, warning: WarningCode? = nil, actor: AuditActor = .module, eventCounter: UInt32,
        detail: UInt32 = 0, at now: Instant, with chain: inout ForwardMAC?
    ) -> Bool {
        let record = AuditRecord(
            index: position.index &+ 1, at: now, event: event, warning: warning, actor: hasEpoch ? actor : .module,
            eventCounter: eventCounter, detail: detail, boot: boot, unlogged: unlogged)
        guard makeRoom(for: record) else {
            if unlogged < .max { unlogged += 1 }
            return false
        }
        position = position.followed(by: record)
        unlogged = 0
        var code: [UInt8] = []
        if hasEpoch, var held = chain.take() {
            // A chain at another number would give a code that nobody can verify.
            if held.index == UInt64(position.index) { code = held.code(position.digest) }
            chain = consume held
        }
        entries.append(AuditEntry(record: record, code: code))
        return true
    }

    /// As `append(_:warning:actor:eventCounter:detail:at:with:)`, without a chain.
    mutating func append(
        _ event: AuditEvent, warning: WarningCode? = nil, eventCounter: UInt32, detail: UInt32 = 0, at now: Instant
    ) {
        var chain: ForwardMAC?
        append(event, warning: warning, eventCounter: eventCounter, detail: detail, at: now, with: &chain)
    }

    private mutating func makeRoom(for record: AuditRecord) -> Bool {
        guard position.index < .max else { return false }
        guard hasEpoch else {
            if entries.count == Self.recordsMaxBeforeEpochs {
                anchor = anchor.followed(by: entries.removeFirst().record)
            }
            return true
        }
        return entries.count < (record.isGrave ? Self.recordsMax : Self.recordsMax - Self.reservedSlots)
    }
}
