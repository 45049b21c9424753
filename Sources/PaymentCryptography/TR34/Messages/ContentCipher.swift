// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// The cipher of a key token's inside, in CBC mode with PKCS #7 padding (RFC 5652 6.3). TR-34 itself has TDES with three
/// parts and AES-128.
public enum ContentCipher: Sendable, CaseIterable {
    /// Triple DES with three parts.
    case tdes
    /// AES with 16 bytes.
    case aes128
    /// AES with 24 bytes.
    case aes192
    /// AES with 32 bytes.
    case aes256

    /// Bytes of the key.
    var keyCount: Int {
        switch self {
        case .tdes, .aes192: 24
        case .aes128: 16
        case .aes256: 32
        }
    }

    var blockCount: Int { self == .tdes ? 8 : 16 }

    var strength: KeyStrength { self == .tdes ? KeyStrength(bits: 112) : KeyStrength(bits: keyCount * 8) }

    var identifier: [UInt8] {
        switch self {
        case .tdes: ObjectIdentifier.tdesCBC
        case .aes128: ObjectIdentifier.aes128CBC
        case .aes192: ObjectIdentifier.aes192CBC
        case .aes256: ObjectIdentifier.aes256CBC
        }
    }

    init?(identifier: [UInt8]) {
        guard let cipher = Self.allCases.first(where: { $0.identifier == identifier }) else { return nil }
        self = cipher
    }

    /// The weakest cipher that is no weaker than the key.
    static func fitting(_ algorithm: KeyAlgorithm, keyCount: Int) -> ContentCipher {
        let key = KeyStrength(algorithm, byteCount: keyCount)
        return [aes128, aes256].first { cipher in key.map(cipher.strength.mayProtect) ?? false } ?? .aes256
    }

    /// A new content encryption key.
    func makeKey() -> SecretKey {
        let key = SecretKey.random(count: keyCount)
        return self == .tdes ? key.withOddParity() : key
    }

    /// The padded ciphertext.
    func encrypt(_ content: borrowing SecretKey, key: borrowing SecretKey, vector: [UInt8]) -> [UInt8] {
        let context = makeContext(key, vector, encrypting: 1)
        defer { EVP_CIPHER_CTX_free(context) }
        var output = [UInt8](repeating: 0, count: content.count + blockCount)
        var (count, last): (Int32, Int32) = (0, 0)
        let start = content.base.assumingMemoryBound(to: UInt8.self)
        LibCrypto.require(
            EVP_CipherUpdate(context, &output, &count, start, Int32(content.count)), "EVP_CipherUpdate")
        let written = Int(count)
        output.withUnsafeMutableBufferPointer { output in
            let rest = output.baseAddress.map { $0 + written }
            LibCrypto.require(EVP_CipherFinal_ex(context, rest, &last), "EVP_CipherFinal_ex")
        }
        return Array(output[..<(written + Int(last))])
    }

    /// The clear content with its padding, as long as the ciphertext, which is whole blocks.
    func decrypt(_ ciphertext: [UInt8], key: borrowing SecretKey, vector: [UInt8]) -> SecretKey {
        precondition(!ciphertext.isEmpty && ciphertext.count % blockCount == 0, "a ciphertext is whole blocks")
        let context = makeContext(key, vector, encrypting: 0)
        defer { EVP_CIPHER_CTX_free(context) }
        LibCrypto.require(EVP_CIPHER_CTX_set_padding(context, 0), "EVP_CIPHER_CTX_set_padding")
        return SecretKey(count: ciphertext.count) { output in
            var count: Int32 = 0
            let start = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
            LibCrypto.require(
                EVP_CipherUpdate(context, start, &count, ciphertext, Int32(ciphertext.count)), "EVP_CipherUpdate")
            precondition(Int(count) == ciphertext.count, "without padding every block comes out at once")
        }
    }

    private func makeContext(_ key: borrowing SecretKey, _ vector: [UInt8], encrypting: Int32) -> OpaquePointer {
        precondition(key.count == keyCount && vector.count == blockCount, "key and vector fit the cipher")
        let context = LibCrypto.require(EVP_CIPHER_CTX_new(), "EVP_CIPHER_CTX_new")
        let start = key.base.assumingMemoryBound(to: UInt8.self)
        LibCrypto.require(EVP_CipherInit_ex2(context, fetched, start, vector, encrypting, nil), "EVP_CipherInit_ex2")
        return context
    }

    private var fetched: OpaquePointer {
        switch self {
        case .tdes: Self.fetchedTDES
        case .aes128: Self.fetchedAES128
        case .aes192: Self.fetchedAES192
        case .aes256: Self.fetchedAES256
        }
    }

    // Safe: an EVP_CIPHER is reference-counted and immutable after its fetch.
    nonisolated(unsafe) private static let fetchedTDES = fetch("DES-EDE3-CBC")
    nonisolated(unsafe) private static let fetchedAES128 = fetch("AES-128-CBC")
    nonisolated(unsafe) private static let fetchedAES192 = fetch("AES-192-CBC")
    nonisolated(unsafe) private static let fetchedAES256 = fetch("AES-256-CBC")

    private static func fetch(_ name: String) -> OpaquePointer {
        LibCrypto.require(EVP_CIPHER_fetch(nil, name, nil), "EVP_CIPHER_fetch")
    }
}
