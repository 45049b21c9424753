// SPDX-License-Identifier: Apache-2.0

/// TDES DUKPT (ANSI X9.24-1:2009, X9.24-3:2017 Annex C) on the host's side, which holds the base derivation key.
public enum TDESDUKPT {
    /// The bytes of every key.
    public static let keyBytes = 16

    /// Exclusive-ored to both halves of a key where the standard wants a second, unrelated one.
    static let halfMask: UInt64 = 0xC0C0_C0C0_0000_0000

    /// The initial key of a device (X9.24-1 A.6). The host may keep it instead of deriving it anew.
    ///
    /// - Parameter bdk: the base derivation key, 16 bytes.
    /// - Parameter ksn: any KSN of the device; its counter does not count.
    public static func initialKey(
        bdk: borrowing SecretKey, ksn: TDESKeySerialNumber
    ) throws(DUKPTError) -> SecretKey {
        guard bdk.count == keyBytes else { throw .wrongKeyLength(bdk.count) }
        let schedules = SecretKey(count: TripleDES.byteCount) { _ in }
        let (base, at) = (UnsafeRawBufferPointer(start: bdk.base, count: bdk.count), schedules.base)
        return SecretKey(count: keyBytes) { writeInitialKey(base, ksn, schedulesAt: at, into: $0) }
    }

    /// As `initialKey(bdk:ksn:)`, in room for three schedules and for the key.
    static func writeInitialKey(
        _ bdk: UnsafeRawBufferPointer, _ ksn: TDESKeySerialNumber, schedulesAt schedules: UnsafeMutableRawPointer,
        into key: UnsafeMutableRawBufferPointer
    ) {
        let left = TripleDES(key: bdk, at: schedules).encrypt(ksn.initialKeyID)
        key.setWord(bdk.word(at: 0) ^ halfMask, at: 0)
        key.setWord(bdk.word(at: 8) ^ halfMask, at: 8)
        let right = TripleDES(key: UnsafeRawBufferPointer(key), at: schedules).encrypt(ksn.initialKeyID)
        key.setWord(left, at: 0)
        key.setWord(right, at: 8)
    }

    /// The working keys of one transaction.
    ///
    /// - Parameter initialKey: the initial key of the device, 16 bytes.
    public static func transactionKeys(
        initialKey: borrowing SecretKey, ksn: TDESKeySerialNumber
    ) throws(DUKPTError) -> TDESTransactionKeys {
        guard initialKey.count == keyBytes else { throw .wrongKeyLength(initialKey.count) }
        guard ksn.isLegal else { throw .illegalCounter(ksn.counter) }
        var scratch = TDESDUKPTScratch()
        initialKey.withBytes { scratch.load($0) }
        scratch.descend(ksn)
        return scratch.workingKeys(ksn: ksn)
    }

    /// The working keys of one transaction, from the base derivation key.
    public static func transactionKeys(
        bdk: borrowing SecretKey, ksn: TDESKeySerialNumber
    ) throws(DUKPTError) -> TDESTransactionKeys {
        guard ksn.isLegal else { throw .illegalCounter(ksn.counter) }
        let initial = try initialKey(bdk: bdk, ksn: ksn)
        return try transactionKeys(initialKey: initial, ksn: ksn)
    }
}
