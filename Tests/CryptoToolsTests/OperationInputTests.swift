// SPDX-License-Identifier: Apache-2.0
import CryptoTools
import Testing
import Vocabulary

/// The same operations with other inputs than the files have: optional ones left out, other lengths, the way back.
@Suite struct `An operation` {
    static func failures(_ operation: String, _ inputs: JSON, _ expected: JSON) -> [String] {
        VectorRunner.run(["id": "x", "op": .string(operation), "inputs": inputs, "expected": expected]).failures
    }

    /// From published answers: FIPS 113, GB/T 32907 A.1, RFC 4231 and 2202, NIST SP 800-38B, EMV by pyemv's tests.
    static let cases: [(String, JSON, JSON)] = [
        ("kcv_tdes_zeros", ["key": "0123456789ABCDEF"], ["kcv": "D5D44FF720683D0D"]),
        ("kcv_tdes_zeros", ["key": "0123456789ABCDEF"], ["kcv": "D5D4"]),
        ("kcv_tdes_zeros", ["key": "0123456789ABCDEFFEDCBA9876543210"], ["kcv": "08D7"]),
        ("kcv_sm4_zeros", ["key": "0123456789ABCDEFFEDCBA9876543210"], ["kcv": "2677F46B09C122CC975533105BD4A22A"]),
        (
            "tdes_ecb", ["key": "0123456789ABCDEF", "plaintext": "4E6F772069732074"],
            ["ciphertext": "3FA40E8A984D4815"]
        ),
        (
            "tdes_ecb", ["key": "0123456789ABCDEF", "ciphertext": "3FA40E8A984D4815"],
            ["plaintext": "4E6F772069732074"]
        ),
        (
            "sm4_ecb",
            ["key": "0123456789ABCDEFFEDCBA9876543210", "ciphertext": "681EDF34D206965E86B3E94F536E4246"],
            ["plaintext": "0123456789ABCDEFFEDCBA9876543210"]
        ),
        ("iso9797_1_alg3", ["key": "0123456789ABCDEF", "message_ascii": "Now is t"], ["mac": "3FA40E8A"]),
        ("x99_mac", ["key": "0123456789ABCDEF", "message_ascii": "Now is t"], ["mac": "3FA40E8A"]),
        (
            "hmac_sha256", ["key": "", "message": ""],
            ["mac": "B613679A0814D9EC772F95D778C35FC5FF1697C493715653C6C712144292C5AD"]
        ),
        (
            "hmac_sha1", ["key": "0C0C0C0C0C0C0C0C0C0C0C0C0C0C0C0C0C0C0C0C", "message_ascii": "Test With Truncation"],
            ["mac": "4C1A03424B55E07FE7F27BE1"]
        ),
        (
            "hmac_sha512",
            ["key": "0C0C0C0C0C0C0C0C0C0C0C0C0C0C0C0C0C0C0C0C", "message_ascii": "Test With Truncation"],
            ["mac": "415FAD6271580A531D4179BC891D87A6"]
        ),
        ("cmac_aes", ["key": "2B7E151628AED2A6ABF7158809CF4F3C", "message": ""], ["mac": "BB1D6929E9593728"]),
        ("padding", ["message": "123456"], ["method2": "1234568000000000"]),
        (
            "arpc_method2",
            ["key": "3E736BF8D37664348A04E3ABE00DEFC1", "arqc": "4B46013359B7A58B", "csu": "00000000"],
            ["arpc": "7DFB1188"]
        ),
        (
            "emv2000_session_key", ["icc_mk": "0123456789ABCDEF0123456789ABCDEF", "atc": "00FF"],
            ["session_key_odd_parity": "981F9D208AE6132CBC8A7C97F42A5445"]
        ),
        (
            "script_mac",
            [
                "imk_smi": "FEDCBA98765432100123456789ABCDEF", "pan": "1234567890123456", "atc": "001C",
                "arqc": "29CCA15AE665FA2E", "command_header": "8418000008",
            ],
            ["mac": "DB56BA60"]
        ),
        (
            "scheme_arqc",
            [
                "imk_ac": "0123456789ABCDEFFEDCBA9876543210", "pan": "1234567890123456", "atc": "001C",
                "data": "0000000040000000000000000124800004800001241911050152BF45851800001C03A06010",
                "scheme": "Visa CVN 10",
            ],
            ["arqc": "29CCA15AE665FA2E", "arpc_method1_icc_mk_arc3030": "28993816AFAE4AEB"]
        ),
        (
            "ibm3624",
            [
                "pvk": "0123456789ABCDEFFEDCBA9876543210", "validation_data": "1122334455667788",
                "decimalization_table": "1234567890123456", "offset": "0000FFFFFFFF",
            ], ["pin": "4524"]
        ),
        (
            "iso9564_format0_tdes",
            ["key": "7189b4a9074f1f625ebfa6aeaade1ce9", "encrypted_block": "3c1e0419855536b6", "pan": "6028104482455"],
            ["pin": "0401"]
        ),
        (
            "iso9564_format3", ["pin": "1234567890", "pan": "5555555551234567", "fill_digits": "FFFF"],
            ["block": "3A1261032D82CBA9"]
        ),
        (
            "iso9564_format4_encipher",
            [
                "key": "C1D0F8FB4958670DBA40AB1F3752EF0D", "pin": "1234", "pan": "432198765432109870",
                "random": "146C6601F4A8035C",
            ], ["block": "CC17F65586BFD0953010226C4FC5B3CA"]
        ),
        (
            "x963_kdf", ["hash": "sha256", "z": "96C05619D56C328AB95FE84B18264B08725B85E33FD34F08"],
            ["key_data": "443024C3DAE66B95E6F5670601558F71"]
        ),
        (
            // The curve's own generator, since the private key is one.
            "ecdh_p256",
            [
                "private_key": "01", "peer_x": "6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296",
                "peer_y": "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5",
            ], ["z": "6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"]
        ),
        (
            "form_key_from_components",
            [
                "components": [
                    "09D1AA90F686CA231411D99FD74031B41A43BF7283A094390698D45D8BB4E114",
                    "0000000000000000000000000000000000000000000000000000000000000000",
                ]
            ], ["kcv": "D5A6BF020E"]
        ),
        (
            "form_key_from_components",
            ["components": ["0123456789ABCDEF", "0000000000000000"], "algorithm": "DES"], ["kcv": "D5D44F"]
        ),
        (
            "encrypt_key_under_variant_lmk",
            [
                "lmk_pair": "0123456789ABCDEFFEDCBA9876543210", "variant": 0, "scheme": "Z",
                "clear_key": "0123456789ABCDEF",
            ], ["kcv": "D5D44FF720683D0D"]
        ),
        (
            "cvc3",
            [
                "imk_cvc3": "12345678123456781234567812345678", "pan": "1234567890123456", "ivcvc3": "CD76",
                "atc": "2710", "unpredictable_number": "00002710",
            ], ["cvc3_5digits": "39464"]
        ),
        (
            // Ten of the digits that this cipher text has are decimal; the letters come behind them.
            "cvv",
            [
                "cvk": "D676DCF3AFB7350532EAF00EA253D875", "pan": "4123450990122129", "expiry": "0721",
                "service_code": "202",
            ], ["value": "2410"]
        ),
        (
            "ibm3624", ["pvk": "0123456789ABCDEFFEDCBA9876543210", "pan": "4111111111111111", "pin": "1234"],
            ["offset": "3104"]
        ),
        (
            "unionpay_key_download",
            [
                "tmk": "CA5D92598DCA48CE8A4C76361A9269E9",
                "field62": "6701EAD6A9AD51E51AA406E2C27FCFA98D0A74B8B651F9E9BACE9AE10000000000000000AB7153CA",
            ],
            [
                "pik": "807A23AD32B36D457AE91FDF927570EA", "pik_kcv": "8D0A74B8", "mak": "5BB5C72CD00B7338",
                "mak_kcv": "AB7153CA",
            ]
        ),
        (
            "unionpay_mac_sm4",
            ["mak": "0123456789ABCDEFFEDCBA9876543210", "mac_block_data": "0200"],
            ["mac_field64_ascii": "C035E034"]
        ),
    ]

    @Test(arguments: cases.indices)
    func `takes other inputs than the files have`(index: Int) {
        let (operation, inputs, expected) = Self.cases[index]
        #expect(Self.failures(operation, inputs, expected) == [], "\(operation)")
        for member in expected.members ?? [] {
            let other: JSON = .object([.init(member.name, .string("00" + (member.value.string ?? "").dropFirst(2)))])
            #expect(!Self.failures(operation, inputs, other).isEmpty, "\(operation)")
        }
    }

    @Test func `takes an identifier that was not named as the usual one`() throws {
        let vectors = try #require(try JSON(parsing: VectorFiles.text("sm_unionpay"))["vectors"]?.array)
        let vector = try #require(vectors.first { $0["op"]?.string == "sm2_sign" })
        let kept = (vector["inputs"]?.members ?? []).filter {
            !["user_id_ascii", "public_x", "public_y"].contains($0.name)
        }
        #expect(Self.failures("sm2_sign", .object(kept), vector["expected"] ?? .null) == [])
    }
}
