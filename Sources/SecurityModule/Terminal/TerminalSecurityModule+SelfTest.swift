// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

extension TerminalSecurityModule {
    /// The full self-test: every algorithm and the key store.
    ///
    /// - Returns: whether it passed; then its number has risen.
    @discardableResult
    mutating func runSelfTests(_ now: Instant) -> Bool {
        let algorithms = checkAlgorithms(now)
        let store = checkKeyStore(now)
        guard algorithms, store, record.latch == nil else { return false }
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
        if !corruptSlots.isEmpty { raise(.h03, now) }
    }

    // MARK: The random source

    /// The start-up test of the noise source, before the first command after power-up or a change of the hardware.
    mutating func testNoiseIfDue(_ now: Instant, _ random: inout some RandomSource) {
        guard noiseTestDue, record.latch == nil else { return }
        noiseTestDue = false
        noise = NoiseTest()
        _ = draw(NoiseTest.startUpSamples, now, &random)
    }

    /// Random bytes that have passed the continuous tests; nil, and H02, when they fail.
    mutating func draw(_ count: Int, _ now: Instant, _ random: inout some RandomSource) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            var word = hardware.noise(random.next())
            for _ in 0..<min(8, count - bytes.count) {
                bytes.append(UInt8(truncatingIfNeeded: word))
                noise.add(UInt8(truncatingIfNeeded: word))
                word >>= 8
            }
        }
        guard !noise.failed else {
            raise(.h02, now)
            return nil
        }
        return bytes
    }
}
