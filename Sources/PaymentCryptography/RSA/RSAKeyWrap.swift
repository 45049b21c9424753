// SPDX-License-Identifier: Apache-2.0

/// A key under an RSA public key: RSAES-OAEP (RFC 8017 7.1) over the bytes of the key and nothing else, the "RSA key
/// cryptogram" of key import services. It proves no origin; TR-34 does.
public enum RSAKeyWrap {
    /// The cryptogram, as long as the modulus.
    ///
    /// - Parameter algorithm: what the key is for; decides whether the modulus is strong enough.
    /// - Parameter parameters: SHA-256 or SHA-512; SHA-1 is refused.
    public static func wrap(
        _ key: borrowing SecretKey, for algorithm: KeyAlgorithm, under publicKey: RSAPublicKey,
        parameters: OAEPParameters = .sha256, strength: KeyTransportRule = .strict
    ) throws(RSAKeyError) -> [UInt8] {
        guard parameters.hash != .sha1, parameters.maskHash != .sha1 else { throw .readOnlyHash }
        do { try KeyGuard.check(key, for: algorithm) } catch { throw .unusableKey(error) }
        guard strength.permits(algorithm, keyCount: key.count, modulusBits: publicKey.modulusBits) else {
            throw .weakerThanKey
        }
        guard key.count <= parameters.secretCountMax(modulusCount: publicKey.modulusCount) else {
            throw .secretTooLong(key.count)
        }
        return RSAOperation.encrypt(key, parameters: parameters, for: publicKey)
    }

    /// The secret of a cryptogram; every failure of the decryption is the same error.
    ///
    /// Whoever may ask for this freely and learns whether it worked can decrypt (Manger 2001): limit the attempts.
    public static func unwrap(
        _ cryptogram: [UInt8], with privateKey: borrowing RSAPrivateKey, parameters: OAEPParameters = .sha256
    ) throws(RSAKeyError) -> SecretKey {
        guard let key = RSAOperation.decrypt(cryptogram, parameters: parameters, with: privateKey) else {
            throw .notAuthentic
        }
        return key
    }
}
