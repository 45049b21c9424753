// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

extension TerminalSecurityModule {
    /// A clock that goes back by more than this, or is that far from signed time, is out of its range (H06).
    static var clockTolerance: Interval { .seconds(300) }

    /// Takes the time. A step back within the tolerance stands still; a larger one is believed, but what was measured
    /// with the old clock is void: the lease, the self-test's age, and the attestation under way.
    ///
    /// A step forward is taken as it comes: a module that slept sees the same. What tells is signed time
    /// (`compareClock`), and whatever the step has made too old by then has stopped on its own account.
    mutating func tick(_ told: Instant) -> Instant {
        let given = hardware.clock(told)
        guard given < record.clock else {
            record.clock = given
            return given
        }
        let back = record.clock - given
        guard back > Self.clockTolerance, record.latch == nil else { return record.clock }
        record.clock = given
        record.lease = nil
        record.selfTestPassedAt = nil
        record.pinRate.clamp(to: given)
        for index in record.openWarnings.indices where record.openWarnings[index].raisedAt > given {
            record.openWarnings[index].raisedAt = given
        }
        duties.clamp(to: given)
        record.supervisors.clamp(to: given)
        supervision.end()
        attestation = nil
        append(.clockSetBack, detail: UInt32(clamping: back.microseconds / 1_000_000), at: given)
        raise(.h06, given)
        return given
    }

    /// Looks at everything that can be looked at without being asked. Tampering first: it ends the rest.
    mutating func detect(_ now: Instant, testing: Bool) {
        detectTampering(now)
        guard record.latch == nil else { return }
        if testing {
            checkAlgorithms(now)
            checkKeypad(now)
        }
        destroyLostKeys(now)
        checkSoftware(now)
        guard record.latch == nil else { return }
        if hardware.nvCounter > record.version {
            // Another module runs from a copy of the image.
            skipWhatANewerImageUsed()
            raise(.h04, now)
        }
        if record.activation == .active, hardware.activationErased {
            record.activation = .lost
            record.lease = nil
            isDirty = true
        }
        for code in Self.standingCauses where isCausePresent(code, now) {
            raise(code, needsOrder: code == .a01 && record.activation == .lost, now)
        }
        releaseSupervisors(now)
        stayFresh(now)
        promote(now)
    }

    mutating func detectTampering(_ now: Instant) {
        if hardware.enclosureBreached {
            raise(.t01, now)
        } else if hardware.isBeyondTamperLimits {
            raise(.t02, now)
        }
    }

    /// What a broken memory held is gone, and does not come back with the memory.
    private mutating func destroyLostKeys(_ now: Instant) {
        for slot in hardware.erasedSlots where keys.holds(slot) {
            destroy(slot)
            append(.keyLost, detail: UInt32(slot.rawValue), at: now)
        }
    }

    /// Warnings whose cause is a condition that can be looked at, in the order they are raised in.
    private static var standingCauses: [WarningCode] { [.h05, .h06, .k02, .a01, .a02, .c02] }

    /// Whether what raised a warning is there now; false for what was an event.
    func isCausePresent(_ code: WarningCode, _ now: Instant) -> Bool {
        switch code {
        case .h01: KnownAnswers.firstFailure(hardware.computed) != nil
        case .h02: noise.verdict != .sound || noiseTestDue
        case .h03: corruptSlots.contains { !keys.holds($0) } || isIdentityLost || isJournalLost
        case .h05: hardware.batteryMillivolts < HardwareLimits.batteryLowMillivolts
        case .h06: hardware.isBeyondOperatingLimits || record.isClockOff
        case .h07: !hardware.keypad.scan()
        case .s05: record.audit.fill != .roomy
        case .s06: isLogBroken
        case .s03: selfTestIsOverdue(now) || duties.isMemoryStale(now)
        case .k01: record.revokedKeySets.contains(record.keys.keySet)
        case .k02: isKeyMissing
        case .k03: keys.dukpt.borrowed { $0.usedPercent >= 90 } ?? false
        case .k07: record.supervisors.isLocked(now)
        case .p01:
            record.software.supplier != nil && record.activation == .active && !isProved(.application)
        case .a01: record.activation != .active
        case .a02: record.activation == .active && (record.lease.map { now >= $0.expires } ?? true)
        case .a04: record.software.update.rolledBackStarts != nil
        case .c02: record.firmwareRange.map { !$0.contains(hardware.installedFirmware) } ?? false
        default: false
        }
    }

    func isUsable(_ slot: KeySlot) -> Bool { hardware.holds(slot) && keys.holds(slot) }

    /// A slot is empty, and no open warning says why.
    private var isKeyMissing: Bool {
        let missing = KeySlot.required(record.keys.profile).filter { !isUsable($0) }
        guard !missing.isEmpty else { return false }
        if missing.contains(where: { !hardware.holds($0) }) { return true }
        return !record.openWarnings.contains { $0.effect.zeroises == .financial || $0.code == .h03 }
    }

    mutating func countFlaps(_ count: UInt32, _ now: Instant) {
        for _ in 0..<count where flaps.add(at: now) { raise(.l01, needsOrder: true, now) }
    }
}
