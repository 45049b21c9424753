// SPDX-License-Identifier: Apache-2.0

/// The key serial number of AES DUKPT (ANSI X9.24-3:2017 6.1): BDK id and derivation id of four bytes each, 32 bits of
/// counter.
public struct AESKeySerialNumber: Hashable, Sendable {
    /// The bytes of the KSN.
    public static let byteCount = 12
    /// The bits of the counter.
    public static let counterBits = 32
    /// The most one bits in a legal counter (X9.24-3 6.1).
    public static let counterOnesMax = 16
    /// How many keys one initial key gives: the sum of C(32, 1…16).
    public static let transactionsMax = 2_448_023_842

    /// BDK id and derivation id.
    public let initialKeyID: UInt64
    /// The transaction counter; zero before the first transaction.
    public let counter: UInt32

    /// Any identifier and counter.
    public init(initialKeyID: UInt64, counter: UInt32 = 0) {
        self.initialKeyID = initialKeyID
        self.counter = counter
    }

    /// - Returns: nil unless twelve bytes.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        let packed = bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        initialKeyID = UInt64(truncatingIfNeeded: packed >> 32)
        counter = UInt32(truncatingIfNeeded: packed)
    }

    /// The twelve bytes.
    public var bytes: [UInt8] {
        let packed = UInt128(initialKeyID) << 32 | UInt128(counter)
        return (0..<12).map { UInt8(truncatingIfNeeded: packed >> UInt128(88 - 8 * $0)) }
    }

    /// Whether a transaction may use this counter.
    public var isLegal: Bool { counter != 0 && counter.nonzeroBitCount <= Self.counterOnesMax }

    /// The KSN of the next legal counter; nil after the last.
    public var next: AESKeySerialNumber? {
        let next = DUKPTCounter.next(after: UInt64(counter), onesMax: Self.counterOnesMax)
        return next >> 32 == 0 ? AESKeySerialNumber(initialKeyID: initialKeyID, counter: UInt32(next)) : nil
    }
}
