// SPDX-License-Identifier: Apache-2.0

/// A PIN entry device of TDES DUKPT (ANSI X9.24-1:2009 A.2): 21 future keys, and never the key of a past transaction.
///
/// A device that is restored from an older state would use keys again: whoever stores `sealed(under:)` also reserves
/// counters durably and calls `advance(to:)` after a restart.
public struct TDESDUKPTDevice: ~Copyable, Sendable {
    /// The KSN of the device with a zero counter.
    public let initialKSN: TDESKeySerialNumber
    private var registers: FutureKeyRegisters

    private static var shape: FutureKeyRegisters.Shape {
        FutureKeyRegisters.Shape(
            bits: TDESKeySerialNumber.counterBits, onesMax: TDESKeySerialNumber.counterOnesMax,
            keyBytes: TDESDUKPT.keyBytes)
    }

    /// Loads the initial key, which is not kept.
    ///
    /// - Parameter ksn: the initial KSN; its counter must be zero.
    public init(initialKey: borrowing SecretKey, ksn: TDESKeySerialNumber) throws(DUKPTError) {
        guard initialKey.count == TDESDUKPT.keyBytes else { throw .wrongKeyLength(initialKey.count) }
        guard ksn.counter == 0 else { throw .illegalCounter(ksn.counter) }
        initialKSN = ksn
        registers = initialKey.withBytes {
            FutureKeyRegisters(shape: Self.shape, initialKey: $0, derive: Self.derivation(ksn))
        }
    }

    /// The counter of the next transaction; nil when the device is exhausted.
    public var nextCounter: UInt32? { registers.isExhausted ? nil : UInt32(registers.next) }

    /// The counter of the next transaction; 2^21 when the device is exhausted.
    public var counter: UInt32 { UInt32(registers.next) }

    /// Whether no key is left.
    public var isExhausted: Bool { registers.isExhausted }

    /// The working keys of the next transaction, with its KSN. Its future key is erased before this returns.
    public mutating func nextTransaction() throws(DUKPTError) -> TDESTransactionKeys {
        guard let counter = nextCounter, let ksn = initialKSN.with(counter: counter) else { throw .exhausted }
        let key = try registers.take(derive: Self.derivation(initialKSN))
        return key.withBytes { TDESTransactionKeys(ksn: ksn, transactionKey: $0) }
    }

    /// Skips ahead, so that `counter` is the next to be used; never back.
    public mutating func advance(to counter: UInt32) throws(DUKPTError) {
        try registers.advance(to: counter, derive: Self.derivation(initialKSN))
    }

    /// The state for a file, encrypted and authenticated under a key of 16, 24 or 32 bytes.
    public borrowing func sealed(under key: borrowing SecretKey) -> [UInt8] {
        registers.sealed(under: key, initialKeyID: initialKSN.initialKeyID, label: "TDES DUKPT device")
    }

    /// - Returns: nil when the bytes are not a state that this key sealed.
    public init?(sealed: [UInt8], under key: borrowing SecretKey) {
        let opened = FutureKeyRegisters.open(sealed, under: key, label: "TDES DUKPT device") { keyBytes in
            keyBytes == TDESDUKPT.keyBytes ? Self.shape : nil
        }
        guard let opened, let ksn = TDESKeySerialNumber(initialKeyID: opened.initialKeyID) else { return nil }
        initialKSN = ksn
        registers = opened.take()
    }

    private static func derivation(_ ksn: TDESKeySerialNumber) -> FutureKeyRegisters.Derive {
        { parent, counter, output in
            var scratch = TDESDUKPTScratch()
            scratch.load(parent)
            scratch.step(register: ksn.register(counter: counter))
            scratch.withKey { output.copyMemory(from: $0) }
        }
    }
}
