// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// What authentic evidence shows to be wrong, each with the warning it opens.
extension Estate {
    func causes(_ terminal: EstateTerminal, _ evidence: EvidenceClaims, now: Instant) -> [RaisedWarning] {
        var causes: [RaisedWarning] = []
        // A counter that fell back is a restored or cloned module (I4).
        let isRestored =
            evidence.eventCounter < terminal.eventCounter || evidence.healthCounter < terminal.health.highest
        if isRestored { causes.append(RaisedWarning(.h04)) }
        if evidence.serial != terminal.serial, !isRepaired(terminal) { causes.append(RaisedWarning(.l02)) }
        causes += incompatibilities(evidence)
        if Interval.seconds(Int64(evidence.selfTestAgeSeconds)) >= Self.selfTestAgeMax {
            causes.append(RaisedWarning(.s03))
        }
        if isActivationLost(terminal, evidence) { causes.append(RaisedWarning(.a01)) }
        if let severity = keySetEnding(terminal.keySet, now: now) { causes.append(RaisedWarning(.k03, severity)) }
        if let severity = outdated(evidence.firmware, evidence.device?.model ?? 0, now: now) {
            causes.append(RaisedWarning(.a03, severity))
        }
        guard let device = evidence.device else { return causes }
        let isSame = evidence.serial == terminal.serial
        if isSame, !isRestored, let before = terminal.device, Self.contradict(before, device) {
            causes.append(RaisedWarning(.k04))
        }
        if isSame, !isRestored, let head = evidence.logHead,
            terminal.dossier.isLogContradicted(by: head)
        {
            causes.append(RaisedWarning(.s06))
        }
        if device.isDebuggable || !isReleased(device) { causes.append(RaisedWarning(.t03)) }
        if isElsewhere(terminal, device) { causes.append(RaisedWarning(.t04)) }
        if Self.lacksKeys(terminal, device), !Self.explainsLoss(evidence.openWarnings) {
            causes.append(RaisedWarning(.k02))
        }
        if device.binding != 0, device.binding != binding(terminal, serial: evidence.serial) {
            causes.append(RaisedWarning(.a05))
        }
        return causes
    }

    /// Two people have permitted the swap and new keys were issued after it: the device has come with keys of its own.
    private func isRepaired(_ terminal: EstateTerminal) -> Bool {
        guard let permit = terminal.dossier.permit, let issued = terminal.dossier.keysIssuedAt else { return false }
        return issued >= permit.at
    }

    /// Model and algorithms (C01), then versions (C02). Without a matrix, or with evidence that says nothing of the
    /// device, the range stands for it.
    private func incompatibilities(_ evidence: EvidenceClaims) -> [RaisedWarning] {
        guard let matrix = policy.matrix, let device = evidence.device else {
            return compatibility.contains(evidence.firmware) ? [] : [RaisedWarning(.c02)]
        }
        guard matrix.supports(device, evidence.profile) else { return [RaisedWarning(.c01)] }
        return matrix.fits(device, evidence) ? [] : [RaisedWarning(.c02)]
    }

    /// A halted module says HALTED; one without its activation record says what it was before it had one.
    private func isActivationLost(_ terminal: EstateTerminal, _ evidence: EvidenceClaims) -> Bool {
        let isInactive = evidence.lifecycle != .active && evidence.lifecycle != .halted
        return isInactive && !Self.mayActivate(terminal, evidence)
            && terminal.warnings.first { $0.code == .a01 }?.isCleared != true
    }

    /// How grave it is that the firmware is not the recommended one; nil where it is, or nothing was laid down.
    func outdated(_ firmware: SoftwareVersion, _ model: UInt16, now: Instant) -> Severity? {
        guard let policy = policy.release(of: model), firmware < policy.recommended else { return nil }
        let left = policy.deadline.map { $0 - now }
        if let left, left <= .zero { return .s2 }
        if let left, left <= ReleasePolicy.restrictedBefore { return .s3 }
        return firmware < policy.minimum ? .s3 : .s4
    }

    /// The days before a key set's end that K03 reminds at.
    static let remindedDays: [Int64] = [90, 30, 7]

    /// How grave it is that the key set ends; nil while that is far.
    func keySetEnding(_ keySet: UInt16, now: Instant) -> Severity? {
        guard let end = policy.keySets[keySet] else { return nil }
        if now >= end { return .s2 }
        return end - now <= .days(Self.remindedDays[0]) ? .s4 : nil
    }

    /// One device that has started less often than it had, or runs other firmware without having started again: there are
    /// two of it (rule R9). Counters that fell back with it are a restored module's (H04).
    private static func contradict(_ before: DeviceClaims, _ after: DeviceClaims) -> Bool {
        if after.bootCount < before.bootCount { return true }
        let isMeasured = !before.firmwareDigest.isEmpty && !after.firmwareDigest.isEmpty
        return isMeasured && after.bootCount == before.bootCount && after.firmwareDigest != before.firmwareDigest
    }

    private func isReleased(_ device: DeviceClaims) -> Bool {
        policy.digests.isEmpty || policy.digests.contains(device.firmwareDigest)
    }

    private func isElsewhere(_ terminal: EstateTerminal, _ device: DeviceClaims) -> Bool {
        guard let position = device.position, let merchant = merchants[terminal.merchant] else { return false }
        let radius = (policy.terms[terminal.merchant] ?? .standard).radius
        let isExplained = terminal.dossier.explainedPosition.map { position.isWithin(radius, of: $0) } ?? false
        return !isExplained && !position.isWithin(radius, of: merchant.place)
    }

    /// A key that the profile cannot be without is missing, or has another check value than when evidence was accepted
    /// last, and no new key was issued. A module that says nothing of its keys is not judged.
    private static func lacksKeys(_ terminal: EstateTerminal, _ device: DeviceClaims) -> Bool {
        guard !device.inventory.isEmpty else { return false }
        let slots = device.inventory.map(\.slot)
        guard terminal.profile.requiredSlots.allSatisfy(slots.contains) else { return true }
        return device.inventory.contains { entry in
            entry.slot != KeyProfile.sessionSlot
                && terminal.dossier.inventory.contains { $0.slot == entry.slot && $0.checkValue != entry.checkValue }
        }
    }

    /// Whether the module says itself why keys are gone: then their loss is no finding of its own. What stays open of it
    /// stops the terminal, and once it is cleared the inventory is judged again.
    private static func explainsLoss(_ warnings: [RaisedWarning]) -> Bool {
        warnings.contains { $0.code == .h03 || $0.effect.zeroises == .financial }
    }

    /// What a terminal is bound to: serial number, acquirer, merchant, account and place, as eight bytes of a digest (A05).
    public func binding(_ terminal: EstateTerminal, serial: UInt64? = nil) -> UInt64 {
        let terms = policy.terms[terminal.merchant] ?? .standard
        var writer = ByteWriter(capacity: 48)
        writer.word(serial ?? terminal.serial)
        writer.word(terms.acquirer)
        writer.word(terminal.merchant.number)
        writer.word(terms.account)
        merchants[terminal.merchant]?.place.write(to: &writer)
        return SHA256.hash(writer.bytes).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}

extension EvidenceClaims {
    /// Where the audit log ends; nil for evidence that says nothing of the device, or a log that has no record.
    var logHead: TerminalDossier.LogHead? {
        guard let device, device.logIndex > 0 else { return nil }
        return TerminalDossier.LogHead(index: device.logIndex, digest: auditHead)
    }
}

extension KeyProfile {
    /// The module's slots: financial keys (DUKPT 1, master key 4), health key 2, lease key 3.
    fileprivate var requiredSlots: [UInt8] { isSession ? [2, 3, 4] : [1, 2, 3] }
    /// Keys that come and go with each sign-on.
    fileprivate static let sessionSlot: UInt8 = 5
}
