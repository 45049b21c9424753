// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// ECDSA as libcrypto alone verifies it, without any code of this project.
enum Verification {
    /// - Parameters:
    ///   - point: 65 bytes, an uncompressed point of P-256.
    ///   - signature: r and s, 32 bytes each.
    static func isSignature(_ signature: [UInt8], of digest: [UInt8], by point: [UInt8]) -> Bool {
        guard signature.count == 64, let key = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1) else { return false }
        defer { EC_KEY_free(key) }
        guard EC_KEY_oct2key(key, point, point.count, nil) == 1, EC_KEY_check_key(key) == 1,
            let pair = ECDSA_SIG_new()
        else { return false }
        defer { ECDSA_SIG_free(pair) }
        // The pair takes both numbers over.
        ECDSA_SIG_set0(
            pair, BN_bin2bn(Array(signature[..<32]), 32, nil), BN_bin2bn(Array(signature[32...]), 32, nil))
        return ECDSA_do_verify(digest, Int32(digest.count), pair, key) == 1
    }

    /// The key for a tool: a SubjectPublicKeyInfo (RFC 5480) in PEM.
    static func pem(_ point: [UInt8]) -> String {
        let head: [UInt8] = [
            0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48,
            0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
        ]
        let text = base64(head + point)
        let lines = stride(from: 0, to: text.count, by: 64).map { String(text.dropFirst($0).prefix(64)) }
        return (["-----BEGIN PUBLIC KEY-----"] + lines + ["-----END PUBLIC KEY-----", ""]).joined(separator: "\n")
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        var output = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
        let count = EVP_EncodeBlock(&output, bytes, Int32(bytes.count))
        return String(decoding: output[..<Int(count)], as: UTF8.self)
    }
}
