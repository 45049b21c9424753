// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// What RSAES-OAEP (RFC 8017 7.1) is parametrised by.
public struct OAEPParameters: Equatable, Sendable {
    /// The hash of the label.
    public var hash: DigestAlgorithm
    /// The hash of the mask generation function MGF1.
    public var maskHash: DigestAlgorithm
    /// The label, empty in all payment schemes.
    public var label: [UInt8]

    /// One hash for both and no label, unless told otherwise.
    public init(hash: DigestAlgorithm, maskHash: DigestAlgorithm? = nil, label: [UInt8] = []) {
        self.hash = hash
        self.maskHash = maskHash ?? hash
        self.label = label
    }

    /// SHA-256 for both (TR-34).
    public static let sha256 = OAEPParameters(hash: .sha256)
    /// SHA-512 for both.
    public static let sha512 = OAEPParameters(hash: .sha512)
    /// The defaults of RFC 8017, read only.
    public static let sha1 = OAEPParameters(hash: .sha1)

    /// How long a secret a modulus has room for.
    func secretCountMax(modulusCount: Int) -> Int { modulusCount - 2 * hash.digestCount - 2 }

    /// Sets a context that was initialised for encryption or decryption.
    func apply(to context: OpaquePointer) {
        LibCrypto.require(
            EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING), "EVP_PKEY_CTX_set_rsa_padding")
        LibCrypto.require(EVP_PKEY_CTX_set_rsa_oaep_md(context, hash.fetched), "EVP_PKEY_CTX_set_rsa_oaep_md")
        LibCrypto.require(EVP_PKEY_CTX_set_rsa_mgf1_md(context, maskHash.fetched), "EVP_PKEY_CTX_set_rsa_mgf1_md")
        guard !label.isEmpty else { return }
        // libcrypto takes the copy over.
        let copy = CRYPTO_memdup(label, label.count, nil, 0)
        precondition(copy != nil, "out of memory for a label")
        LibCrypto.require(
            EVP_PKEY_CTX_set0_rsa_oaep_label(context, copy, Int32(label.count)), "EVP_PKEY_CTX_set0_rsa_oaep_label")
    }
}
