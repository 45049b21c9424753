// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

extension VectorRunner {
    /// MACs (ISO 9797-1 and -2), their padding, check values and components.
    static let macOperations: [VectorOperation] = [
        VectorOperation("iso9797_1_alg3") { check throws(VectorFailure) in
            let key = try check.key("key")
            guard key.count == 16 else { throw VectorFailure("a retail MAC key has 16 bytes") }
            expectMAC(
                &check, RetailMAC.code(key: key, message: try check.message(), padding: try check.padding()))
        },
        VectorOperation("iso9797_1_alg3_two_double_length_keys") { check throws(VectorFailure) in
            let first = try tdesKey(check, "key1")
            let second = try tdesKey(check, "key2")
            let code = RetailMAC.code(
                first: first, second: second, message: try check.message(), padding: try check.padding())
            expectMAC(&check, code)
        },
        VectorOperation("iso9797_1_alg1_tdes") { check throws(VectorFailure) in
            let key = try tdesKey(check, "key")
            let padding = try check.padding()
            let code = try check.message().withUnsafeBytes {
                RetailMAC.algorithm1(key: key, message: $0, padding: padding)
            }
            expectMAC(&check, code)
        },
        VectorOperation("cmac_aes") { check throws(VectorFailure) in
            expectMAC(&check, AESCMAC(key: try aesKey(check)).code(try check.message()))
        },
        VectorOperation("cmac_tdes") { check throws(VectorFailure) in
            expectMAC(&check, TDESCMAC.code(key: try tdesKey(check, "key"), message: try check.message()))
        },
        VectorOperation("hmac_sha1") { check throws(VectorFailure) in try hmac(&check, .sha1) },
        VectorOperation("hmac_sha224") { check throws(VectorFailure) in try hmac(&check, .sha224) },
        VectorOperation("hmac_sha256") { check throws(VectorFailure) in
            try hmac(&check, .sha256)
            let code = HMACSHA256.code(key: try check.key("key"), message: try check.message())
            check.expect("mac", code)
        },
        VectorOperation("hmac_sha384") { check throws(VectorFailure) in try hmac(&check, .sha384) },
        VectorOperation("hmac_sha512") { check throws(VectorFailure) in try hmac(&check, .sha512) },
        VectorOperation("hmac_sm3") { check throws(VectorFailure) in try hmac(&check, .sm3) },
        VectorOperation("padding") { check throws(VectorFailure) in
            let message = try check.message()
            let size = try check.integer("block_length")
            guard size == 8 || size == 16 else { throw VectorFailure("a block has 8 or 16 bytes") }
            for padding in MACPadding.allCases {
                check.expect("method\(padding.rawValue)", padding.padded(message, blockCount: size))
            }
        },
        VectorOperation("kcv_tdes_zeros") { check throws(VectorFailure) in
            let count = try check.expectedCount("kcv")
            guard (1...3).contains(count) else { throw VectorFailure("a TDES check value has 1 to 3 bytes") }
            check.expect("kcv", Array(KCV.tdes(try tdesKey(check, "key")).prefix(count)))
        },
        VectorOperation("kcv_aes_cmac_zeros") { check throws(VectorFailure) in
            let count = try check.expectedCount("kcv")
            guard (1...5).contains(count) else { throw VectorFailure("an AES check value has 1 to 5 bytes") }
            check.expect("kcv", Array(KCV.aes(try aesKey(check)).prefix(count)))
        },
        VectorOperation("kcv_sm4_zeros") { check throws(VectorFailure) in
            let count = try check.expectedCount("kcv")
            guard (3...16).contains(count) else { throw VectorFailure("an SM4 check value has 3 to 16 bytes") }
            let key = try check.key("key")
            check.expect("kcv", try check.attempt { () throws(SM4Error) in try SM4.kcv(key, count: count) })
        },
        VectorOperation("form_key_from_components") { check throws(VectorFailure) in
            guard let components = check.input("components")?.array?.compactMap(\.string), let first = components.first
            else { throw VectorFailure("input \"components\" is missing") }
            var key = try check.key(hex: first, "components")
            for text in components.dropFirst() {
                let combined = key.combined(with: try check.key(hex: text, "components"))
                key = try check.unwrap(combined, "components differ in length")
            }
            check.expect("key_xor", key: key)
            check.expect("key_odd_parity", key: key.withOddParity())
            guard key.count == 16 || key.count == 24 else { throw VectorFailure("a TDES key has 16 or 24 bytes") }
            check.expect("kcv", KCV.tdes(key))
        },
    ]

    private static func expectMAC(_ check: inout VectorCheck, _ code: [UInt8]) {
        check.expect("mac", code)
        check.expect("mac4", Array(code.prefix(4)))
        check.expect("mac8", Array(code.prefix(8)))
    }

    private static func hmac(_ check: inout VectorCheck, _ digest: DigestAlgorithm) throws(VectorFailure) {
        expectMAC(&check, digest.hmac(key: try check.key("key"), message: try check.message()))
    }
}
