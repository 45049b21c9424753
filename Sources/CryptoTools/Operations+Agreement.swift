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
            let digest = try digest(named: try check.text("hash"))
            let count = try check.expectedCount("key_data")
            guard (1...SecretKey.countMax).contains(count) else { throw VectorFailure("no length of key data") }
            let shared = check.has("shared_info") ? try check.bytes("shared_info") : []
            let key = X963KDF.derive(secret: try check.key("z"), sharedInfo: shared, digest: digest, count: count)
            check.expect("key_data", key: key)
        },
        VectorOperation("sp800_108_counter_cmac") { check throws(VectorFailure) in try derive(&check) },
        VectorOperation("sp800_108_counter_hmac") { check throws(VectorFailure) in try derive(&check) },
    ]

    private static func agree(_ check: inout VectorCheck, _ curve: EllipticCurve) throws(VectorFailure) {
        let privateKey = try check.key(
            hex: padded(try check.text("private_key"), curve.coordinateCount), "private_key")
        var peer: [UInt8] = [4]
        for name in ["peer_x", "peer_y"] {
            guard let coordinate = Hex.bytes(padded(try check.text(name), curve.coordinateCount)) else {
                throw VectorFailure("input \"\(name)\" is not hexadecimal")
            }
            peer += coordinate
        }
        let secret = try check.attempt { () throws(CurveError) in
            try ECDH.sharedSecret(curve: curve, privateKey: privateKey, peer: peer)
        }
        check.expect("z", key: secret)
    }

    /// A number in hexadecimal with the zeros before it that its curve has.
    private static func padded(_ hex: String, _ count: Int) -> String {
        String(repeating: "0", count: max(0, 2 * count - hex.utf8.count)) + hex
    }

    /// `SHA-256`, `SHA256` or `sha256`.
    static func digest(named name: String) throws(VectorFailure) -> DigestAlgorithm {
        func letters(_ text: String) -> String { String(text.uppercased().filter { $0 != "-" && $0 != "_" }) }
        guard let digest = DigestAlgorithm.allCases.first(where: { letters($0.rawValue) == letters(name) }) else {
            throw VectorFailure("unknown hash \"\(name)\"")
        }
        return digest
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
        case _ where name.hasPrefix("HMAC_"): function = .hmac(try digest(named: String(name.dropFirst(5))))
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
