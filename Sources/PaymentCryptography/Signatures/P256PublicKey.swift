// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// A public key on NIST P-256 (SP 800-186 3.2.1.3): verifies ECDSA signatures (FIPS 186-5 6.4), and receives what is
/// sealed for it (`SealedBox`).
public struct P256PublicKey: Hashable, Sendable {
    /// The bytes of `04 ‖ x ‖ y`.
    public static let byteCount = 65
    /// The bytes of `02 or 03 ‖ x` (SEC 1 2.3.3).
    public static let compressedCount = 33
    /// The bytes of a signature: r and s, big-endian, 32 bytes each.
    public static let signatureCount = 64
    /// The bytes of what is signed: a SHA-256 digest.
    public static let digestCount = 32

    /// `04 ‖ x ‖ y`.
    public let bytes: [UInt8]

    /// A key from 65 bytes `04 ‖ x ‖ y`, or from 33 bytes `02 or 03 ‖ x`.
    ///
    /// - Throws: `CurveError.invalidPoint` for another form, and for what is not on the curve.
    public init(_ bytes: [UInt8]) throws(CurveError) {
        guard let point = EllipticCurve.p256.uncompressed(bytes) else { throw .invalidPoint }
        self.bytes = point
    }

    /// `02 or 03 ‖ x`.
    public var compressed: [UInt8] { [2 | bytes[Self.byteCount - 1] & 1] + bytes[1..<Self.compressedCount] }

    /// Whether `r ‖ s` is this key's signature of the message under ECDSA with SHA-256. False for other lengths.
    public func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        verifies(signature, ofDigest: SHA256.hash(message))
    }

    /// As `verifies(_:of:)`, for the 32 bytes of a digest that was made already.
    public func verifies(_ signature: [UInt8], ofDigest digest: [UInt8]) -> Bool {
        guard signature.count == Self.signatureCount, digest.count == Self.digestCount,
            let key = CurveKey(curve: .p256, point: bytes)
        else { return false }
        let context = LibCrypto.require(EVP_PKEY_CTX_new_from_pkey(nil, key.handle, nil), "EVP_PKEY_CTX_new_from_pkey")
        defer { EVP_PKEY_CTX_free(context) }
        LibCrypto.require(EVP_PKEY_verify_init(context), "EVP_PKEY_verify_init")
        let text = DER.signature(signature)
        let result = EVP_PKEY_verify(context, text, text.count, digest, digest.count)
        if result != 1 { ERR_clear_error() }
        return result == 1
    }
}
