// SPDX-License-Identifier: Apache-2.0

/// Why a key of a curve was not taken, or an operation with it gave nothing.
public enum CurveError: Error, Equatable, Sendable {
    /// The point is not on the curve, or not `04 ‖ x ‖ y`.
    case invalidPoint
    /// The private scalar is zero, too large, or of a wrong length.
    case invalidScalar
    /// The signature or ciphertext is not of its form, or does not belong to key and data.
    case notAuthentic
    /// An empty message or one longer than 65,535 bytes (SM2), or a digest of another length (ECDSA).
    case wrongLength(Int)
    /// A fresh pair whose halves do not belong together.
    case inconsistentPair
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
        guard let secret = key.sharedSecret(with: peer, count: curve.coordinateCount) else { throw .invalidPoint }
        return secret
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
