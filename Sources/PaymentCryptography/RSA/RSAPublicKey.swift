// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// An RSA public key as its SubjectPublicKeyInfo (RFC 5280 4.1.2.7).
public struct RSAPublicKey: Equatable, Sendable {
    /// The SubjectPublicKeyInfo in DER.
    public let subjectPublicKeyInfo: [UInt8]

    /// The bits of the modulus.
    public let modulusBits: Int

    /// The bytes of the modulus, of a signature and of a cryptogram.
    public var modulusCount: Int { (modulusBits + 7) / 8 }

    /// A key from its SubjectPublicKeyInfo.
    public init(subjectPublicKeyInfo: [UInt8]) throws(RSAKeyError) {
        guard let key = Self.decode(subjectPublicKeyInfo) else { throw .malformedKey }
        defer { EVP_PKEY_free(key) }
        try self.init(checking: key)
    }

    /// A key from PEM (`PUBLIC KEY`).
    public init(pem: String) throws(RSAKeyError) {
        let text = Array(pem.utf8)
        let key = text.withUnsafeBytes { text -> OpaquePointer? in
            guard let buffer = BIO_new_mem_buf(text.baseAddress, Int32(clamping: text.count)) else { return nil }
            defer { BIO_free_all(buffer) }
            return PEM_read_bio_PUBKEY(buffer, nil, { _, _, _, _ in -1 }, nil)
        }
        guard let key else {
            ERR_clear_error()
            throw .malformedKey
        }
        defer { EVP_PKEY_free(key) }
        try self.init(checking: key)
    }

    /// The public half of a key of libcrypto's.
    init(checking handle: OpaquePointer) throws(RSAKeyError) {
        guard EVP_PKEY_get_base_id(handle) == EVP_PKEY_RSA else { throw .malformedKey }
        let bits = Int(EVP_PKEY_get_bits(handle))
        guard RSAPrivateKey.modulusBitsAllowed.contains(bits) else { throw .modulusBits(bits) }
        self.init(of: handle, modulusBits: bits)
    }

    init(of handle: OpaquePointer, modulusBits: Int) {
        var start: UnsafeMutablePointer<UInt8>?
        let count = i2d_PUBKEY(handle, &start)
        LibCrypto.require(count, "i2d_PUBKEY")
        defer { CRYPTO_free(start, nil, 0) }
        subjectPublicKeyInfo = Array(UnsafeBufferPointer(start: start, count: Int(count)))
        self.modulusBits = modulusBits
    }

    /// Lends `body` the key.
    func withHandle<R: ~Copyable>(_ body: (OpaquePointer) -> R) -> R {
        // Safe: these bytes were checked, or written by libcrypto itself, when this value was made.
        let handle = LibCrypto.require(Self.decode(subjectPublicKeyInfo), "d2i_PUBKEY")
        defer { EVP_PKEY_free(handle) }
        return body(handle)
    }

    private static func decode(_ bytes: [UInt8]) -> OpaquePointer? {
        bytes.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            var next = bytes.baseAddress
            guard let key = d2i_PUBKEY(nil, &next, bytes.count) else {
                ERR_clear_error()
                return nil
            }
            guard let start = bytes.baseAddress, let next, next - start == bytes.count else {
                EVP_PKEY_free(key)
                return nil
            }
            return key
        }
    }
}
