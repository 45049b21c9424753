// SPDX-License-Identifier: Apache-2.0

/// The AES key lengths of X9.24-3.
public enum AESKeyLength: Int, Sendable, CaseIterable {
    case aes128 = 16
    case aes192 = 24
    case aes256 = 32

    /// The algorithm indicator of the derivation data (X9.24-3:2017 6.2.1, table 4).
    var indicator: UInt16 { DUKPTKeyType(self).indicator }
}

/// AES DUKPT (ANSI X9.24-3:2017) on the host's side, which holds the base derivation key.
public enum AESDUKPT {
    /// The initial key of a device (X9.24-3:2017 6.3.1).
    ///
    /// - Parameter bdk: 16, 24 or 32 bytes.
    /// - Parameter ksn: any KSN of the device; its counter does not count.
    /// - Parameter length: no more than the base derivation key's; nil for the same.
    public static func initialKey(
        bdk: borrowing SecretKey, ksn: AESKeySerialNumber, length: AESKeyLength? = nil
    ) throws(DUKPTError) -> SecretKey {
        let length = try checked(length, from: bdk.count)
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
        let working = try checked(workingKeys, from: initialKey.count)
        guard ksn.isLegal else { throw .illegalCounter(ksn.counter) }
        let cipher = AESBlockCipher()
        let key = try transactionKey(initialKey, ksn, cipher)
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

    /// A transaction on the host's side, of which any working key can be asked for.
    ///
    /// - Parameter initialKey: the initial key of the device, 16, 24 or 32 bytes.
    public static func transaction(
        initialKey: borrowing SecretKey, ksn: AESKeySerialNumber
    ) throws(DUKPTError) -> AESDUKPTTransaction {
        guard ksn.isLegal else { throw .illegalCounter(ksn.counter) }
        let key = try transactionKey(initialKey, ksn, AESBlockCipher())
        return AESDUKPTTransaction(ksn: ksn, transactionKey: key, party: .host)
    }

    /// As `transaction(initialKey:ksn:)`, from the base derivation key.
    public static func transaction(
        bdk: borrowing SecretKey, ksn: AESKeySerialNumber
    ) throws(DUKPTError) -> AESDUKPTTransaction {
        guard ksn.isLegal else { throw .illegalCounter(ksn.counter) }
        let initial = try initialKey(bdk: bdk, ksn: ksn)
        return try transaction(initialKey: initial, ksn: ksn)
    }

    /// The key under which the next initial key of a device travels (X9.24-3:2017 6.5.4): a key-encryption key at the
    /// counter of all ones, which no transaction uses. A device derives it before it lets its initial key go.
    ///
    /// - Parameter type: TDES or AES; nil for AES as long as the initial key.
    public static func updateKey(
        initialKey: borrowing SecretKey, initialKeyID: UInt64, type: DUKPTKeyType? = nil
    ) throws(DUKPTError) -> DUKPTKeyEncryptionKey {
        let own = DUKPTKeyType(try checked(nil, from: initialKey.count))
        let ksn = AESKeySerialNumber(initialKeyID: initialKeyID, counter: .max)
        let key = try transactionKey(initialKey, ksn, AESBlockCipher())
        return try AESDUKPTTransaction(ksn: ksn, transactionKey: key, party: .host)
            .keyEncryptionKey(type: type ?? own)
    }

    /// The length of a derived key; that of its parent if not said.
    static func checked(_ length: AESKeyLength?, from parentCount: Int) throws(DUKPTError) -> AESKeyLength {
        guard let parent = AESKeyLength(rawValue: parentCount) else { throw .wrongKeyLength(parentCount) }
        guard let length else { return parent }
        guard length.rawValue <= parentCount else { throw .strongerThanParent(DUKPTKeyType(length)) }
        return length
    }

    // MARK: Derivation (X9.24-3:2017 6.2, 6.3.3)

    /// From the initial key to the transaction key: one step for each one bit of the counter, from the highest.
    static func transactionKey(
        _ initialKey: borrowing SecretKey, _ ksn: AESKeySerialNumber, _ cipher: borrowing AESBlockCipher
    ) throws(DUKPTError) -> SecretKey {
        let length = try checked(nil, from: initialKey.count)
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

    /// One working key of a transaction, whatever its usage and type (X9.24-3:2017 6.3.2).
    static func workingKey(
        transactionKey: borrowing SecretKey, ksn: AESKeySerialNumber, usage: DUKPTUsage, type: DUKPTKeyType
    ) throws(DUKPTError) -> SecretKey {
        let parent = DUKPTKeyType(try checked(nil, from: transactionKey.count))
        guard parent.strength.mayProtect(type.strength) else { throw .strongerThanParent(type) }
        let data = derivationData(usage, type, ksn: ksn)
        let cipher = transactionKey.withBytes { AESBlockCipher(key: $0) }
        return SecretKey(count: type.byteCount) { derive(data, $0.count, cipher: cipher, into: $0) }
    }

    /// The derivation data of a working key's first block.
    static func derivationData(_ usage: DUKPTUsage, _ type: DUKPTKeyType, ksn: AESKeySerialNumber) -> Block {
        derivationData(
            usage, algorithm: type.indicator, bits: UInt16(type.byteCount * 8), initialKeyID: ksn.initialKeyID,
            counter: usage == .initialKey ? nil : ksn.counter)
    }

    /// The derivation data of the first block; `counter` nil for an initial key, which takes the whole identifier.
    static func derivationData(
        _ usage: DUKPTUsage, _ length: AESKeyLength, initialKeyID: UInt64, counter: UInt32?
    ) -> Block {
        derivationData(
            usage, algorithm: length.indicator, bits: UInt16(length.rawValue * 8), initialKeyID: initialKeyID,
            counter: counter)
    }

    private static func derivationData(
        _ usage: DUKPTUsage, algorithm: UInt16, bits: UInt16, initialKeyID: UInt64, counter: UInt32?
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
