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
            try cipher(&check) { data, encrypting throws(SM4Error) in
                encrypting ? try SM4.encryptECB(data, key: key) : try SM4.decryptECB(data, key: key)
            }
        },
        VectorOperation("sm4_cbc") { check throws(VectorFailure) in
            let key = try check.key("key")
            let vector = try check.bytes("iv")
            try cipher(&check) { data, encrypting throws(SM4Error) in
                encrypting
                    ? try SM4.encryptCBC(data, key: key, vector: vector)
                    : try SM4.decryptCBC(data, key: key, vector: vector)
            }
        },
        VectorOperation("sm4_cbc_mac") { check throws(VectorFailure) in
            let key = try check.key("key")
            let message = try check.message()
            let padding = check.has("padding") ? try check.padding() : .method1
            let code = try check.attempt { () throws(SM4Error) in try SM4.mac(message, key: key, padding: padding) }
            let isVerified = try check.attempt { () throws(SM4Error) in
                try SM4.verify(code, message: message, key: key, padding: padding)
            }
            check.require(isVerified, "mac: not verified")
            expectMAC(&check, code)
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
            let own = try check.attempt { () throws(CurveError) in try SM2.publicKey(privateKey: privateKey) }
            let publicKey = check.has("public_x") ? try point(check, "public_x", "public_y") : own
            let message = try check.message()
            let hasIdentifier = check.has("user_id") || check.has("user_id_ascii")
            let identifier = hasIdentifier ? try check.message("user_id") : SM2.defaultIdentifier
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
        VectorOperation("unionpay_mac_sm4") { check throws(VectorFailure) in
            let key = try check.key("mak")
            let data = try check.bytes("mac_block_data")
            let block = try check.attempt { () throws(SM4Error) in try UnionPayMAC.sm4LastBlock(key: key, message: data)
            }
            check.expect("last_block", block)
            let code = try check.attempt { () throws(SM4Error) in try UnionPayMAC.sm4Code(key: key, message: data) }
            check.expect("mac_field64_ascii", text: String(decoding: code, as: UTF8.self))
        },
        VectorOperation("unionpay_key_download") { check throws(VectorFailure) in try keyDownload(&check) },
        VectorOperation("tdes_ecb") { check throws(VectorFailure) in
            let key = try doubledKey(check, "key")
            try cipher(&check) { data, encrypting throws(VectorFailure) in
                guard let output = CipherCalculator.tdes(data, key: key, encrypting: encrypting) else {
                    throw VectorFailure("a key or data of a wrong length")
                }
                return output
            }
        },
    ]

    /// From a plaintext the ciphertext and back; from a ciphertext alone the plaintext.
    private static func cipher<E: Error>(
        _ check: inout VectorCheck, _ transform: ([UInt8], Bool) throws(E) -> [UInt8]
    ) throws(VectorFailure) {
        guard check.has("plaintext") else {
            let ciphertext = try check.bytes("ciphertext")
            return check.expect(
                "plaintext", try check.attempt { () throws(E) in try transform(ciphertext, false) })
        }
        let plaintext = try check.bytes("plaintext")
        let output = try check.attempt { () throws(E) in try transform(plaintext, true) }
        check.expect("ciphertext", output)
        let back = try check.attempt { () throws(E) in try transform(output, false) }
        check.require(back == plaintext, "the ciphertext does not decrypt")
    }

    private static func keyDownload(_ check: inout VectorCheck) throws(VectorFailure) {
        let master = try check.key("tmk")
        let field = try check.bytes("field62")
        let isSM4 = check.has("algorithm") ? try check.text("algorithm") == "SM4" : false
        let cipher: WorkingKeyDownload.Cipher = isSM4 ? .sm4 : .tdes
        let keys = try check.attempt { () throws(WorkingKeyError) in
            try WorkingKeyDownload.openUnchecked(field, masterKey: master, cipher: cipher)
        }
        check.expect("pik", key: keys.pin)
        check.expect("pik_kcv", WorkingKeyDownload.checkValue(keys.pin, cipher))
        check.expect("mak", key: keys.mac)
        check.expect("mak_kcv", WorkingKeyDownload.checkValue(keys.mac, cipher))
        guard let track = keys.track() else { return }
        check.expect("tdk", key: track)
        check.expect("tdk_kcv", WorkingKeyDownload.checkValue(track, cipher))
    }

    /// `04 ‖ x ‖ y`.
    static func point(_ check: VectorCheck, _ x: String, _ y: String) throws(VectorFailure) -> [UInt8] {
        [4] + (try check.bytes(x)) + (try check.bytes(y))
    }
}
