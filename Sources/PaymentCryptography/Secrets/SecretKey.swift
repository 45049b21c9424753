// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// A key or another secret of `count` bytes: one block of the secret heap, wiped when its owner lets go.
///
/// It cannot be copied by accident, printed, compared with `==`, encoded or hashed.
public struct SecretKey: ~Copyable, @unchecked Sendable {
    // Unchecked: the block is written only while the key is being made, or through `mutating` members, which Swift's
    // exclusivity keeps to one thread; every other use reads.
    let base: UnsafeMutableRawPointer

    /// The number of bytes.
    public let count: Int
    /// Whether the bytes lie in somebody else's memory, who wipes them.
    private let isLent: Bool

    /// The longest secret this type holds, in bytes.
    public static let countMax = 1 << 16

    /// A secret that `fill` writes into zeroed memory; when `fill` throws, what it wrote is wiped.
    public init<E: Error>(count: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(E) -> Void) throws(E) {
        precondition((1...Self.countMax).contains(count), "a secret has 1 to \(Self.countMax) bytes")
        self.base = SecretHeap.allocate(count)
        self.count = count
        isLent = false
        try fill(UnsafeMutableRawBufferPointer(start: base, count: count))
    }

    /// A view of a key that lies elsewhere, for its owner to lend out; it must not outlive the loan.
    init(lending base: UnsafeMutableRawPointer, count: Int) {
        self.base = base
        self.count = count
        isLent = true
    }

    deinit { if !isLent { SecretHeap.free(base, count: count) } }

    /// Random bytes of libcrypto's private generator.
    public static func random(count: Int) -> SecretKey {
        SecretKey(count: count) { block in
            LibCrypto.require(RAND_priv_bytes(block.baseAddress, Int32(block.count)), "RAND_priv_bytes")
        }
    }

    /// Reads the bytes; they must not outlive the closure.
    @inline(__always)
    public borrowing func withBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// Writes the bytes in place.
    @inline(__always)
    mutating func withMutableBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try body(UnsafeMutableRawBufferPointer(start: base, count: count))
    }

    /// A second key with the same bytes, said aloud.
    public borrowing func copy() -> SecretKey {
        withBytes { bytes in SecretKey(count: bytes.count) { $0.copyMemory(from: bytes) } }
    }

    /// Whether both hold the same bytes; the time taken depends on the lengths alone.
    public borrowing func equals(_ other: borrowing SecretKey) -> Bool {
        count == other.count && CRYPTO_memcmp(base, other.base, count) == 0
    }
}

extension SecretKey {
    /// This key and another component of it, combined by exclusive or (key ceremony, ISO 11568).
    ///
    /// - Returns: nil when the lengths differ.
    public borrowing func combined(with component: borrowing SecretKey) -> SecretKey? {
        guard count == component.count else { return nil }
        let (left, right) = (UnsafeRawPointer(base), UnsafeRawPointer(component.base))
        return SecretKey(count: count) { block in
            for index in 0..<block.count {
                block[index] =
                    left.load(fromByteOffset: index, as: UInt8.self) ^ right.load(fromByteOffset: index, as: UInt8.self)
            }
        }
    }

    /// The key with every byte set to odd parity, as DES keys are written.
    public borrowing func withOddParity() -> SecretKey {
        withBytes { bytes in
            SecretKey(count: bytes.count) { block in
                for index in 0..<block.count {
                    let byte = bytes[index] & 0xFE
                    block[index] = byte | UInt8(truncatingIfNeeded: ~byte.nonzeroBitCount & 1)
                }
            }
        }
    }
}
