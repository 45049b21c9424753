// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

extension TerminalSecurityModule {
    /// A second failure of the algorithm unit within this time goes to the service centre (H01).
    static var algorithmFailureWindow: Interval { .days(7) }

    /// Raises a warning, or promotes an open one to a graver severity or to one that needs an order. In the same step the event counter rises, the
    /// log grows, the state changes and keys go, as the catalogue says.
    mutating func raise(
        _ code: WarningCode, severity: Severity? = nil, detail: UInt32 = 0, needsOrder: Bool = false, _ now: Instant
    ) {
        guard record.latch == nil else { return }
        let asked = severity ?? code.severity
        let index = record.openWarnings.firstIndex { $0.code == code }
        let open = index.map { record.openWarnings[$0] }
        let severity = open.map { asked.isGraver(than: $0.severity) ? asked : $0.severity } ?? asked
        let needsOrder = needsOrder || open?.needsOrder == true
        if let open, open.severity == severity, open.needsOrder == needsOrder { return }
        record.eventCounter = record.eventCounter.saturatingAdd(1)
        record.version = record.version.saturatingAdd(1)
        let warning = OpenWarning(
            code: code, severity: severity, event: record.eventCounter, raisedAt: now, needsOrder: needsOrder)
        if let index { record.openWarnings[index] = warning } else { record.openWarnings.append(warning) }
        append(.warningRaised, warning: code, detail: UInt32(severity.rawValue), at: now)
        isDirty = true
        if warning.effect.halts != .none { keypad.close() }
        // Which counters the other image has used nobody here knows, and a revoked key set is used no more: only a new
        // initial key will do.
        if code == .h04 || code == .k01 { record.storedCounter = .max }
        switch warning.effect.zeroises {
        case .none: break
        case .one: zeroiseOne(code, now)
        case .financial: zeroiseFinancialKeys(now)
        case .all: latch(code, now)
        }
    }

    /// The key concerned: the slots found corrupt, or the transaction or session whose answers fail.
    private mutating func zeroiseOne(_ code: WarningCode, _ now: Instant) {
        if code == .h03 {
            for slot in corruptSlots { keys.zeroise(slot) }
        } else {
            dropSessionKeys(now)
        }
    }

    /// Zeroises a key that is meant to be gone: the store misses it no more (H03).
    mutating func destroy(_ slot: KeySlot) {
        keys.zeroise(slot)
        guard let index = KeySlot.checked(record.keys.profile).firstIndex(of: slot) else { return }
        record.checkValues[index] = []
    }

    private mutating func zeroiseFinancialKeys(_ now: Instant) {
        for slot in [KeySlot.dukpt, .master, .session] { destroy(slot) }
        transaction = nil
        previousSession = nil
        record.financialKeysZeroised = true
        append(.financialKeysZeroised, at: now)
    }

    /// The journal's closing record is made before its keys go, and released with the death token. The latch goes to the store before a stored key goes, so that a power cut between the two leaves a module that
    /// knows what to do; memory is wiped at once.
    mutating func latch(_ code: WarningCode, _ now: Instant) {
        let token = keys.deathToken.borrowed { $0.withBytes { Array($0) } } ?? []
        let closings = closeJournal(code, now)
        record.latch = TamperLatch(
            warning: code, at: now, zeroised: false, deathToken: token, closings: closings)
        record.lease = nil
        append(.tamperLatched, warning: code, at: now)
        record.version = record.version.saturatingAdd(1)
        effects = [.store(image: image(now, reserveTransactions())), .barrier]
        finishZeroisation(now)
    }

    /// The second half of the latch, also after a restart between the two.
    mutating func finishZeroisation(_ now: Instant) {
        keys.zeroiseAll()
        keypad.close()
        endKeyLoading()
        transaction = nil
        previousSession = nil
        attestation = nil
        record.latch?.zeroised = true
        record.checkValues = record.checkValues.map { _ in [] }
        append(.zeroised, at: now)
        record.version = record.version.saturatingAdd(1)
        effects += [.eraseStorageKey, .store(image: image(now, nil)), .barrier, .raiseCounter(record.version)]
        isDirty = false
    }

    /// Promotes what has been open at one level for as long as the catalogue lets it.
    mutating func promote(_ now: Instant) {
        for open in record.openWarnings {
            guard let next = open.code.entry.levels.first(where: { $0.severity.isGraver(than: open.severity) }),
                let after = next.after, now - open.raisedAt >= after
            else { continue }
            raise(open.code, severity: next.severity, now)
        }
    }

}
