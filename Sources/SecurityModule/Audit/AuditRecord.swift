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
}

/// One entry of the audit log: 24 bytes, always.
public struct AuditRecord: Equatable, Sendable {
    public static let length = 24

    /// Counts from 1 and never repeats.
    public var index: UInt32
    public var at: Instant
    public var event: AuditEvent
    public var warning: WarningCode?
    public var eventCounter: UInt32
    public var detail: UInt32

    /// The chained bytes, integers big-endian: index, microseconds, event, warning (0: none), two zeros, event counter,
    /// detail.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.length)
        bytes.appendBigEndian(index)
        bytes.appendBigEndian(UInt64(bitPattern: at.microseconds))
        bytes += [event.rawValue, warning?.wireNumber ?? 0, 0, 0]
        bytes.appendBigEndian(eventCounter)
        bytes.appendBigEndian(detail)
        return bytes
    }

    init(index: UInt32, at: Instant, event: AuditEvent, warning: WarningCode?, eventCounter: UInt32, detail: UInt32) {
        (self.index, self.at, self.event) = (index, at, event)
        (self.warning, self.eventCounter, self.detail) = (warning, eventCounter, detail)
    }

    /// - Returns: nil for bytes that `bytes` never gives.
    init?(bytes: [UInt8]) {
        guard bytes.count == Self.length, let event = AuditEvent(rawValue: bytes[12]), bytes[14] == 0, bytes[15] == 0
        else { return nil }
        if bytes[13] != 0 {
            guard let code = WarningCode(wireNumber: bytes[13]) else { return nil }
            warning = code
        }
        index = bytes.bigEndian(at: 0)
        at = Instant(microseconds: Int64(bitPattern: bytes.bigEndian(at: 4)))
        self.event = event
        eventCounter = bytes.bigEndian(at: 16)
        detail = bytes.bigEndian(at: 20)
    }
}
