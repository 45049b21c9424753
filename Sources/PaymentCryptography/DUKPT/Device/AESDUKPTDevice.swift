// SPDX-License-Identifier: Apache-2.0

/// A PIN entry device of AES DUKPT (ANSI X9.24-3:2017 6.4): 32 intermediate derivation keys, and never the key of a
/// past transaction.
///
/// A key comes out only for a counter that has been reserved: see `DUKPTReservation`.
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
        let length = try AESDUKPT.checked(nil, from: initialKey.count)
        guard ksn.counter == 0 else { throw .illegalCounter(ksn.counter) }
        self.workingKeys = try AESDUKPT.checked(workingKeys, from: initialKey.count)
        initialKSN = ksn
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

    /// Whether the next counter has been reserved.
    public var isReserved: Bool { registers.isReserved }

    /// Sets the next counters aside; they can be used once this is confirmed.
    ///
    /// - Parameter count: 0 to `DUKPTReservation.countMax`; fewer are left near the end of the keys.
    /// - Parameter key: 16, 24 or 32 bytes, for the record.
    public borrowing func reserve(_ count: Int, under key: borrowing SecretKey) -> DUKPTReservation {
        precondition((0...DUKPTReservation.countMax).contains(count), "a reservation has at most 65536 counters")
        let cipher = AESBlockCipher()
        let ahead = registers.ahead(by: count) { [initialKSN] parent, counter, output in
            Self.derive(parent, counter, output, initialKSN, cipher)
        }
        return DUKPTReservation(
            ahead: ahead, initialKeyID: initialKSN.initialKeyID, under: key, label: label(workingKeys))
    }

    /// Says that a reservation's record is durable, or that nothing made with its keys leaves before it is.
    public mutating func confirm(stored reservation: consuming DUKPTReservation) throws(DUKPTError) {
        guard reservation.initialKeyID == initialKSN.initialKeyID else { throw .foreignKSN }
        registers.reserve(upTo: reservation.counter)
    }

    /// The working keys of the next transaction, with its KSN. Its future key is erased before this returns.
    ///
    /// - Throws: `notReserved`, `exhausted`.
    public mutating func nextTransaction() throws(DUKPTError) -> AESTransactionKeys {
        let ksn = try nextKSN()
        let cipher = AESBlockCipher()
        let key = try registers.take { [initialKSN] parent, counter, output in
            Self.derive(parent, counter, output, initialKSN, cipher)
        }
        return AESTransactionKeys(ksn: ksn, transactionKey: key, length: workingKeys, cipher: cipher)
    }

    /// The next transaction, of which any working key can be asked for. Its future key is erased before this returns.
    ///
    /// - Throws: `notReserved`, `exhausted`.
    public mutating func beginTransaction() throws(DUKPTError) -> AESDUKPTTransaction {
        let ksn = try nextKSN()
        let cipher = AESBlockCipher()
        let key = try registers.take { [initialKSN] parent, counter, output in
            Self.derive(parent, counter, output, initialKSN, cipher)
        }
        return AESDUKPTTransaction(ksn: ksn, transactionKey: key, party: .device)
    }

    /// Skips ahead, so that `counter` is the next to be used; never back.
    public mutating func advance(to counter: UInt32) throws(DUKPTError) {
        let cipher = AESBlockCipher()
        try registers.advance(to: counter) { [initialKSN] parent, counter, output in
            Self.derive(parent, counter, output, initialKSN, cipher)
        }
    }

    /// The device as a reservation's record says it goes on.
    ///
    /// - Returns: nil when the bytes are not a record that this key sealed.
    public init?(record: [UInt8], under key: borrowing SecretKey) {
        for working in AESKeyLength.allCases {
            let opened = FutureKeyRegisters.open(record, under: key, label: label(working)) { keyBytes in
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

    private func nextKSN() throws(DUKPTError) -> AESKeySerialNumber {
        guard let counter = nextCounter else { throw .exhausted }
        return AESKeySerialNumber(initialKeyID: initialKSN.initialKeyID, counter: counter)
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
