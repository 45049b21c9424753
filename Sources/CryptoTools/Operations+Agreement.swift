// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

extension VectorRunner {
    /// Key agreement and key derivation.
    static let agreementOperations: [VectorOperation] = [
        VectorOperation("ecdh_p256") { check throws(VectorFailure) in try agree(&check, .p256) },
        VectorOperation("ecdh_p384") { check throws(VectorFailure) in try agree(&check, .p384) },
        VectorOperation("ecdh_p521") { check throws(VectorFailure) in try agree(&check, .p521) },
        VectorOperation("x963_kdf") { check throws(VectorFailure) in
            let name = try check.text("hash")
            guard let digest = DigestAlgorithm(rawValue: name) else { throw VectorFailure("unknown hash \"\(name)\"") }
            let count = try check.expectedCount("key_data")
            guard (1...SecretKey.countMax).contains(count) else { throw VectorFailure("no length of key data") }
            let key = X963KDF.derive(
                secret: try check.key("z"), sharedInfo: try check.bytes("shared_info"), digest: digest, count: count)
            check.expect("key_data", key: key)
        },
        VectorOperation("sp800_108_counter_cmac") { check throws(VectorFailure) in try derive(&check) },
        VectorOperation("sp800_108_counter_hmac") { check throws(VectorFailure) in try derive(&check) },
    ]

    private static func agree(_ check: inout VectorCheck, _ curve: EllipticCurve) throws(VectorFailure) {
        let privateKey = try check.key("private_key")
        let peer = try point(check, "peer_x", "peer_y")
        let secret = try check.attempt { () throws(CurveError) in
            try ECDH.sharedSecret(curve: curve, privateKey: privateKey, peer: peer)
        }
        check.expect("z", key: secret)
    }

    private static func derive(_ check: inout VectorCheck) throws(VectorFailure) {
        let name = try check.text("prf")
        let key = try check.key("key")
        let function: CounterKDFFunction
        switch name {
        case "CMAC_AES128" where key.count == 16, "CMAC_AES192" where key.count == 24,
            "CMAC_AES256" where key.count == 32:
            function = .aesCMAC
        case "CMAC_TDES2" where key.count == 16, "CMAC_TDES3" where key.count == 24: function = .tdesCMAC
        case "HMAC_SHA1": function = .hmac(.sha1)
        case "HMAC_SHA224": function = .hmac(.sha224)
        case "HMAC_SHA256": function = .hmac(.sha256)
        case "HMAC_SHA384": function = .hmac(.sha384)
        case "HMAC_SHA512": function = .hmac(.sha512)
        default: throw VectorFailure("no function \"\(name)\" with a key of \(key.count) bytes")
        }
        let (bits, counterBits) = (try check.integer("L_bits"), try check.integer("r_bits"))
        guard bits > 0, bits % 8 == 0, counterBits > 0, counterBits % 8 == 0 else {
            throw VectorFailure("lengths are whole bytes")
        }
        let input = try check.bytes("fixed_input")
        let output = try check.attempt { () throws(CounterKDFError) in
            try CounterKDF.derive(
                key: key, fixedInput: input, function: function, counterBytes: counterBits / 8, count: bits / 8)
        }
        check.expect("key_out", key: output)
    }
}
