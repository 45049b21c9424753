// SPDX-License-Identifier: Apache-2.0

/// The AES key lengths of X9.24-3.
public enum AESKeyLength: Int, Sendable, CaseIterable {
    case aes128 = 16
    case aes192 = 24
    case aes256 = 32

    /// The algorithm indicator of the derivation data (X9.24-3:2017 6.2.1, table 4).
    var indicator: UInt16 {
        switch self {
        case .aes128: 2
        case .aes192: 3
        case .aes256: 4
        }
    }
}

/// AES DUKPT (ANSI X9.24-3:2017) on the host's side, which holds the base derivation key.
public enum AESDUKPT {
    /// What a derived key is for (X9.24-3:2017 6.2.1, table 3).
    enum Usage: UInt16, CaseIterable {
        case keyEncryption = 0x0002
        case pinEncryption = 0x1000
        case macGeneration = 0x2000
        case macVerification = 0x2001
        case macBothWays = 0x2002
        case dataEncryption = 0x3000
        case dataDecryption = 0x3001
        case dataBothWays = 0x3002
        case keyDerivation = 0x8000
        case initialKey = 0x8001
    }

    /// The initial key of a device (X9.24-3:2017 6.3.1); as long as the base derivation key.
    ///
    /// - Parameter bdk: 16, 24 or 32 bytes.
    /// - Parameter ksn: any KSN of the device; its counter does not count.
    public static func initialKey(bdk: borrowing SecretKey, ksn: AESKeySerialNumber) throws(DUKPTError) -> SecretKey {
        guard let length = AESKeyLength(rawValue: bdk.count) else { throw .wrongKeyLength(bdk.count) }
        let cipher = bdk.withBytes { AESBlockCipher(key: $0) }
        let data = derivationData(.initialKey, length, initialKeyID: ksn.initialKeyID, counter: nil)
        return SecretKey(count: length.rawValue) { derive(data, length.rawValue, cipher: cipher, into: $0) }
    }

    /// The working keys of one transaction.
    ///
    /// - Parameter initialKey: the initial key of the device, 16, 24 or 32 bytes.
    /// - Parameter workingKeys: their length, no more than the initial key's; nil for the same.
    public static func transactionKeys(
        initialKey: borrowing SecretKey, ksn: AESKeySerialNumber, workingKeys: AESKeyLength? = nil
    ) throws(DUKPTError) -> AESTransactionKeys {
        guard let length = AESKeyLength(rawValue: initialKey.count) else { throw .wrongKeyLength(initialKey.count) }
        let working = workingKeys ?? length
        guard working.rawValue <= length.rawValue else { throw .wrongKeyLength(working.rawValue) }
        guard ksn.isLegal else { throw .illegalCounter(ksn.counter) }
        let cipher = AESBlockCipher()
        let key = transactionKey(initialKey, ksn, length, cipher)
        return AESTransactionKeys(ksn: ksn, transactionKey: key, length: working, cipher: cipher)
    }

    /// The working keys of one transaction, from the base derivation key.
    public static func transactionKeys(
        bdk: borrowing SecretKey, ksn: AESKeySerialNumber, workingKeys: AESKeyLength? = nil
    ) throws(DUKPTError) -> AESTransactionKeys {
        guard ksn.isLegal else { throw .illegalCounter(ksn.counter) }
        let initial = try initialKey(bdk: bdk, ksn: ksn)
        return try transactionKeys(initialKey: initial, ksn: ksn, workingKeys: workingKeys)
    }

    /// The key that replaces the initial key of a device remotely (X9.24-3:2017 6.5.4): a key-encryption key at the
    /// counter of all ones, which no transaction uses.
    public static func updateKey(
        initialKey: borrowing SecretKey, initialKeyID: UInt64
    ) throws(DUKPTError) -> SecretKey {
        guard let length = AESKeyLength(rawValue: initialKey.count) else { throw .wrongKeyLength(initialKey.count) }
        let ksn = AESKeySerialNumber(initialKeyID: initialKeyID, counter: .max)
        let cipher = AESBlockCipher()
        let key = transactionKey(initialKey, ksn, length, cipher)
        key.withBytes { cipher.setKey($0) }
        let data = derivationData(.keyEncryption, length, initialKeyID: initialKeyID, counter: .max)
        return SecretKey(count: length.rawValue) { derive(data, length.rawValue, cipher: cipher, into: $0) }
    }

    // MARK: Derivation (X9.24-3:2017 6.2, 6.3.3)

    /// From the initial key to the transaction key: one step for each one bit of the counter, from the highest.
    static func transactionKey(
        _ initialKey: borrowing SecretKey, _ ksn: AESKeySerialNumber, _ length: AESKeyLength,
        _ cipher: borrowing AESBlockCipher
    ) -> SecretKey {
        var key = initialKey.copy()
        DUKPTCounter.forEachStep(to: ksn.counter) { counter in
            let data = derivationData(.keyDerivation, length, initialKeyID: ksn.initialKeyID, counter: counter)
            key.withMutableBytes { bytes in
                cipher.setKey(UnsafeRawBufferPointer(bytes))
                derive(data, length.rawValue, cipher: cipher, into: bytes)
            }
        }
        return key
    }

    /// The derivation data of the first block; `counter` nil for an initial key, which takes the whole identifier.
    static func derivationData(
        _ usage: Usage, _ length: AESKeyLength, initialKeyID: UInt64, counter: UInt32?
    ) -> Block {
        derivationData(
            usage, algorithm: length.indicator, bits: UInt16(length.rawValue * 8), initialKeyID: initialKeyID,
            counter: counter)
    }

    static func derivationData(
        _ usage: Usage, algorithm: UInt16, bits: UInt16, initialKeyID: UInt64, counter: UInt32?
    ) -> Block {
        let version: UInt64 = 0x0101
        let high = version << 48 | UInt64(usage.rawValue) << 32 | UInt64(algorithm) << 16 | UInt64(bits)
        return Block(high: high, low: counter.map { initialKeyID << 32 | UInt64($0) } ?? initialKeyID)
    }

    /// Encrypts the derivation data once for each 16 bytes, with the block number in its second byte.
    @inline(__always)
    static func derive(
        _ data: Block, _ count: Int, cipher: borrowing AESBlockCipher, into output: UnsafeMutableRawBufferPointer
    ) {
        guard let base = output.baseAddress else { return }
        cipher.transform(data, into: base)
        guard count > 16 else { return }
        let second = Block(high: data.high &+ 1 << 48, low: data.low)
        if count == 32 {
            cipher.transform(second, into: base + 16)
        } else {
            // The upper half of a second block is not part of the key.
            let block = SecretKey(count: 16) { rest in
                guard let rest = rest.baseAddress else { return }
                cipher.transform(second, into: rest)
            }
            block.withBytes {
                UnsafeMutableRawBufferPointer(rebasing: output[16..<count])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<(count - 16)]))
            }
        }
    }
}
