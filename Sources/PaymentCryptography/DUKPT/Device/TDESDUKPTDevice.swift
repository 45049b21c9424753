// SPDX-License-Identifier: Apache-2.0

/// A PIN entry device of TDES DUKPT (ANSI X9.24-1:2009 A.2): 21 future keys, and never the key of a past transaction.
///
/// A key comes out only for a counter that has been reserved: see `DUKPTReservation`.
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

    /// Whether the next counter has been reserved.
    public var isReserved: Bool { registers.isReserved }

    /// Sets the next counters aside; they can be used once this is confirmed.
    ///
    /// - Parameter count: 0 to `DUKPTReservation.countMax`; fewer are left near the end of the keys.
    /// - Parameter key: 16, 24 or 32 bytes, for the record.
    public borrowing func reserve(_ count: Int, under key: borrowing SecretKey) -> DUKPTReservation {
        precondition((0...DUKPTReservation.countMax).contains(count), "a reservation has at most 65536 counters")
        let ahead = registers.ahead(by: count, derive: Self.derivation(initialKSN))
        return DUKPTReservation(ahead: ahead, initialKeyID: initialKSN.initialKeyID, under: key, label: Self.label)
    }

    /// Says that a reservation's record is durable, or that nothing made with its keys leaves before it is.
    public mutating func confirm(stored reservation: consuming DUKPTReservation) throws(DUKPTError) {
        guard reservation.initialKeyID == initialKSN.initialKeyID else { throw .foreignKSN }
        registers.reserve(upTo: reservation.counter)
    }

    /// The working keys of the next transaction, with its KSN. Its future key is erased before this returns.
    ///
    /// - Throws: `notReserved`, `exhausted`.
    public mutating func nextTransaction() throws(DUKPTError) -> TDESTransactionKeys {
        guard let counter = nextCounter, let ksn = initialKSN.with(counter: counter) else { throw .exhausted }
        let key = try registers.take(derive: Self.derivation(initialKSN))
        return key.withBytes { TDESTransactionKeys(ksn: ksn, transactionKey: $0, party: .device) }
    }

    /// Skips ahead, so that `counter` is the next to be used; never back.
    public mutating func advance(to counter: UInt32) throws(DUKPTError) {
        try registers.advance(to: counter, derive: Self.derivation(initialKSN))
    }

    /// The device as a reservation's record says it goes on.
    ///
    /// - Returns: nil when the bytes are not a record that this key sealed.
    public init?(record: [UInt8], under key: borrowing SecretKey) {
        let opened = FutureKeyRegisters.open(record, under: key, label: Self.label) { keyBytes in
            keyBytes == TDESDUKPT.keyBytes ? Self.shape : nil
        }
        guard let opened, let ksn = TDESKeySerialNumber(initialKeyID: opened.initialKeyID) else { return nil }
        initialKSN = ksn
        registers = opened.take()
    }

    private static var label: StaticString { "TDES DUKPT device" }

    private static func derivation(_ ksn: TDESKeySerialNumber) -> FutureKeyRegisters.Derive {
        { parent, counter, output in
            var scratch = TDESDUKPTScratch()
            scratch.load(parent)
            scratch.step(register: ksn.register(counter: counter))
            scratch.withKey { output.copyMemory(from: $0) }
        }
    }
}
