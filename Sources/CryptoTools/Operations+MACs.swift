// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

extension VectorRunner {
    /// MACs (ISO 9797-1 and -2), their padding, check values and components.
    static let macOperations: [VectorOperation] = [
        VectorOperation("iso9797_1_alg3") { check throws(VectorFailure) in try retailMAC(&check) },
        VectorOperation("x919_mac") { check throws(VectorFailure) in try retailMAC(&check) },
        VectorOperation("iso9797_1_alg3_two_double_length_keys") { check throws(VectorFailure) in
            let first = try tdesKey(check, "key1")
            let second = try tdesKey(check, "key2")
            let (message, padding) = (try check.message(), try paddingOrFirst(check))
            let code = RetailMAC.code(first: first, second: second, message: message, padding: padding)
            check.require(
                RetailMAC.verify(code, first: first, second: second, message: message, padding: padding),
                "mac: not verified")
            expectMAC(&check, code)
        },
        VectorOperation("iso9797_1_alg1_tdes") { check throws(VectorFailure) in
            let key = try tdesKey(check, "key")
            let (message, padding) = (try check.message(), try paddingOrFirst(check))
            let code = RetailMAC.algorithm1(key: key, message: message, padding: padding)
            check.require(
                RetailMAC.verifyAlgorithm1(code, key: key, message: message, padding: padding), "mac: not verified")
            expectMAC(&check, code)
        },
        VectorOperation("x99_mac") { check throws(VectorFailure) in
            let key = try check.key("key")
            guard key.count == 8 else { throw VectorFailure("an X9.9 key has 8 bytes") }
            expectMAC(&check, X99MAC.code(key: key, message: try check.message()))
        },
        VectorOperation("cmac_aes") { check throws(VectorFailure) in
            let key = try aesKey(check)
            let message = try check.message()
            let code = AESCMAC(key: key).code(message)
            check.require(AESCMAC(key: key).verify(code, message: message), "mac: not verified")
            expectMAC(&check, code)
        },
        VectorOperation("cmac_tdes") { check throws(VectorFailure) in
            let key = try tdesKey(check, "key")
            let message = try check.message()
            let code = TDESCMAC.code(key: key, message: message)
            check.require(TDESCMAC.verify(code, key: key, message: message), "mac: not verified")
            expectMAC(&check, code)
        },
        VectorOperation("cmac_sm4") { check throws(VectorFailure) in
            let key = try check.key("key")
            let message = try check.message()
            expectMAC(&check, try check.attempt { () throws(SM4Error) in try SM4CMAC.code(key: key, message: message) })
        },
        VectorOperation("hmac_sha1") { check throws(VectorFailure) in try hmac(&check, .sha1) },
        VectorOperation("hmac_sha224") { check throws(VectorFailure) in try hmac(&check, .sha224) },
        VectorOperation("hmac_sha256") { check throws(VectorFailure) in
            try hmac(&check, .sha256)
            expectMAC(&check, HMACSHA256.code(key: try hmacKey(check), message: try check.message()))
        },
        VectorOperation("hmac_sha384") { check throws(VectorFailure) in try hmac(&check, .sha384) },
        VectorOperation("hmac_sha512") { check throws(VectorFailure) in try hmac(&check, .sha512) },
        VectorOperation("hmac_sm3") { check throws(VectorFailure) in try hmac(&check, .sm3) },
        VectorOperation("padding") { check throws(VectorFailure) in
            let message = try check.message()
            let size = check.has("block_length") ? try check.integer("block_length") : 8
            guard (1...64).contains(size) else { throw VectorFailure("a block has 1 to 64 bytes") }
            for padding in MACPadding.allCases {
                check.expect("method\(padding.rawValue)", padding.padded(message, blockCount: size))
            }
        },
        VectorOperation("kcv_tdes_zeros") { check throws(VectorFailure) in
            let key = try tdesKey(check, "key")
            let block = CipherCalculator.tdes([UInt8](repeating: 0, count: 8), key: key, encrypting: true)
            check.expect("kcv", truncated: try check.unwrap(block, "a TDES key has 8, 16 or 24 bytes"), countMin: 1)
        },
        VectorOperation("kcv_aes_cmac_zeros") { check throws(VectorFailure) in
            let code = AESCMAC(key: try aesKey(check)).code([UInt8](repeating: 0, count: 16))
            check.expect("kcv", truncated: code, countMin: 1)
        },
        VectorOperation("kcv_sm4_zeros") { check throws(VectorFailure) in
            let key = try check.key("key")
            let block = try check.attempt { () throws(SM4Error) in try SM4.kcv(key, count: 16) }
            check.expect("kcv", truncated: block, countMin: 1)
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
            guard check.expects("kcv") else { return }
            check.expect("kcv", truncated: try checkValue(check, key), countMin: 1)
        },
    ]

    // MARK: - Steps

    /// Of the algorithm that is named; without one, of TDES, or of AES where only AES has the length.
    private static func checkValue(_ check: VectorCheck, _ key: borrowing SecretKey) throws(VectorFailure) -> [UInt8] {
        let name = check.has("algorithm") ? try check.text("algorithm").uppercased() : key.count == 32 ? "AES" : "TDES"
        switch (name, key.count) {
        case ("DES", 8), ("TDES", 8): return KCV.des(key)
        case ("TDES", 16), ("TDES", 24): return KCV.tdes(key)
        case ("AES", 16), ("AES", 24), ("AES", 32): return KCV.aes(key)
        default: throw VectorFailure("no \(name) key has \(key.count) bytes")
        }
    }

    private static func retailMAC(_ check: inout VectorCheck) throws(VectorFailure) {
        let key = try doubledKey(check, "key")
        guard key.count == 16 else { throw VectorFailure("a retail MAC key has 8 or 16 bytes") }
        let (message, padding) = (try check.message(), try paddingOrFirst(check))
        let code = RetailMAC.code(key: key, message: message, padding: padding)
        check.require(
            RetailMAC.verify(code, key: key, message: message, padding: padding), "mac: not verified")
        expectMAC(&check, code)
    }

    private static func paddingOrFirst(_ check: VectorCheck) throws(VectorFailure) -> MACPadding {
        check.has("padding") ? try check.padding() : .method1
    }

    /// The code, whole or its first bytes.
    static func expectMAC(_ check: inout VectorCheck, _ code: [UInt8]) {
        check.expect("mac", truncated: code)
        check.expect("mac4", Array(code.prefix(4)))
        check.expect("mac8", Array(code.prefix(8)))
    }

    private static func hmac(_ check: inout VectorCheck, _ digest: DigestAlgorithm) throws(VectorFailure) {
        let key = try hmacKey(check)
        let message = try check.message()
        let code = digest.hmac(key: key, message: message)
        check.require(digest.verifyHMAC(code, key: key, message: message), "mac: not verified")
        expectMAC(&check, code)
    }

    /// An empty key gives what one zero byte gives: HMAC fills keys up with zeros (FIPS 198-1 section 4).
    private static func hmacKey(_ check: VectorCheck) throws(VectorFailure) -> SecretKey {
        try check.text("key").isEmpty ? SecretKey(count: 1) { _ in } : check.key("key")
    }

    /// A TDES key; one of 8 bytes twice, which does the same as single DES.
    static func doubledKey(_ check: VectorCheck, _ name: String) throws(VectorFailure) -> SecretKey {
        let text = try check.text(name)
        return try check.key(hex: text.utf8.count == 16 ? text + text : text, name)
    }
}
