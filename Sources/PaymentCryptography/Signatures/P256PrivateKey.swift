// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// A private key on NIST P-256: signs by ECDSA with SHA-256 (FIPS 186-5 6.3), and opens what was sealed for its public
/// key. One key does one of the two: whoever owns it says which.
///
/// libcrypto wipes its numbers when the owner lets go; the scalar itself leaves wrapped alone.
public struct P256PrivateKey: ~Copyable, @unchecked Sendable {
    // Unchecked: an EVP_PKEY is reference-counted and not changed after it was made; each operation has its own context.
    private let key: CurveKey
    let scalar: SecretKey

    /// The bytes of a scalar.
    public static let scalarCount = 32

    /// The key that others know this one by.
    public let publicKey: P256PublicKey

    /// A fresh key, which has passed the pairwise test (FIPS 140-3 implementation guidance 10.3.A).
    ///
    /// - Throws: `CurveError.inconsistentPair` when it has not: nothing here is to be used any more.
    public static func generate() throws(CurveError) -> P256PrivateKey {
        let key = try P256PrivateKey(scalar: EllipticCurve.p256.randomScalar())
        guard key.isConsistent else { throw .inconsistentPair }
        return key
    }

    /// A key from its scalar: 32 bytes, between 1 and the order of the curve.
    ///
    /// - Throws: `CurveError.invalidScalar`.
    public init(scalar: borrowing SecretKey) throws(CurveError) {
        guard let point = scalar.withBytes({ EllipticCurve.p256.multiply($0) }) else { throw .invalidScalar }
        try self.init(scalar: scalar, publicKey: P256PublicKey(point))
    }

    /// Half a pair and half another, for a test of the pairwise test.
    init(scalar: borrowing SecretKey, publicKey: P256PublicKey) throws(CurveError) {
        guard
            let key = scalar.withBytes({ CurveKey(curve: .p256, point: publicKey.bytes, scalar: $0) })
        else { throw .invalidScalar }
        self.key = key
        self.scalar = scalar.copy()
        self.publicKey = publicKey
    }

    /// Whether the private half belongs to the public one: what the one signs, the other verifies.
    public var isConsistent: Bool {
        let digest = SHA256.hash(Array("pairwise consistency".utf8))
        guard let signature = try? signature(ofDigest: digest) else { return false }
        return publicKey.verifies(signature, ofDigest: digest)
    }

    /// `r ‖ s`, 64 bytes: the signature of SHA-256 over the message; another one each time.
    public borrowing func signature(of message: [UInt8]) throws(CurveError) -> [UInt8] {
        try signature(ofDigest: SHA256.hash(message))
    }

    /// `r ‖ s`, 64 bytes: the signature of a digest of 32 bytes.
    ///
    /// - Throws: `CurveError.wrongLength` for a digest of another length.
    public borrowing func signature(ofDigest digest: [UInt8]) throws(CurveError) -> [UInt8] {
        guard digest.count == P256PublicKey.digestCount else { throw .wrongLength(digest.count) }
        let context = LibCrypto.require(EVP_PKEY_CTX_new_from_pkey(nil, key.handle, nil), "EVP_PKEY_CTX_new_from_pkey")
        defer { EVP_PKEY_CTX_free(context) }
        LibCrypto.require(EVP_PKEY_sign_init(context), "EVP_PKEY_sign_init")
        var text = [UInt8](repeating: 0, count: 80)
        var count = text.count
        LibCrypto.require(EVP_PKEY_sign(context, &text, &count, digest, digest.count), "EVP_PKEY_sign")
        guard let signature = DER.rawSignature(Array(text[..<count])) else { throw .notAuthentic }
        return signature
    }

    /// The secret that both sides of a key agreement have (NIST SP 800-56A 5.7.1.2), for a key derivation alone.
    borrowing func sharedSecret(with peer: P256PublicKey) throws(CurveError) -> SecretKey {
        guard let peer = CurveKey(curve: .p256, point: peer.bytes),
            let secret = key.sharedSecret(with: peer, count: EllipticCurve.p256.coordinateCount)
        else { throw .invalidPoint }
        return secret
    }

    private static var label: StaticString { "P-256 private key" }

    /// The key for a file, under a wrapping key of 16, 24 or 32 bytes; as `SecretKey.wrapped(under:)`.
    public borrowing func wrapped(under wrappingKey: borrowing SecretKey) -> [UInt8] {
        scalar.sealed(under: wrappingKey, label: Self.label)
    }

    /// The inverse of `wrapped(under:)`.
    ///
    /// - Returns: nil when the bytes are not a key that this one wrapped.
    public init?(unwrapping bytes: [UInt8], under wrappingKey: borrowing SecretKey) {
        guard let scalar = SecretKey(sealed: bytes, under: wrappingKey, label: Self.label) else { return nil }
        do { try self.init(scalar: scalar) } catch { return nil }
    }
}
