// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// The operations of RSA (RFC 8017) that key transport is made of.
enum RSAOperation {
    /// RSASSA-PKCS1-v1_5 over a message.
    static func sign(_ message: [UInt8], digest: DigestAlgorithm, with key: borrowing RSAPrivateKey) -> [UInt8] {
        let context = LibCrypto.require(EVP_MD_CTX_new(), "EVP_MD_CTX_new")
        defer { EVP_MD_CTX_free(context) }
        LibCrypto.require(EVP_DigestSignInit(context, nil, digest.fetched, nil, key.handle), "EVP_DigestSignInit")
        var output = [UInt8](repeating: 0, count: (key.modulusBits + 7) / 8)
        var count = output.count
        LibCrypto.require(EVP_DigestSign(context, &output, &count, message, message.count), "EVP_DigestSign")
        return Array(output[..<count])
    }

    /// Whether the signature is that of the message under the key.
    static func verify(_ signature: [UInt8], of message: [UInt8], digest: DigestAlgorithm, with key: RSAPublicKey)
        -> Bool
    {
        let context = LibCrypto.require(EVP_MD_CTX_new(), "EVP_MD_CTX_new")
        defer { EVP_MD_CTX_free(context) }
        return key.withHandle { key in
            LibCrypto.require(EVP_DigestVerifyInit(context, nil, digest.fetched, nil, key), "EVP_DigestVerifyInit")
            let result = EVP_DigestVerify(context, signature, signature.count, message, message.count)
            if result != 1 { ERR_clear_error() }
            return result == 1
        }
    }

    /// RSAES-OAEP of a secret that fits the modulus.
    static func encrypt(
        _ secret: borrowing SecretKey, parameters: OAEPParameters, for key: RSAPublicKey
    ) -> [UInt8] {
        let (start, secretCount) = (secret.base.assumingMemoryBound(to: UInt8.self), secret.count)
        precondition(
            secretCount <= parameters.secretCountMax(modulusCount: key.modulusCount), "a secret fits its modulus")
        return key.withHandle { key in
            let context = LibCrypto.require(EVP_PKEY_CTX_new_from_pkey(nil, key, nil), "EVP_PKEY_CTX_new_from_pkey")
            defer { EVP_PKEY_CTX_free(context) }
            LibCrypto.require(EVP_PKEY_encrypt_init(context), "EVP_PKEY_encrypt_init")
            parameters.apply(to: context)
            var count = 0
            LibCrypto.require(EVP_PKEY_encrypt(context, nil, &count, start, secretCount), "EVP_PKEY_encrypt")
            var output = [UInt8](repeating: 0, count: count)
            LibCrypto.require(EVP_PKEY_encrypt(context, &output, &count, start, secretCount), "EVP_PKEY_encrypt")
            return Array(output[..<count])
        }
    }

    /// The secret of an OAEP cryptogram; nil for whatever reason it is not one.
    static func decrypt(
        _ cryptogram: [UInt8], parameters: OAEPParameters, with key: borrowing RSAPrivateKey
    ) -> SecretKey? {
        decrypt(cryptogram, with: key) { parameters.apply(to: $0) }
    }

    /// The encoded message before its padding is looked at, as long as the modulus.
    static func decryptEncodedMessage(_ cryptogram: [UInt8], with key: borrowing RSAPrivateKey) -> SecretKey? {
        decrypt(cryptogram, with: key) {
            LibCrypto.require(EVP_PKEY_CTX_set_rsa_padding($0, RSA_NO_PADDING), "EVP_PKEY_CTX_set_rsa_padding")
        }
    }

    private static func decrypt(
        _ cryptogram: [UInt8], with key: borrowing RSAPrivateKey, _ prepare: (OpaquePointer) -> Void
    ) -> SecretKey? {
        let context = LibCrypto.require(
            EVP_PKEY_CTX_new_from_pkey(nil, key.handle, nil), "EVP_PKEY_CTX_new_from_pkey")
        defer { EVP_PKEY_CTX_free(context) }
        LibCrypto.require(EVP_PKEY_decrypt_init(context), "EVP_PKEY_decrypt_init")
        prepare(context)
        var count = (key.modulusBits + 7) / 8
        guard cryptogram.count == count else { return nil }
        var result: Int32 = 0
        let room = SecretKey(count: count) { output in
            let start = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
            result = EVP_PKEY_decrypt(context, start, &count, cryptogram, cryptogram.count)
        }
        ERR_clear_error()
        guard result == 1, count > 0 else { return nil }
        return room.withBytes { bytes in
            SecretKey(count: count) { $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count])) }
        }
    }
}
