// SPDX-License-Identifier: Apache-2.0

/// How a key lies under a variant LMK: its length, and with which variant each of its parts is encrypted.
public enum VariantLMKScheme: String, Hashable, Sendable, CaseIterable {
    /// Single length; no scheme variant.
    case single = "Z"
    /// Double length.
    case double = "U"
    /// Triple length.
    case triple = "T"

    /// What is XORed into the first byte of the LMK pair's right half, a value for each part of the key.
    var variants: [UInt64] {
        switch self {
        case .single: [0]
        case .double: [0xA6, 0x5A]
        case .triple: [0x6A, 0xDE, 0x2B]
        }
    }
}

/// Why a key under a variant LMK cannot be written or read.
public enum VariantLMKError: Error, Equatable, Sendable {
    /// Not a key of the scheme's length, or not an LMK pair of 16 bytes; in bytes.
    case keyLength(Int)
    /// Not 0 to 9.
    case variant(Int)
    /// What comes out has no odd parity: another LMK, another variant, or not a key.
    case notAKey
}

/// A Thales variant LMK pair with the variant of one key type: the scheme that key blocks replaced, which nothing
/// authenticates. For reading old keys and for test rigs.
public struct VariantLMK: ~Copyable, Sendable {
    /// The pair with the key type's variant applied.
    private let pair: SecretKey

    /// What each variant XORs into the first byte of the pair.
    private static let values: [UInt64] = [0, 0xA6, 0x5A, 0x6A, 0xDE, 0x2B, 0x50, 0x74, 0x9C, 0xFA]

    /// - Parameter pair: 16 bytes.
    /// - Parameter variant: the first digit of the key type code, 0 to 9.
    public init(pair: borrowing SecretKey, variant: Int) throws(VariantLMKError) {
        guard pair.count == 16 else { throw .keyLength(pair.count) }
        guard Self.values.indices.contains(variant) else { throw .variant(variant) }
        self.pair = Self.applying(Self.values[variant], at: 0, to: pair)
    }

    /// The key, set to odd parity, under this LMK.
    public borrowing func encrypt(
        _ key: borrowing SecretKey, scheme: VariantLMKScheme
    ) throws(VariantLMKError) -> [UInt8] {
        guard key.count == 8 * scheme.variants.count else { throw .keyLength(key.count) }
        let odd = key.withOddParity()
        var output: [UInt8] = []
        for (index, variant) in scheme.variants.enumerated() {
            let part = odd.withBytes { $0.word(at: 8 * index) }
            let lmk = Self.applying(variant, at: 8, to: pair)
            output += bytes(of: lmk.withBytes { key in TripleDES.with(key: key) { $0.encrypt(part) } })
        }
        return output
    }

    /// The key that lies under this LMK.
    public borrowing func decrypt(
        _ encrypted: [UInt8], scheme: VariantLMKScheme
    ) throws(VariantLMKError) -> SecretKey {
        guard encrypted.count == 8 * scheme.variants.count else { throw .keyLength(encrypted.count) }
        let pair = pair.copy()
        let key = SecretKey(count: encrypted.count) { output in
            for (index, variant) in scheme.variants.enumerated() {
                let part = encrypted.withUnsafeBytes { $0.word(at: 8 * index) }
                let lmk = Self.applying(variant, at: 8, to: pair)
                output.setWord(lmk.withBytes { key in TripleDES.with(key: key) { $0.decrypt(part) } }, at: 8 * index)
            }
        }
        guard key.equals(key.withOddParity()) else { throw .notAKey }
        return key
    }

    private static func applying(_ value: UInt64, at offset: Int, to pair: borrowing SecretKey) -> SecretKey {
        var changed = pair.copy()
        changed.withMutableBytes { $0[offset] ^= UInt8(truncatingIfNeeded: value) }
        return changed
    }
}
