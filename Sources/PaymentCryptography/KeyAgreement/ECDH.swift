// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// Why a key agreement or an operation of SM2 gave nothing.
public enum CurveError: Error, Equatable, Sendable {
    /// The point is not on the curve, or not `04 ‖ x ‖ y`.
    case invalidPoint
    /// The private scalar is zero, too large, or of a wrong length.
    case invalidScalar
    /// The signature or ciphertext is not of its form, or does not belong to key and data.
    case notAuthentic
    /// An empty message, or one that is longer than 65,535 bytes.
    case wrongLength(Int)
}

/// Elliptic-curve Diffie-Hellman (NIST SP 800-56A 5.7.1.2, ANSI X9.63).
public enum ECDH {
    /// The shared secret Z: the x coordinate, as long as a coordinate of the curve. It goes into a key derivation,
    /// never into use as it is.
    ///
    /// - Parameter privateKey: the scalar, as long as a coordinate.
    /// - Parameter peer: `04 ‖ x ‖ y`.
    public static func sharedSecret(
        curve: EllipticCurve, privateKey: borrowing SecretKey, peer: [UInt8]
    ) throws(CurveError) -> SecretKey {
        guard let own = privateKey.withBytes({ curve.multiply($0) }) else { throw .invalidScalar }
        guard let key = privateKey.withBytes({ CurveKey(curve: curve, point: own, scalar: $0) }) else {
            throw .invalidScalar
        }
        guard let peer = CurveKey(curve: curve, point: peer) else { throw .invalidPoint }
        let context = LibCrypto.require(EVP_PKEY_CTX_new_from_pkey(nil, key.handle, nil), "EVP_PKEY_CTX_new_from_pkey")
        defer { EVP_PKEY_CTX_free(context) }
        LibCrypto.require(EVP_PKEY_derive_init(context), "EVP_PKEY_derive_init")
        guard EVP_PKEY_derive_set_peer(context, peer.handle) > 0 else {
            ERR_clear_error()
            throw .invalidPoint
        }
        return SecretKey(count: curve.coordinateCount) { output in
            var count = output.count
            let start = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
            LibCrypto.require(EVP_PKEY_derive(context, start, &count), "EVP_PKEY_derive")
            precondition(count == output.count, "a shared secret is as long as a coordinate")
        }
    }

    /// A fresh private scalar.
    public static func generatePrivateKey(curve: EllipticCurve) -> SecretKey { curve.randomScalar() }

    /// The public point of a private scalar: `04 ‖ x ‖ y`.
    public static func publicKey(
        curve: EllipticCurve, privateKey: borrowing SecretKey
    ) throws(CurveError) -> [UInt8] {
        guard let point = privateKey.withBytes({ curve.multiply($0) }) else { throw .invalidScalar }
        return point
    }
}
