// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// AES on single blocks (FIPS 197) through one EVP context: AES-NI where there is one, and never a table in the cache.
struct AESBlockCipher: ~Copyable {
    static let blockBytes = 16
    private let context: OpaquePointer

    /// A cipher without a key.
    init() {
        context = LibCrypto.require(EVP_CIPHER_CTX_new(), "EVP_CIPHER_CTX_new")
    }

    /// A cipher with a key of 16, 24 or 32 bytes.
    init(key: UnsafeRawBufferPointer, encrypting: Bool = true) {
        self.init()
        setKey(key, encrypting: encrypting)
    }

    /// Wipes the key schedule (libcrypto's `freectx` clears it).
    deinit { EVP_CIPHER_CTX_free(context) }

    func setKey(_ key: UnsafeRawBufferPointer, encrypting: Bool = true) {
        let cipher = FetchedCipher.ecb(keyBytes: key.count)
        // Naming the cipher again would tear the context down and build it anew.
        let same = EVP_CIPHER_CTX_get0_cipher(context) == cipher
        LibCrypto.require(
            EVP_CipherInit_ex2(context, same ? nil : cipher, key.baseAddress, nil, encrypting ? 1 : 0, nil),
            "EVP_CipherInit_ex2")
    }

    /// One block, in the direction of the key. `EVP_Cipher` skips EVP's buffering and changes nothing in the context.
    @inline(__always)
    func transform(_ block: Block) -> Block {
        var (input, output) = (block, Block.zero)
        LibCrypto.require(EVP_Cipher(context, &output, &input, UInt32(Self.blockBytes)), "EVP_Cipher")
        return output
    }

    /// One block from memory to memory, so that a derived key never passes through a Swift value.
    @inline(__always)
    func transform(_ block: Block, into output: UnsafeMutableRawPointer) {
        var input = block
        LibCrypto.require(EVP_Cipher(context, output, &input, UInt32(Self.blockBytes)), "EVP_Cipher")
    }
}
