// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Testing
import Vocabulary

extension KnownAnswerTests {
    static let keys: [KnownAnswer] =
        Vector.all("kcv", "kcv_tdes_zeros", "kcv_aes_cmac_zeros").map { vector in
            let algorithm = vector.operation == "kcv_tdes_zeros" ? "tdes" : "aes"
            let kcv = vector.expected("kcv") ?? ""
            return KnownAnswer(
                vector, ["kcv", "--algorithm", algorithm, "--key", vector.input("key"), "--verify", kcv],
                ["kcv": kcv], secrets: ["key"])
        }
        + Vector.all("kcv", "form_key_from_components").map { vector in
            let components = (vector.json["inputs"]?["components"]?.array ?? []).compactMap(\.string)
            return KnownAnswer(vector, ["components"] + components, ["kcv": vector.expected("kcv")])
        }
        + Vector.all("tr31", "unwrap").map { vector in
            let count = Int(vector.expected("key_length_bits") ?? "") ?? 0
            let key = SecretKey(hex: vector.expected("key") ?? "")
            let algorithm = vector.expected("algorithm") ?? ""
            var kcv: String?
            if let key {
                switch (algorithm, count) {
                case ("T", 64): kcv = Hex.text(KCV.des(key))
                case ("T", _): kcv = Hex.text(KCV.tdes(key))
                case ("A", _): kcv = Hex.text(KCV.aes(key))
                default: break
                }
            }
            var answer = KnownAnswer(
                vector, ["key-block", "read", "--kbpk", vector.input("kbpk"), vector.input("key_block")],
                [
                    "usage": vector.expected("usage"), "algorithm": algorithm,
                    "modeOfUse": vector.expected("mode_of_use"), "keyVersion": vector.expected("key_version"),
                    "exportability": vector.expected("exportability"), "bits": vector.expected("key_length_bits"),
                    "kcv": kcv,
                ])
            answer.secrets = [vector.input("kbpk"), vector.expected("key") ?? ""]
            return answer
        }

    @Test("Check values, components and key blocks", arguments: keys)
    func key(_ answer: KnownAnswer) throws { try answer.check() }

    private static let macs = [
        "iso9797_1_alg3": "retail", "iso9797_1_alg3_two_double_length_keys": "retail-tdes",
        "iso9797_1_alg1_tdes": "tdes-cbc", "cmac_aes": "aes-cmac", "cmac_tdes": "tdes-cmac",
        "hmac_sha256": "hmac-sha256",
    ]

    static let codes: [KnownAnswer] =
        Vector.all("mac").compactMap { vector in
            guard let algorithm = macs[vector.operation], let mac = vector.expected("mac") else { return nil }
            let isText = vector.has("message_ascii")
            let message = vector.input(isText ? "message_ascii" : "message")
            let padding = vector.has("padding") ? ["--padding", vector.input("padding")] : []
            let second = vector.has("key2") ? ["--second-key", vector.input("key2")] : []
            return KnownAnswer(
                vector,
                [
                    "mac", "--algorithm", algorithm, "--key", vector.input(vector.has("key1") ? "key1" : "key"),
                    isText || message.isEmpty ? "--text" : "--data", message, "--verify", mac, "--length",
                    "\(mac.utf8.count / 2)",
                ] + padding + second, ["mac": mac], secrets: ["key", "key1", "key2"])
        }
        + Vector.all("sm_unionpay", "unionpay_mac_ecb").map { vector in
            KnownAnswer(
                vector,
                [
                    "mac", "--algorithm", "unionpay", "--key", vector.input("mak"), "--data",
                    vector.input("mac_block_data"),
                ], ["mac": vector.expected("mac_field64_ascii")], secrets: ["mak"])
        }
        + Vector.all("sm_unionpay", "sm4_ecb", "sm4_cbc").filter { $0.has("plaintext") }.map { vector in
            KnownAnswer(
                vector,
                ["cipher", "--algorithm", "sm4", "--key", vector.input("key"), "--data", vector.input("plaintext")]
                    + (vector.has("iv") ? ["--iv", vector.input("iv")] : []),
                ["ciphertext": vector.expected("ciphertext")],
                secrets: vector.input("key") == vector.input("plaintext") ? [] : ["key"])
        }
        + Vector.all("sm_unionpay", "sm3").filter { !$0.input("message").isEmpty }.map { vector in
            KnownAnswer(
                vector, ["hash", "--algorithm", "sm3", "--data", vector.input("message")],
                ["digest": vector.expected("digest")])
        }

    @Test("MACs, ciphers and hashes", arguments: codes)
    func code(_ answer: KnownAnswer) throws { try answer.check() }

    static let cryptograms: [KnownAnswer] =
        Vector.all("emv", "scheme_arqc").filter { !$0.has("padding") }.map { vector in
            let un = vector.has("un") ? ["--un", vector.input("un")] : []
            let arqc = vector.expected("arqc") ?? ""
            let answers = vector.expected("arpc_method2_csu00000000") != nil ? ["--csu", "00000000"] : []
            return KnownAnswer(
                vector,
                [
                    "arqc", "--cvn", vector.input("scheme"), "--imk", vector.input("imk_ac"), "--pan",
                    vector.input("pan"), "--psn", vector.input("psn"), "--atc", vector.input("atc"), "--data",
                    vector.input("data"), "--arqc", arqc,
                ] + un + answers, ["arqc": arqc, "arpc": vector.expected("arpc_method2_csu00000000")],
                secrets: ["imk_ac"])
        }
        + Vector.all("emv", "arpc_method1").map { vector in
            KnownAnswer(
                vector,
                ["arpc", "--key", vector.input("key"), "--arqc", vector.input("arqc"), "--arc", vector.input("arc")],
                ["arpc": vector.expected("arpc")], secrets: ["key"])
        }
        + Vector.all("emv", "arpc_method2").map { vector in
            KnownAnswer(
                vector,
                [
                    "arpc", "--key", vector.input("session_key"), "--arqc", vector.input("arqc"), "--csu",
                    vector.input("csu"),
                ]
                    + (vector.input("proprietary_auth_data").isEmpty
                        ? [] : ["--proprietary-data", vector.input("proprietary_auth_data")]),
                ["arpc": vector.expected("arpc")], secrets: ["session_key"])
        }

    @Test("Cryptograms and their answers", arguments: cryptograms)
    func cryptogram(_ answer: KnownAnswer) throws { try answer.check() }

    private static func tdesCheckValue(_ hex: String?) -> String? {
        guard let key = SecretKey(hex: hex ?? "") else { return nil }
        return Hex.text(KCV.tdes(key))
    }

    static let tokens: [KnownAnswer] =
        Vector.all("tr34", "tr34_random_number").map { vector in
            KnownAnswer(
                vector, ["tr34", "read", vector.input("token")], ["randomNumber": vector.expected("random_number")])
        }
        + Vector.all("tr34", "tr34_key_token").map { vector in
            var answer = KnownAnswer(
                vector,
                [
                    "tr34", "open", "--mixed-masks", "--device-certificate", vector.input("device_certificate"),
                    "--device-key", vector.input("device_private_key"), "--host-certificate",
                    vector.input("host_certificate"), vector.input("token"),
                ],
                [
                    "usage": vector.expected("usage"), "algorithm": vector.expected("algorithm"),
                    "randomNumber": vector.expected("random_number"),
                    "kcv": tdesCheckValue(vector.expected("key")),
                ])
            answer.secrets = [vector.expected("key") ?? ""]
            return answer
        }

    @Test("TR-34 tokens", arguments: tokens)
    func token(_ answer: KnownAnswer) throws { try answer.check() }
}
