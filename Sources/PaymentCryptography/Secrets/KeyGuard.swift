// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// The algorithm that a key is meant for, as far as its strength is concerned.
public enum KeyAlgorithm: Sendable, CaseIterable {
    /// Triple DES: 16 or 24 bytes.
    case tdes
    /// AES: 16, 24 or 32 bytes.
    case aes
    /// HMAC: 16 to 64 bytes.
    case hmac
}

/// Why a key is not to be loaded.
public enum KeyStrengthError: Error, Equatable, Sendable {
    /// Not a length of the algorithm; in bytes.
    case wrongLength(Int)
    /// One byte repeated: a default or an unset key.
    case repeatedByte
    /// Two parts of a TDES key are equal, which undoes its length.
    case equalParts
    /// A part is one of the weak or semi-weak DES keys (NIST SP 800-67r2 3.3.2).
    case weakDESKey
}

/// What every key passes before it is loaded.
public enum KeyGuard {
    /// Refuses keys of a wrong length, of one repeated byte, with equal TDES parts, and weak DES keys. Parity bits are
    /// not counted.
    public static func check(
        _ key: borrowing SecretKey, for algorithm: KeyAlgorithm
    ) throws(KeyStrengthError) {
        let lengths: [Int] =
            switch algorithm {
            case .tdes: [16, 24]
            case .aes: [16, 24, 32]
            case .hmac: Array(16...64)
            }
        guard lengths.contains(key.count) else { throw .wrongLength(key.count) }
        if key.withBytes({ isRepeated($0, mask: algorithm == .tdes ? 0xFE : 0xFF) }) { throw .repeatedByte }
        guard algorithm == .tdes else { return }
        if key.withBytes({ hasEqualParts($0) }) { throw .equalParts }
        let odd = key.withOddParity()
        if odd.withBytes({ hasWeakPart($0) }) { throw .weakDESKey }
    }

    private static func isRepeated(_ key: UnsafeRawBufferPointer, mask: UInt8) -> Bool {
        var difference: UInt8 = 0
        for byte in key { difference |= (byte ^ key[0]) & mask }
        return difference == 0
    }

    /// For three parts, K1 = K3 alone is the double-length key written out, and is sound.
    private static func hasEqualParts(_ key: UnsafeRawBufferPointer) -> Bool {
        let parity: UInt64 = 0xFEFE_FEFE_FEFE_FEFE
        let parts = stride(from: 0, to: key.count, by: 8).map { key.word(at: $0) & parity }
        return zip(parts, parts.dropFirst()).contains { $0 == $1 }
    }

    private static func hasWeakPart(_ key: UnsafeRawBufferPointer) -> Bool {
        guard let base = key.baseAddress else { return true }
        return stride(from: 0, to: key.count, by: 8).contains { offset in
            // Safe: libcrypto reads eight bytes; its parameter lacks a `const`.
            let part = UnsafeMutableRawPointer(mutating: base + offset).assumingMemoryBound(to: DES_cblock.self)
            return DES_is_weak_key(part) != 0
        }
    }
}
