// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography

/// The conditional tests of key pairs (FIPS 140-3 implementation guidance 10.3.A): before a pair that was just made is
/// used or stored, its private half must belong to its public one. A pair that fails is thrown away, and H01 is its
/// finder's to raise.
public enum PairwiseTest {
    /// ECDSA: what the private half signs, the public one verifies.
    public static func passes(_ pair: borrowing P256PrivateKey) -> Bool { pair.isConsistent }

    /// SM2, in the same way.
    ///
    /// - Parameter publicKey: 65 bytes, `04 ‖ x ‖ y`.
    public static func passes(sm2 privateKey: borrowing SecretKey, publicKey: [UInt8]) -> Bool {
        let message = Array("pairwise consistency".utf8)
        guard let signature = try? SM2.sign(message, privateKey: privateKey) else { return false }
        return (try? SM2.verify(signature, message: message, publicKey: publicKey)) == true
    }

    /// Key agreement on a NIST curve: both halves of the pair agree with a third party on the same secret.
    ///
    /// - Parameter publicKey: `04 ‖ x ‖ y`.
    public static func passes(agreement privateKey: borrowing SecretKey, publicKey: [UInt8], on curve: EllipticCurve)
        -> Bool
    {
        let other = ECDH.generatePrivateKey(curve: curve)
        guard let otherPublic = try? ECDH.publicKey(curve: curve, privateKey: other),
            let one = try? ECDH.sharedSecret(curve: curve, privateKey: privateKey, peer: otherPublic),
            let two = try? ECDH.sharedSecret(curve: curve, privateKey: other, peer: publicKey)
        else { return false }
        return one.equals(two)
    }

    /// RSA: what the public half wraps, the private one unwraps.
    public static func passes(_ privateKey: borrowing RSAPrivateKey, _ publicKey: RSAPublicKey) -> Bool {
        let key = SecretKey.random(count: 16)
        guard let wrapped = try? RSAKeyWrap.wrap(key, for: .tdes, under: publicKey),
            let back = try? RSAKeyWrap.unwrap(wrapped, with: privateKey)
        else { return false }
        return back.equals(key)
    }
}
