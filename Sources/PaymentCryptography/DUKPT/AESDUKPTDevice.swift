// SPDX-License-Identifier: Apache-2.0

/// A PIN entry device of AES DUKPT (ANSI X9.24-3:2017 6.4): 32 intermediate derivation keys, and never the key of a
/// past transaction.
///
/// A device that is restored from an older state would use keys again: whoever stores `sealed(under:)` also reserves
/// counters durably and calls `advance(to:)` after a restart.
public struct AESDUKPTDevice: ~Copyable, Sendable {
    /// The KSN of the device with a zero counter.
    public let initialKSN: AESKeySerialNumber
    /// The length of the working keys.
    public let workingKeys: AESKeyLength
    private var registers: FutureKeyRegisters

    private static func shape(_ length: AESKeyLength) -> FutureKeyRegisters.Shape {
        FutureKeyRegisters.Shape(
            bits: AESKeySerialNumber.counterBits, onesMax: AESKeySerialNumber.counterOnesMax,
            keyBytes: length.rawValue)
    }

    /// Loads the initial key, which is not kept.
    ///
    /// - Parameter initialKey: 16, 24 or 32 bytes.
    /// - Parameter ksn: the initial KSN; its counter must be zero.
    /// - Parameter workingKeys: their length, no more than the initial key's; nil for the same.
    public init(
        initialKey: borrowing SecretKey, ksn: AESKeySerialNumber, workingKeys: AESKeyLength? = nil
    ) throws(DUKPTError) {
        guard let length = AESKeyLength(rawValue: initialKey.count) else { throw .wrongKeyLength(initialKey.count) }
        guard ksn.counter == 0 else { throw .illegalCounter(ksn.counter) }
        let working = workingKeys ?? length
        guard working.rawValue <= length.rawValue else { throw .wrongKeyLength(working.rawValue) }
        initialKSN = ksn
        self.workingKeys = working
        let cipher = AESBlockCipher()
        registers = initialKey.withBytes {
            FutureKeyRegisters(shape: Self.shape(length), initialKey: $0) { parent, counter, output in
                Self.derive(parent, counter, output, ksn, cipher)
            }
        }
    }

    /// The counter of the next transaction; nil when the device is exhausted.
    public var nextCounter: UInt32? { registers.isExhausted ? nil : UInt32(registers.next) }

    /// The counter of the next transaction; 2^32 when the device is exhausted.
    public var counter: UInt64 { registers.next }

    /// Whether no key is left.
    public var isExhausted: Bool { registers.isExhausted }

    /// The working keys of the next transaction, with its KSN. Its future key is erased before this returns.
    public mutating func nextTransaction() throws(DUKPTError) -> AESTransactionKeys {
        guard let counter = nextCounter else { throw .exhausted }
        let ksn = AESKeySerialNumber(initialKeyID: initialKSN.initialKeyID, counter: counter)
        let cipher = AESBlockCipher()
        let key = try registers.take { [initialKSN] parent, counter, output in
            Self.derive(parent, counter, output, initialKSN, cipher)
        }
        return AESTransactionKeys(ksn: ksn, transactionKey: key, length: workingKeys, cipher: cipher)
    }

    /// Skips ahead, so that `counter` is the next to be used; never back.
    public mutating func advance(to counter: UInt32) throws(DUKPTError) {
        let cipher = AESBlockCipher()
        try registers.advance(to: counter) { [initialKSN] parent, counter, output in
            Self.derive(parent, counter, output, initialKSN, cipher)
        }
    }

    /// The state for a file, encrypted and authenticated under a key of 16, 24 or 32 bytes.
    public borrowing func sealed(under key: borrowing SecretKey) -> [UInt8] {
        registers.sealed(under: key, initialKeyID: initialKSN.initialKeyID, label: label(workingKeys))
    }

    /// - Returns: nil when the bytes are not a state that this key sealed.
    public init?(sealed: [UInt8], under key: borrowing SecretKey) {
        for working in AESKeyLength.allCases {
            let opened = FutureKeyRegisters.open(sealed, under: key, label: label(working)) { keyBytes in
                AESKeyLength(rawValue: keyBytes).flatMap { $0.rawValue >= working.rawValue ? Self.shape($0) : nil }
            }
            guard let opened else { continue }
            initialKSN = AESKeySerialNumber(initialKeyID: opened.initialKeyID)
            workingKeys = working
            registers = opened.take()
            return
        }
        return nil
    }

    private static func derive(
        _ parent: UnsafeRawBufferPointer, _ counter: UInt32, _ output: UnsafeMutableRawBufferPointer,
        _ ksn: AESKeySerialNumber, _ cipher: borrowing AESBlockCipher
    ) {
        guard let length = AESKeyLength(rawValue: parent.count) else { return }
        let data = AESDUKPT.derivationData(
            .keyDerivation, length, initialKeyID: ksn.initialKeyID, counter: counter)
        cipher.setKey(parent)
        AESDUKPT.derive(data, length.rawValue, cipher: cipher, into: output)
    }
}

/// The seal's label carries the length of the working keys.
private func label(_ length: AESKeyLength) -> StaticString {
    switch length {
    case .aes128: "AES DUKPT device, AES-128 keys"
    case .aes192: "AES DUKPT device, AES-192 keys"
    case .aes256: "AES DUKPT device, AES-256 keys"
    }
}
