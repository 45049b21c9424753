// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

extension VectorRunner {
    /// The SM algorithms and what UnionPay builds with TDES.
    static let chineseOperations: [VectorOperation] = [
        VectorOperation("sm3") { check throws(VectorFailure) in
            check.expect("digest", SM3.hash(try check.message()))
        },
        VectorOperation("sm4_ecb") { check throws(VectorFailure) in
            let key = try check.key("key")
            let plaintext = try check.bytes("plaintext")
            let output = try check.attempt { () throws(SM4Error) in try SM4.encryptECB(plaintext, key: key) }
            check.expect("ciphertext", output)
            let back = try check.attempt { () throws(SM4Error) in try SM4.decryptECB(output, key: key) }
            check.require(back == plaintext, "the ciphertext does not decrypt")
        },
        VectorOperation("sm4_cbc") { check throws(VectorFailure) in
            let key = try check.key("key")
            let plaintext = try check.bytes("plaintext")
            let vector = try check.bytes("iv")
            let output = try check.attempt { () throws(SM4Error) in
                try SM4.encryptCBC(plaintext, key: key, vector: vector)
            }
            check.expect("ciphertext", output)
            let back = try check.attempt { () throws(SM4Error) in
                try SM4.decryptCBC(output, key: key, vector: vector)
            }
            check.require(back == plaintext, "the ciphertext does not decrypt")
        },
        VectorOperation("sm4_cbc_mac") { check throws(VectorFailure) in
            let key = try check.key("key")
            let message = try check.message()
            let padding = check.has("padding") ? try check.padding() : .method1
            let code = try check.attempt { () throws(SM4Error) in try SM4.mac(message, key: key, padding: padding) }
            check.expect("mac", code)
        },
        VectorOperation("sm4_ecb_1000000_iterations") { check throws(VectorFailure) in
            let key = try check.key("key")
            let plaintext = try check.bytes("plaintext")
            let output = try check.attempt { () throws(SM4Error) in
                try SM4.encryptECB(plaintext, key: key, times: 1_000_000)
            }
            check.expect("ciphertext", output)
        },
        VectorOperation("sm2_sign") { check throws(VectorFailure) in
            let privateKey = try check.key("private_key")
            let publicKey = try point(check, "public_x", "public_y")
            let message = try check.message()
            let identifier = try check.message("user_id")
            let own = try check.attempt { () throws(CurveError) in try SM2.publicKey(privateKey: privateKey) }
            check.require(own == publicKey, "the public key is not that of the private key")
            let hash = try check.attempt { () throws(CurveError) in
                try SM2.identifierHash(publicKey: publicKey, identifier: identifier)
            }
            check.expect("za", hash)
            let k = try check.bytes("k")
            let made = try check.attempt { () throws(CurveError) in
                try SM2KnownAnswers.sign(message, privateKey: privateKey, identifier: identifier, k: k)
            }
            let signature = try check.unwrap(made, "this k gives no signature")
            check.expect("r", Array(signature[..<32]))
            check.expect("s", Array(signature[32...]))
            let fresh = try check.attempt { () throws(CurveError) in
                try SM2.sign(message, privateKey: privateKey, identifier: identifier)
            }
            for signature in [signature, fresh] {
                let verified = try check.attempt { () throws(CurveError) in
                    try SM2.verify(signature, message: message, publicKey: publicKey, identifier: identifier)
                }
                check.require(verified, "the signature does not verify")
            }
        },
        VectorOperation("sm2_encrypt") { check throws(VectorFailure) in
            let publicKey = try point(check, "public_x", "public_y")
            let message = try check.message()
            let k = try check.bytes("k")
            let output = try check.attempt { () throws(CurveError) in
                try SM2KnownAnswers.encrypt(message, publicKey: publicKey, k: k)
            }
            check.expect("c1_x", Array(output[1..<33]))
            check.expect("c1_y", Array(output[33..<65]))
            check.expect("c3", Array(output[65..<97]))
            check.expect("c2", Array(output[97...]))
            guard check.has("private_key") else { return }
            let privateKey = try check.key("private_key")
            let back = try check.attempt { () throws(CurveError) in try SM2.decrypt(output, privateKey: privateKey) }
            check.require(back.withBytes { $0.elementsEqual(message) }, "the ciphertext does not decrypt")
        },
        VectorOperation("unionpay_mac_ecb") { check throws(VectorFailure) in
            let key = try check.key("mak")
            guard [8, 16, 24].contains(key.count) else { throw VectorFailure("a MAC key has 8, 16 or 24 bytes") }
            let data = try check.bytes("mac_block_data")
            check.expect("after_second_des", UnionPayMAC.lastBlock(key: key, message: data))
            let code = UnionPayMAC.code(key: key, message: data)
            check.expect("mac_field64_ascii", text: String(decoding: code, as: UTF8.self))
        },
        VectorOperation("tdes_ecb") { check throws(VectorFailure) in
            let output = CipherCalculator.tdes(
                try check.bytes("plaintext"), key: try check.key("key"), encrypting: true)
            check.expect("ciphertext", try check.unwrap(output, "a key or data of a wrong length"))
        },
    ]

    /// `04 ‖ x ‖ y`.
    static func point(_ check: VectorCheck, _ x: String, _ y: String) throws(VectorFailure) -> [UInt8] {
        [4] + (try check.bytes(x)) + (try check.bytes(y))
    }
}
