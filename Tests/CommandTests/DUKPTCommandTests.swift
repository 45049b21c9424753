// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Testing
import Vocabulary

@Suite("tillguard crypto dukpt")
struct DUKPTCommandTests {
    static let tdes = Vector.all("tdes_dukpt", "transaction").filter { $0.has("pin") && $0.has("data_ascii") }

    @Test("TDES: the published transactions, their PIN blocks, MACs and check values", arguments: tdes)
    func tdesTransaction(_ vector: Vector) throws {
        let source = vector.has("bdk") ? ["--bdk", vector.input("bdk")] : ["--ik", vector.input("ik")]
        let program = try Program.crypto(
            ["dukpt"] + source + [
                "--ksn", vector.input("ksn"), "--pin", vector.input("pin"), "--pan", vector.input("pan"), "--text",
                vector.input("data_ascii"), "--json",
            ])
        #expect(program.code == 0, "\(program.errors)")
        let json = try program.json
        if let block = vector.expected("encrypted_pinblock") { #expect(json["pinBlock"]?.string == block) }
        if let mac = vector.expected("request_mac4_x919") {
            #expect(json["requestMAC"]?.string?.hasPrefix(mac) == true, "\(program.output)")
        }
        if let mac = vector.expected("response_mac4_x919") {
            #expect(json["responseMAC"]?.string?.hasPrefix(mac) == true, "\(program.output)")
        }
        for (name, member) in [("pin_key", "pin"), ("data_request_key", "dataEncryption")] {
            guard let text = vector.expected(name), let key = SecretKey(hex: text) else { continue }
            #expect(json["keys"]?[member]?.string == Hex.text(KCV.tdes(key)), "\(program.output)")
            #expect(!program.output.contains(text))
        }
    }

    static let aes = Vector.all("aes_dukpt", "transaction")

    @Test("AES: the published transactions, read back and with their check values", arguments: aes)
    func aesTransaction(_ vector: Vector) throws {
        let source = vector.has("bdk") ? ["--bdk", vector.input("bdk")] : ["--ik", vector.input("ik")]
        var arguments = ["dukpt", "--type", "AES128", "--ksn", vector.input("ksn"), "--json"] + source
        if let block = vector.expected("encrypted_pinblock_fmt4") {
            arguments += ["--pin-block", block, "--pan", vector.input("pan"), "--show-pin"]
        }
        let program = try Program.crypto(arguments)
        #expect(program.code == 0, "\(program.errors)")
        let json = try program.json
        if vector.has("pin") { #expect(json["pin"]?.string == vector.input("pin")) }
        for (name, member) in [
            ("pin_key_aes128", "pin"), ("mac_generation_key_aes128", "macGeneration"),
            ("data_encrypt_key_aes128", "dataEncryption"),
        ] {
            guard let text = vector.expected(name), let key = SecretKey(hex: text) else { continue }
            #expect(json["keys"]?[member]?.string == Hex.text(KCV.aes(key)), "\(program.output)")
            #expect(!program.output.contains(text))
        }
    }

    static let derived = Vector.all("aes_dukpt", "derive_working_key")

    @Test("AES: working keys of every type, by their check values", arguments: derived)
    func workingKey(_ vector: Vector) throws {
        let names = [
            "0002": "keyEncryption", "1000": "pin", "2000": "macGeneration", "2001": "macVerification",
            "2002": "macBoth", "3000": "dataEncryption", "3001": "dataDecryption", "3002": "dataBoth",
        ]
        let type = vector.input("key_type")
        let program = try Program.crypto(
            "dukpt --ik \(vector.input("ik")) --ksn \(vector.input("ksn")) --type \(type.lowercased()) --json")
        #expect(program.code == 0, "\(program.errors)")
        guard let member = names[vector.input("usage_code")], !type.hasPrefix("HMAC") else { return }
        guard let key = SecretKey(hex: vector.expected("working_key") ?? "") else {
            Issue.record("no working key in \(vector.id)")
            return
        }
        let kcv = type.hasPrefix("TDES") ? KCV.tdes(key) : KCV.aes(key)
        #expect(try program.json["keys"]?[member]?.string == Hex.text(kcv))
    }

    static let updates = Vector.all("aes_dukpt", "derive_update_key")

    @Test("AES: update keys, by their check values", arguments: updates)
    func updateKey(_ vector: Vector) throws {
        let type = vector.input("key_type")
        let program = try Program.crypto(
            "dukpt update-key --ik \(vector.input("ik")) --ksn \(vector.input("ikid"))00000000 --type \(type) --json")
        #expect(program.code == 0, "\(program.errors)")
        guard let key = SecretKey(hex: vector.expected("update_key") ?? "") else {
            Issue.record("no update key in \(vector.id)")
            return
        }
        let kcv = type.hasPrefix("TDES") ? KCV.tdes(key) : KCV.aes(key)
        #expect(try program.json["kcv"]?.string == Hex.text(kcv))
    }

    @Test("A working key is never stronger than the initial key")
    func strength() throws {
        let program = try Program.crypto(
            "dukpt --ik 1273671EA26AC29AFA4D1084127652A1 --ksn 123456789012345600000001 --type AES256")
        #expect(program.code == 64 && program.errors.contains("--type"))
    }

    static let next = Vector.all("tdes_dukpt", "ksn_next") + Vector.all("aes_dukpt", "ksn_next")

    @Test("The next KSN of a device", arguments: next)
    func nextKSN(_ vector: Vector) throws {
        let json = try Program.crypto("dukpt next-ksn --ksn \(vector.input("ksn")) --json").json
        let expected = vector.json["expected"]?["next_ksn"]?.string
        #expect(json["next"]?.array?.first?.string == expected)
        #expect(json["exhausted"]?.bool == (expected == nil))
    }

    @Test(
        "What is encrypted for the host decrypts again, and a MAC of it is verified",
        arguments: ["TDES2", "AES256", "TDES3"])
    func roundTrip(type: String) throws {
        let keys =
            "--bdk FEDCBA9876543210F1F1F1F1F1F1F1F1FEDCBA9876543210F1F1F1F1F1F1F1F1 --ksn 123456789012345600000007"
        let line = "dukpt \(keys) --type \(type) --json"
        let data = "00112233445566778899AABBCCDDEEFF"
        let sealed = try Program.crypto("\(line) --encrypt \(data) --pin 12345 --pan 4111111111111111").json
        let encrypted = try #require(sealed["encryptedRequest"]?.string)
        let block = try #require(sealed["pinBlock"]?.string)
        let mac = try #require(try Program.crypto("\(line) --text hello").json["requestMAC"]?.string)
        let opened = try Program.crypto(
            "\(line) --decrypt \(encrypted) --pin-block \(block) --pan 4111111111111111 --show-pin --text hello "
                + "--verify-mac \(mac.prefix(8))"
        ).json
        #expect(opened["decryptedRequest"]?.string == data)
        #expect(opened["pin"]?.string == "12345")
        #expect(opened["verified"]?.bool == true)
        let other = try Program.crypto("\(line) --text hullo --verify-mac \(mac)")
        #expect(other.code == 1)
    }

    @Test("An initial key goes into a key block that says whose it is")
    func initialKey() throws {
        let kbpk = "88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6"
        for (bdk, ksn, id, serial) in [
            ("0123456789ABCDEFFEDCBA9876543210", "FFFF9876543210E00001", "KS", "FFFF9876543210E00000"),
            ("FEDCBA9876543210F1F1F1F1F1F1F1F1", "123456789012345600000001", "IK", "1234567890123456"),
        ] {
            let made = try Program.crypto("dukpt initial-key --bdk \(bdk) --ksn \(ksn) --kbpk \(kbpk) --json").json
            let block = try #require(made["keyBlock"]?.string)
            let read = try Program.crypto("key-block read --kbpk \(kbpk) \(block) --json").json
            #expect(read["usage"]?.string == "B1" && read["modeOfUse"]?.string == "X")
            #expect(read["kcv"] == made["kcv"])
            #expect(read["optionalBlocks"]?.array?.first?["id"]?.string == id)
            #expect(read["optionalBlocks"]?.array?.first?["data"]?.string == serial)
        }
    }
}
