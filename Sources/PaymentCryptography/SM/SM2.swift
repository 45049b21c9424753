// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// The SM2 signature and public-key encryption (GB/T 32918.2 and .4) on the recommended curve (GB/T 32918.5), with SM3.
public enum SM2 {
    /// The identifier that is used where none was agreed (GM/T 0009): `1234567812345678`.
    public static let defaultIdentifier = Array("1234567812345678".utf8)
    /// The bytes of a signature: r and s.
    public static let signatureCount = 64
    /// How much longer a ciphertext is than its message: a point and a hash.
    public static let ciphertextOverhead = 97

    /// A fresh private scalar of 32 bytes.
    public static func generatePrivateKey() -> SecretKey { EllipticCurve.sm2.randomScalar() }

    /// The public point `04 ‖ x ‖ y` of a private scalar.
    public static func publicKey(privateKey: borrowing SecretKey) throws(CurveError) -> [UInt8] {
        try ECDH.publicKey(curve: .sm2, privateKey: privateKey)
    }

    /// A signature `r ‖ s` of 64 bytes; another one each time.
    ///
    /// - Parameter identifier: of the signer, up to 8,191 bytes; both sides use the same.
    public static func sign(
        _ message: [UInt8], privateKey: borrowing SecretKey, identifier: [UInt8] = defaultIdentifier
    ) throws(CurveError) -> [UInt8] {
        try check(identifier)
        let key = try pair(privateKey)
        let context = try begin(identifier, key) { EVP_DigestSignInit_ex($0, $1, "SM3", nil, nil, $2, nil) }
        defer { EVP_MD_CTX_free(context) }
        var signature = [UInt8](repeating: 0, count: 80)
        var count = signature.count
        LibCrypto.require(EVP_DigestSign(context, &signature, &count, message, message.count), "EVP_DigestSign")
        guard let raw = DER.rawSignature(Array(signature[..<count])) else { throw .notAuthentic }
        return raw
    }

    /// Whether the signature belongs to message, public key and identifier.
    public static func verify(
        _ signature: [UInt8], message: [UInt8], publicKey: [UInt8], identifier: [UInt8] = defaultIdentifier
    ) throws(CurveError) -> Bool {
        try check(identifier)
        guard signature.count == signatureCount else { return false }
        guard let key = CurveKey(curve: .sm2, point: publicKey) else { throw .invalidPoint }
        let context = try begin(identifier, key) { EVP_DigestVerifyInit_ex($0, $1, "SM3", nil, nil, $2, nil) }
        defer { EVP_MD_CTX_free(context) }
        let text = DER.signature(signature)
        let result = EVP_DigestVerify(context, text, text.count, message, message.count)
        if result != 1 { ERR_clear_error() }
        return result == 1
    }

    /// The ciphertext `C1 ‖ C3 ‖ C2` (GB/T 32918.4-2016): point, SM3 hash, masked message; another one each time.
    ///
    /// - Parameter message: 1 to 65,535 bytes.
    public static func encrypt(_ message: borrowing SecretKey, publicKey: [UInt8]) throws(CurveError) -> [UInt8] {
        guard let key = CurveKey(curve: .sm2, point: publicKey) else { throw .invalidPoint }
        let context = LibCrypto.require(EVP_PKEY_CTX_new_from_pkey(nil, key.handle, nil), "EVP_PKEY_CTX_new_from_pkey")
        defer { EVP_PKEY_CTX_free(context) }
        LibCrypto.require(EVP_PKEY_encrypt_init(context), "EVP_PKEY_encrypt_init")
        var output = [UInt8](repeating: 0, count: message.count + 160)
        var count = output.count
        message.withBytes { message in
            let start = message.baseAddress?.assumingMemoryBound(to: UInt8.self)
            LibCrypto.require(EVP_PKEY_encrypt(context, &output, &count, start, message.count), "EVP_PKEY_encrypt")
        }
        guard let parts = DER.readSequence(Array(output[..<count])), parts.count == 4 else { throw .notAuthentic }
        return [4] + padded(parts[0]) + padded(parts[1]) + parts[2] + parts[3]
    }

    /// The message of a ciphertext `C1 ‖ C3 ‖ C2`. One error for every cause.
    public static func decrypt(
        _ ciphertext: [UInt8], privateKey: borrowing SecretKey
    ) throws(CurveError) -> SecretKey {
        let count = ciphertext.count - ciphertextOverhead
        guard (1...SecretKey.countMax - 1).contains(count), ciphertext[0] == 4 else { throw .notAuthentic }
        let key = try pair(privateKey)
        let context = LibCrypto.require(EVP_PKEY_CTX_new_from_pkey(nil, key.handle, nil), "EVP_PKEY_CTX_new_from_pkey")
        defer { EVP_PKEY_CTX_free(context) }
        LibCrypto.require(EVP_PKEY_decrypt_init(context), "EVP_PKEY_decrypt_init")
        let text = DER.sequence([
            DER.integer(ciphertext[1..<33]), DER.integer(ciphertext[33..<65]), DER.octets(ciphertext[65..<97]),
            DER.octets(ciphertext[97...]),
        ])
        return try SecretKey(count: count) { output throws(CurveError) in
            let start = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
            var written = output.count
            guard EVP_PKEY_decrypt(context, start, &written, text, text.count) > 0, written == output.count else {
                ERR_clear_error()
                throw .notAuthentic
            }
        }
    }

    /// ZA (GB/T 32918.2 5.5): the hash of identifier, curve and public point that a signature begins with.
    public static func identifierHash(publicKey: [UInt8], identifier: [UInt8]) throws(CurveError) -> [UInt8] {
        try check(identifier)
        guard let key = CurveKey(curve: .sm2, point: publicKey) else { throw .invalidPoint }
        _ = key.handle
        let bits = identifier.count * 8
        return SM3.hash([UInt8(bits >> 8), UInt8(bits & 0xFF)] + identifier + curveParameters + publicKey.dropFirst())
    }

    // MARK: - Steps

    private static func check(_ identifier: [UInt8]) throws(CurveError) {
        guard identifier.count <= 8_191 else { throw .wrongLength(identifier.count) }
    }

    private static func pair(_ privateKey: borrowing SecretKey) throws(CurveError) -> CurveKey {
        guard let point = privateKey.withBytes({ EllipticCurve.sm2.multiply($0) }),
            let key = privateKey.withBytes({ CurveKey(curve: .sm2, point: point, scalar: $0) })
        else { throw .invalidScalar }
        return key
    }

    private static func begin(
        _ identifier: [UInt8], _ key: borrowing CurveKey,
        _ initialise: (OpaquePointer, UnsafeMutablePointer<OpaquePointer?>, OpaquePointer) -> Int32
    ) throws(CurveError) -> OpaquePointer {
        let context = LibCrypto.require(EVP_MD_CTX_new(), "EVP_MD_CTX_new")
        var keyContext: OpaquePointer?
        LibCrypto.require(initialise(context, &keyContext, key.handle), "EVP_DigestSignVerifyInit_ex")
        LibCrypto.require(
            EVP_PKEY_CTX_set1_id(keyContext, identifier, Int32(identifier.count)), "EVP_PKEY_CTX_set1_id")
        return context
    }

    /// a, b and the generator of the recommended curve, 128 bytes.
    private static let curveParameters: [UInt8] = EllipticCurve.sm2.withGroup { group in
        let a = BigNumber()
        let b = BigNumber()
        LibCrypto.require(EC_GROUP_get_curve(group, nil, a.handle, b.handle, nil), "EC_GROUP_get_curve")
        var output = [UInt8](repeating: 0, count: 64)
        output.withUnsafeMutableBytes {
            a.write(into: UnsafeMutableRawBufferPointer(rebasing: $0[..<32]))
            b.write(into: UnsafeMutableRawBufferPointer(rebasing: $0[32...]))
        }
        var one = [UInt8](repeating: 0, count: 32)
        one[31] = 1
        let generator = one.withUnsafeBytes { EllipticCurve.sm2.multiply($0) } ?? []
        return output + generator.dropFirst()
    }

    static func padded(_ number: [UInt8]) -> [UInt8] {
        [UInt8](repeating: 0, count: max(0, 32 - number.count)) + number.suffix(32)
    }
}
