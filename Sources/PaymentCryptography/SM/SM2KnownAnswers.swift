// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// SM2 with a given random number, as published examples state it. For known answers only: whoever knows the number
/// knows the key.
package enum SM2KnownAnswers {
    /// The signature `r ‖ s` that the number k gives (GB/T 32918.2 6.1).
    ///
    /// - Returns: nil when k gives none.
    package static func sign(
        _ message: [UInt8], privateKey: borrowing SecretKey, identifier: [UInt8], k: [UInt8]
    ) throws(CurveError) -> [UInt8]? {
        let publicKey = try SM2.publicKey(privateKey: privateKey)
        let e = SM3.hash(try SM2.identifierHash(publicKey: publicKey, identifier: identifier) + message)
        guard let point = k.withUnsafeBytes({ EllipticCurve.sm2.multiply($0) }) else { return nil }
        let scalar = privateKey.copy()
        return EllipticCurve.sm2.withGroup { group in
            let order = EC_GROUP_get0_order(group)
            let context = LibCrypto.require(BN_CTX_secure_new(), "BN_CTX_secure_new")
            defer { BN_CTX_free(context) }
            let d = scalar.withBytes { BigNumber($0, secret: true) }
            let k = BigNumber(k, secret: true)
            let hash = BigNumber(e)
            let x = BigNumber(Array(point[1..<33]))
            let r = BigNumber()
            let s = BigNumber()
            let inverse = BigNumber()
            // r = e + x, s = (k − r·d) / (1 + d)
            LibCrypto.require(BN_mod_add(r.handle, hash.handle, x.handle, order, context), "BN_mod_add")
            LibCrypto.require(BN_mod_mul(s.handle, r.handle, d.handle, order, context), "BN_mod_mul")
            LibCrypto.require(BN_mod_sub(s.handle, k.handle, s.handle, order, context), "BN_mod_sub")
            LibCrypto.require(BN_add_word(d.handle, 1), "BN_add_word")
            _ = LibCrypto.require(BN_mod_inverse(inverse.handle, d.handle, order, context), "BN_mod_inverse")
            LibCrypto.require(BN_mod_mul(s.handle, s.handle, inverse.handle, order, context), "BN_mod_mul")
            guard BN_is_zero(r.handle) == 0, BN_is_zero(s.handle) == 0 else { return nil }
            var output = [UInt8](repeating: 0, count: SM2.signatureCount)
            output.withUnsafeMutableBytes {
                r.write(into: UnsafeMutableRawBufferPointer(rebasing: $0[..<32]))
                s.write(into: UnsafeMutableRawBufferPointer(rebasing: $0[32...]))
            }
            return output
        }
    }

    /// The ciphertext `C1 ‖ C3 ‖ C2` that the number k gives (GB/T 32918.4 6.1).
    package static func encrypt(
        _ message: [UInt8], publicKey: [UInt8], k: [UInt8]
    ) throws(CurveError) -> [UInt8] {
        guard let point = k.withUnsafeBytes({ EllipticCurve.sm2.multiply($0) }) else { throw .invalidScalar }
        guard let shared = k.withUnsafeBytes({ EllipticCurve.sm2.multiply($0, point: publicKey) }) else {
            throw .invalidPoint
        }
        guard !message.isEmpty else { throw .wrongLength(0) }
        let (x, y) = (Array(shared[1..<33]), Array(shared[33...]))
        let secret = SecretKey(count: 64) { $0.copyBytes(from: x + y) }
        let mask = X963KDF.derive(secret: secret, sharedInfo: [], digest: .sm3, count: message.count)
        let masked = mask.withBytes { mask in message.indices.map { message[$0] ^ mask[$0] } }
        return point + SM3.hash(x + message + y) + masked
    }
}
