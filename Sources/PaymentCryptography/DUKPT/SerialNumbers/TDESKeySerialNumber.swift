// SPDX-License-Identifier: Apache-2.0

/// The key serial number of TDES DUKPT (ANSI X9.24-1:2009): 59 bits that name the initial key, 21 bits of counter.
public struct TDESKeySerialNumber: Hashable, Sendable {
    /// The bytes of the KSN.
    public static let byteCount = 10
    /// The bits of the counter.
    public static let counterBits = 21
    /// The most one bits in a legal counter (X9.24-1 A.3).
    public static let counterOnesMax = 10
    /// How many keys one initial key gives: the sum of C(21, 1…10).
    public static let transactionsMax = 1_048_575

    /// The first eight bytes with the counter's five bits clear.
    public let initialKeyID: UInt64
    /// The transaction counter; zero before the first transaction.
    public let counter: UInt32

    /// - Returns: nil when the identifier's low five bits are not clear or the counter has more than 21 bits.
    public init?(initialKeyID: UInt64, counter: UInt32 = 0) {
        guard initialKeyID & 0x1F == 0, counter >> 21 == 0 else { return nil }
        self.initialKeyID = initialKeyID
        self.counter = counter
    }

    /// - Returns: nil unless ten bytes.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        let packed = bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        initialKeyID = UInt64(truncatingIfNeeded: packed >> 16) & ~0x1F
        counter = UInt32(truncatingIfNeeded: packed) & 0x1F_FFFF
    }

    /// The ten bytes, as DE 53 or DE 63 carry them.
    public var bytes: [UInt8] {
        let packed = UInt128(initialKeyID) << 16 | UInt128(counter)
        return (0..<10).map { UInt8(truncatingIfNeeded: packed >> UInt128(72 - 8 * $0)) }
    }

    /// Whether a transaction may use this counter.
    public var isLegal: Bool { counter != 0 && counter.nonzeroBitCount <= Self.counterOnesMax }

    /// The KSN of the next legal counter; nil after the last.
    public var next: TDESKeySerialNumber? {
        let next = DUKPTCounter.next(after: UInt64(counter), onesMax: Self.counterOnesMax)
        return next >> 21 == 0 ? with(counter: UInt32(next)) : nil
    }

    func with(counter: UInt32) -> TDESKeySerialNumber? {
        TDESKeySerialNumber(initialKeyID: initialKeyID, counter: counter)
    }

    /// The right eight bytes with the counter replaced: what the derivation encrypts.
    @inline(__always)
    func register(counter: UInt32) -> UInt64 { initialKeyID << 16 | UInt64(counter) }
}
