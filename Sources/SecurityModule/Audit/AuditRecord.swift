// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// What the audit log tells of.
public enum AuditEvent: UInt8, CaseIterable, Sendable {
    case poweredUp = 1
    /// Detail: the self-test's number.
    case selfTestPassed = 2
    /// Detail: the first test that failed.
    case selfTestFailed = 3
    /// Detail: the level in the catalogue.
    case warningRaised = 4
    case warningCleared = 5
    /// Detail: the lease's number.
    case leaseAccepted = 6
    case ticketRefused = 7
    case attested = 8
    case activated = 9
    case suspended = 10
    case tamperLatched = 11
    case zeroised = 12
    case financialKeysZeroised = 13
    case keysLoaded = 14
    case pinThrottled = 15
    /// Detail: seconds the clock was set back.
    case clockSetBack = 16
    case sessionKeysLoaded = 17
    case sessionKeysRefused = 18
    case sessionKeysDropped = 19
    /// The first record under a new chain of keys. Detail: the epoch.
    case logBegun = 20
    /// The module has made its identity key.
    case identityMade = 21
    /// A key slot has lost its content. Detail: the slot.
    case keyLost = 32
    /// Detail: seconds by which the clock and a signed time disagree.
    case clockDisagrees = 33
    /// A host's order. Detail: its kind on the wire.
    case ordered = 34
    /// An intermittent alarm of the noise source.
    case noiseAlarm = 35
    /// The module was shut down in order.
    case shutDown = 36
    /// The memory was initialised again.
    case memoryRenewed = 37
    /// Detail: the security version of what was staged.
    case updateStaged = 38
    case updateTried = 39
    case updateCommitted = 40
    case updateRolledBack = 41
    /// Detail: the supervisor's number.
    case supervisorEntered = 42
    case supervisorRefused = 43
    case supervisorEnrolled = 44
    case supervisorsLocked = 45
    case supervisorsUnlocked = 46
    /// Keys by custodians. Detail: how many there are.
    case ceremonyOpened = 47
    /// Detail: the custodian's number.
    case componentTaken = 48
    case componentRefused = 49
}

/// Who did what a record tells of.
public enum AuditActor: UInt8, CaseIterable, Sendable {
    /// The module by itself.
    case module = 0
    /// The POS application, by a command.
    case application = 1
    /// The host, by a ticket or a signed order.
    case host = 2
    /// A supervisor at the module's keypad.
    case supervisor = 3
    case custodian = 4
    case technician = 5
}

/// One entry of the audit log: 32 bytes, always.
public struct AuditRecord: Equatable, Sendable {
    public static let length = 32
    /// The bytes of a record of the time before logs had epochs.
    static let lengthBeforeEpochs = 24

    /// Counts from 1 and never repeats.
    public var index: UInt32
    public var at: Instant
    public var event: AuditEvent
    public var warning: WarningCode?
    public var actor = AuditActor.module
    public var eventCounter: UInt32
    public var detail: UInt32
    /// Which power-up of the module it was, from 1; 0 in a log that has begun no epoch.
    public var boot: UInt32 = 0
    /// Events since the record before that found no room.
    public var unlogged: UInt32 = 0

    /// Integers big-endian:
    ///
    ///     0..4   index           4..12  microseconds    12 event      13 warning (0: none)    14 actor    15 zero
    ///     16..20 event counter   20..24 detail          24..28 boot   28..32 unlogged
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.length)
        bytes.appendBigEndian(index)
        bytes.appendBigEndian(UInt64(bitPattern: at.microseconds))
        bytes += [event.rawValue, warning?.wireNumber ?? 0, actor.rawValue, 0]
        bytes.appendBigEndian(eventCounter)
        bytes.appendBigEndian(detail)
        bytes.appendBigEndian(boot)
        bytes.appendBigEndian(unlogged)
        return bytes
    }

    /// What the chain is made of. A record without a boot is of the time before epochs, and chained as it was then.
    var chained: [UInt8] { boot == 0 ? Array(bytes.prefix(Self.lengthBeforeEpochs)) : bytes }

    /// Whether it may use the slots kept for the gravest: what tells of an S1 warning, of keys being erased, and of the
    /// warning that the log is full.
    var isGrave: Bool {
        switch event {
        case .tamperLatched, .zeroised, .financialKeysZeroised: true
        case .warningRaised: warning == .s05 || detail == UInt32(Severity.s1.rawValue)
        default: false
        }
    }

    init(
        index: UInt32, at: Instant, event: AuditEvent, warning: WarningCode?, actor: AuditActor = .module,
        eventCounter: UInt32, detail: UInt32, boot: UInt32 = 0, unlogged: UInt32 = 0
    ) {
        (self.index, self.at, self.event) = (index, at, event)
        (self.warning, self.actor, self.eventCounter, self.detail) = (warning, actor, eventCounter, detail)
        (self.boot, self.unlogged) = (boot, unlogged)
    }

    /// - Parameter bytes: 32 bytes, or 24 of the time before epochs.
    /// - Returns: nil for bytes that no record has.
    init?(bytes: [UInt8]) {
        let isOld = bytes.count == Self.lengthBeforeEpochs
        guard isOld || bytes.count == Self.length, let event = AuditEvent(rawValue: bytes[12]),
            let actor = AuditActor(rawValue: bytes[14]), bytes[15] == 0
        else { return nil }
        if bytes[13] != 0 {
            guard let code = WarningCode(wireNumber: bytes[13]) else { return nil }
            warning = code
        }
        index = bytes.bigEndian(at: 0)
        at = Instant(microseconds: Int64(bitPattern: bytes.bigEndian(at: 4)))
        (self.event, self.actor) = (event, actor)
        eventCounter = bytes.bigEndian(at: 16)
        detail = bytes.bigEndian(at: 20)
        if !isOld {
            boot = bytes.bigEndian(at: 24)
            unlogged = bytes.bigEndian(at: 28)
        }
        guard boot != 0 || (actor == .module && unlogged == 0) else { return nil }
    }
}
