// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// AES-GCM (NIST SP 800-38D) with a 96-bit nonce and a 128-bit tag. Each call has a context of its own: a GCM context
/// carries the state of one message, and these calls may come from several threads.
enum AESGCM {
    static let nonceCount = 12
    static let tagCount = 16

    /// Writes ciphertext and tag: `plaintext.count + tagCount` bytes.
    static func seal(
        _ plaintext: UnsafeRawBufferPointer, nonce: [UInt8], associatedData: [UInt8], key: borrowing SecretKey,
        into output: UnsafeMutableRawBufferPointer
    ) {
        precondition(nonce.count == nonceCount, "a GCM nonce has 12 bytes")
        precondition(output.count == plaintext.count + tagCount, "the output has room for ciphertext and tag")
        let context = begin(nonce: nonce, associatedData: associatedData, key: key, encrypting: true)
        defer { EVP_CIPHER_CTX_free(context) }
        guard let base = output.baseAddress else { return }
        var written: Int32 = 0
        let bytes = base.assumingMemoryBound(to: UInt8.self)
        if !plaintext.isEmpty {
            LibCrypto.require(
                EVP_CipherUpdate(
                    context, bytes, &written, plaintext.baseAddress?.assumingMemoryBound(to: UInt8.self),
                    Int32(plaintext.count)), "EVP_CipherUpdate")
        }
        LibCrypto.require(EVP_CipherFinal_ex(context, bytes + plaintext.count, &written), "EVP_CipherFinal_ex")
        LibCrypto.require(
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tagCount), base + plaintext.count),
            "EVP_CTRL_AEAD_GET_TAG")
    }

    /// Writes the plaintext of `sealed` (ciphertext and tag).
    ///
    /// - Returns: false, with the output wiped, when the tag does not match.
    static func open(
        _ sealed: UnsafeRawBufferPointer, nonce: [UInt8], associatedData: [UInt8], key: borrowing SecretKey,
        into output: UnsafeMutableRawBufferPointer
    ) -> Bool {
        precondition(nonce.count == nonceCount, "a GCM nonce has 12 bytes")
        guard sealed.count == output.count + tagCount, let input = sealed.baseAddress else { return false }
        let context = begin(nonce: nonce, associatedData: associatedData, key: key, encrypting: false)
        defer { EVP_CIPHER_CTX_free(context) }
        var written: Int32 = 0
        let bytes = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        if !output.isEmpty {
            LibCrypto.require(
                EVP_CipherUpdate(
                    context, bytes, &written, input.assumingMemoryBound(to: UInt8.self), Int32(output.count)),
                "EVP_CipherUpdate")
        }
        // Safe: libcrypto copies the tag; its parameter lacks a `const`.
        let tag = UnsafeMutableRawPointer(mutating: input + output.count)
        LibCrypto.require(
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagCount), tag), "EVP_CTRL_AEAD_SET_TAG")
        var rest: UInt8 = 0
        guard EVP_CipherFinal_ex(context, &rest, &written) > 0 else {
            OPENSSL_cleanse(output.baseAddress, output.count)
            return false
        }
        return true
    }

    private static func begin(
        nonce: [UInt8], associatedData: [UInt8], key: borrowing SecretKey, encrypting: Bool
    ) -> OpaquePointer {
        let context = LibCrypto.require(EVP_CIPHER_CTX_new(), "EVP_CIPHER_CTX_new")
        key.withBytes { key in
            LibCrypto.require(
                EVP_CipherInit_ex2(
                    context, FetchedCipher.gcm(keyBytes: key.count), key.baseAddress, nonce, encrypting ? 1 : 0, nil),
                "EVP_CipherInit_ex2")
        }
        if !associatedData.isEmpty {
            var written: Int32 = 0
            LibCrypto.require(
                EVP_CipherUpdate(context, nil, &written, associatedData, Int32(associatedData.count)),
                "EVP_CipherUpdate")
        }
        return context
    }
}
