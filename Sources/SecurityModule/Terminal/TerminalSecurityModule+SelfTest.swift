// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

extension TerminalSecurityModule {
    /// The full self-test: every algorithm, the keypad, the key store, and the module's own executable where a supplier's
    /// key is pinned.
    ///
    /// - Returns: whether it passed; then its number has risen.
    @discardableResult
    mutating func runSelfTests(_ now: Instant) -> Bool {
        let algorithms = checkAlgorithms(now)
        let pinPad = checkKeypad(now)
        let store = checkKeyStore(now)
        guard algorithms, pinPad, store, isExecutableFresh(now), record.latch == nil else { return false }
        record.selfTestNumber = record.selfTestNumber.saturatingAdd(1)
        record.selfTestPassedAt = now
        append(.selfTestPassed, detail: record.selfTestNumber, at: now)
        return true
    }

    @discardableResult
    mutating func checkAlgorithms(_ now: Instant) -> Bool {
        guard let failed = KnownAnswers.firstFailure(hardware.computed) else { return true }
        if !record.isOpen(.h01) { append(.selfTestFailed, detail: UInt32(failed.rawValue), at: now) }
        let again = record.algorithmFailureCleared.map { now - $0 < Self.algorithmFailureWindow } ?? false
        raise(.h01, needsOrder: again, now)
        return false
    }

    /// Scans the keypad: at power-up, in each self-test, and before a PIN is asked for.
    ///
    /// - Returns: whether the scan is clean; otherwise H07 is open.
    @discardableResult
    mutating func checkKeypad(_ now: Instant) -> Bool {
        guard !hardware.keypad.scan() else { return true }
        raise(.h07, now)
        return false
    }

    /// Compares each key with the check value it was stored under.
    private mutating func checkKeyStore(_ now: Instant) -> Bool {
        for slot in KeySlot.checked(record.keys.profile) {
            guard let value = keys.checkValue(slot), value != expectedCheckValue(slot), !corruptSlots.contains(slot)
            else { continue }
            corruptSlots.append(slot)
        }
        guard corruptSlots.contains(where: { !keys.holds($0) || keys.checkValue($0) != expectedCheckValue($0) })
        else { return true }
        raise(.h03, now)
        for slot in corruptSlots { keys.zeroise(slot) }
        return false
    }

    /// The check value a slot's key was stored under; nil for the slots that have none.
    func expectedCheckValue(_ slot: KeySlot) -> [UInt8]? {
        KeySlot.checked(record.keys.profile).firstIndex(of: slot).map { record.checkValues[$0] }
    }

    /// What a restart has found: an image older than the hardware's counter, keys that did not come back.
    mutating func checkStoredState(_ now: Instant) {
        if imageIsStale {
            imageIsStale = false
            raise(.h04, now)
        }
        if !corruptSlots.isEmpty || isIdentityLost || isJournalLost { raise(.h03, now) }
        if isLogBroken { raise(.s06, now) }
    }
}
