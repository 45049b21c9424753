// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// An RSA private key. libcrypto wipes its numbers when the owner lets go; encodings of it lie in `SecretKey` alone.
public struct RSAPrivateKey: ~Copyable, @unchecked Sendable {
    // Unchecked: an EVP_PKEY is reference-counted and not changed after it was made; each operation has its own context.
    let handle: OpaquePointer

    /// The bits of the modulus.
    public let modulusBits: Int

    /// The bits that are read: below 2048 RSA has less than 112 bits of strength, above 8192 an operation takes seconds.
    public static let modulusBitsAllowed = 2_048...8_192

    /// Takes over the handle.
    private init(taking handle: OpaquePointer?) throws(RSAKeyError) {
        guard let handle else {
            ERR_clear_error()
            throw .malformedKey
        }
        guard EVP_PKEY_get_base_id(handle) == EVP_PKEY_RSA else {
            EVP_PKEY_free(handle)
            throw .malformedKey
        }
        let bits = Int(EVP_PKEY_get_bits(handle))
        guard Self.modulusBitsAllowed.contains(bits) else {
            EVP_PKEY_free(handle)
            throw .modulusBits(bits)
        }
        self.handle = handle
        modulusBits = bits
    }

    /// A key from DER: PKCS#8 (RFC 5958) or PKCS#1 (RFC 8017 A.1.2), not encrypted.
    public init(der: borrowing SecretKey) throws(RSAKeyError) {
        let handle = der.withBytes { bytes -> OpaquePointer? in
            let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            var next = start
            guard let key = d2i_AutoPrivateKey(nil, &next, bytes.count) else { return nil }
            guard let start, let next, next - start == bytes.count else {
                EVP_PKEY_free(key)
                return nil
            }
            return key
        }
        try self.init(taking: handle)
    }

    /// A key from PEM (`PRIVATE KEY` or `RSA PRIVATE KEY`), not encrypted.
    public init(pem: borrowing SecretKey) throws(RSAKeyError) {
        try self.init(taking: PEM.privateKey(pem))
    }

    /// A new key with the public exponent 65537.
    ///
    /// - Parameter modulusBits: 2048, 3072 or 4096 (112, 128 and about 150 bits of strength, NIST SP 800-57 table 2).
    public static func generate(modulusBits: Int) throws(RSAKeyError) -> RSAPrivateKey {
        guard [2_048, 3_072, 4_096].contains(modulusBits) else { throw .modulusBits(modulusBits) }
        let context = LibCrypto.require(EVP_PKEY_CTX_new_from_name(nil, "RSA", nil), "EVP_PKEY_CTX_new_from_name")
        defer { EVP_PKEY_CTX_free(context) }
        LibCrypto.require(EVP_PKEY_keygen_init(context), "EVP_PKEY_keygen_init")
        LibCrypto.require(
            EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(modulusBits)), "EVP_PKEY_CTX_set_rsa_keygen_bits")
        var key: OpaquePointer?
        LibCrypto.require(EVP_PKEY_generate(context, &key), "EVP_PKEY_generate")
        return try RSAPrivateKey(taking: key)
    }

    deinit { EVP_PKEY_free(handle) }

    /// The public half.
    public var publicKey: RSAPublicKey { RSAPublicKey(of: handle, modulusBits: modulusBits) }

    /// The key in PKCS#8 DER, not encrypted.
    public borrowing func der() -> SecretKey {
        let handle = handle
        return PEM.secret { i2d_PKCS8PrivateKey_bio($0, handle, nil, nil, 0, nil, nil) }
    }

    /// The key in PEM (`PRIVATE KEY`), not encrypted.
    public borrowing func pem() -> SecretKey {
        let handle = handle
        return PEM.secret { PEM_write_bio_PKCS8PrivateKey($0, handle, nil, nil, 0, nil, nil) }
    }
}
