// SPDX-License-Identifier: Apache-2.0
import Foundation
import PaymentCryptography
import Testing
import Vocabulary

@Suite("Keys out of one calculator and into another")
struct KeyRoundTripTests {
    static let kbpk = "88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6"
    static let key = "3F419E1CB7079442AA37474C2EFBF8B8"

    @Test(
        "A key block that was written is read: B, D and E, with an optional block of the user's",
        arguments: ["B", "D", "E"])
    func keyBlock(version: String) throws {
        let kbpk = version == "B" ? String(Self.kbpk.prefix(32)) : Self.kbpk
        let made = try Program.crypto([
            "key-block", "write", "--kbpk", kbpk, "--block-version", version, "--key", Self.key, "--algorithm", "T",
            "--usage", "P0", "--mode", "E", "--exportability", "S", "--key-version", "12", "--optional", "LB=till 1",
            "--json",
        ])
        #expect(made.code == 0, "\(made.errors)")
        let block = try #require(try made.json["keyBlock"]?.string)
        let read = try Program.crypto(["key-block", "read", "--kbpk", kbpk, block, "--json"]).json
        #expect(read["version"]?.string == version && read["usage"]?.string == "P0")
        #expect(read["usageMeaning"]?.string == "PIN encryption")
        #expect(read["keyVersion"]?.string == "12" && read["exportability"]?.string == "S")
        #expect(read["optionalBlocks"]?.array?.first?["data"]?.string == "till 1")
        #expect(read["authentic"]?.bool == true && read["kcv"]?.string == "57C409")
        #expect(!made.output.contains(Self.key))
    }

    @Test("A block under another key shows its header, says NO, and ends with 1")
    func foreignBlock() throws {
        let block = "B0080P0TE00E000094B420079CC80BA3461F86FE26EFC4A3B8E4FA4C5F5341176EED7B727B8A248E"
        let program = try Program.crypto("key-block read --kbpk \(Self.kbpk.prefix(32)) \(block)")
        #expect(program.code == 1 && program.output.contains("NO: another protection key"))
        #expect(program.output.contains("PIN encryption"))
        let json = try Program.crypto("key-block read --kbpk \(Self.kbpk.prefix(32)) \(block) --json")
        #expect(json.code == 1)
        #expect(try json.json["authentic"]?.bool == false)
        #expect(try json.json["kcv"] == nil)
        #expect(try Program.crypto("key-block read \(block) --json").json["authentic"] == .null)
    }

    @Test("Components combine to the key they were split from, and leave in a key block", arguments: [2, 3, 9])
    func components(parts: Int) throws {
        let split = try Program.crypto("components split --key \(Self.key) --parts \(parts) --json").json
        let components = try #require(split["components"]?.array?.compactMap { $0["component"]?.string })
        #expect(components.count == parts && Set(components).count == parts)
        let combined = try Program.crypto(
            ["components", "--verify", "57C409", "--kbpk", Self.kbpk, "--usage", "P0", "--mode", "E", "--json"]
                + components)
        #expect(combined.code == 0 && !combined.output.contains(Self.key))
        let block = try #require(try combined.json["keyBlock"]?.string)
        #expect(
            try Program.crypto("key-block read --kbpk \(Self.kbpk) \(block) --json").json["kcv"]?.string == "57C409")
        let values = try #require(split["components"]?.array?.compactMap { $0["kcv"]?.string })
        let named = try #require(try combined.json["components"]?.array?.compactMap { $0["kcv"]?.string })
        #expect(values == named)
        // One of them changed is another key.
        let wrong = try Program.crypto(
            ["components", "--verify", "57C409", Self.kbpk.prefix(32).description] + components)
        #expect(wrong.code == 1 && wrong.output.contains("NO: another key"))
    }

    @Test("Any two of three shares form the key; one of them with a stranger's does not")
    func shares() throws {
        let split = try Program.crypto("shares split --algorithm aes --key \(Self.key) --threshold 2 --parts 3 --json")
            .json
        let shares = try #require(split["shares"]?.array?.compactMap { $0["share"]?.string })
        #expect(shares.count == 3)
        for (first, second) in [(0, 1), (0, 2), (2, 1)] {
            let line = "shares combine --algorithm aes --verify 08793E25AB \(shares[first]) \(shares[second])"
            let program = try Program.crypto(line)
            #expect(program.code == 0 && program.output.contains("08793E25AB") && !program.output.contains(Self.key))
        }
        let stranger = "3:" + String(repeating: "5A17", count: 8)
        let wrong = try Program.crypto("shares combine --algorithm aes --verify 08793E25AB \(shares[0]) \(stranger)")
        #expect(wrong.code == 1 && wrong.errors.contains("REFUSED"))
        let twice = try Program.crypto("shares combine --algorithm aes \(shares[0]) \(shares[0])")
        #expect(twice.code == 64 && twice.errors.contains("given twice"))
    }

    @Test("A new key leaves in a key block, and no two are the same", arguments: ["tdes 24", "aes 32"])
    func generate(kind: String) throws {
        let words = kind.split(separator: " ")
        let line = "generate --algorithm \(words[0]) --bytes \(words[1]) --kbpk \(Self.kbpk) --usage D0 --mode B --json"
        let (first, second) = (try Program.crypto(line).json, try Program.crypto(line).json)
        #expect(first["kcv"] != second["kcv"])
        let block = try #require(first["keyBlock"]?.string)
        let read = try Program.crypto("key-block read --kbpk \(Self.kbpk) \(block) --json").json
        #expect(read["kcv"] == first["kcv"] && read["bits"] == first["bits"] && read["usage"]?.string == "D0")
    }

    @Test("A PIN block that was translated holds the same PIN, from TDES to AES too")
    func translation() throws {
        let (from, to) = ("7189B4A9074F1F625EBFA6AEAADE1CE9", "C1D0F8FB4958670DBA40AB1F3752EF0D")
        let line = "pin-block translate --block 3C1E0419855536B6 --pan 6028104482455 --from-key \(from) --to-key \(to)"
        let program = try Program.crypto("\(line) --to-format 4 --json")
        #expect(program.code == 0 && !program.output.contains("0401"))
        #expect(try program.json["permitted"]?.bool == true)
        let block = try #require(try program.json["pinBlock"]?.string)
        let read = try Program.crypto(
            "pin-block decrypt --block \(block) --format 4 --key \(to) --pan 6028104482455 --show-pin --json")
        #expect(try read.json["pin"]?.string == "0401")
        // From a block that binds the PAN to one that does not: computed, and said not to be permitted.
        #expect(try Program.crypto("\(line) --to-format 1 --json").json["permitted"]?.bool == false)
        let other = try Program.crypto(line.replacingOccurrences(of: "6028104482455", with: "6028104482463"))
        #expect(other.code == 1 && other.errors.contains("REFUSED"))
    }

    /// A published sample (Easy8583's 0810; Tests/Vectors/iso8583/unionpay-keys.json).
    private static let tmk = "258FB0AB70D025CDB99DF2C4D302D646"
    private static let field62 =
        "46F161A743497B32EAC760DF5EA57DF5900ECCE3977731A7EA402DDF0000000000000000CFF1592A"

    @Test("UnionPay's sign-on: the published field 62, one that was written, and one with another check value")
    func signOn() throws {
        for field in [Self.field62, "0040" + Self.field62] {
            let program = try Program.crypto("sign-on --tmk \(Self.tmk) \(field) --json")
            #expect(program.code == 0, "\(program.errors)")
            let json = try program.json
            #expect(json["pikKCV"]?.string == "900ECCE3" && json["makKCV"]?.string == "CFF1592A")
            #expect(json["verified"]?.bool == true && json["makBits"]?.integer == 64)
            // The sample's keys in the clear are not shown.
            #expect(!program.output.contains("D931648F") && !program.output.contains("AB7C577C"))
        }
        let wrong = try Program.crypto("sign-on --tmk \(Self.tmk) \(Self.field62.dropLast())B")
        #expect(wrong.code == 1 && wrong.errors.contains("MAK"))
        let short = try Program.crypto("sign-on --tmk \(Self.tmk) 00")
        #expect(short.code == 64 && short.errors.contains("24, 40 or 60"))
        for cipher in ["tdes", "sm4"] {
            let made = try Program.crypto("sign-on write --cipher \(cipher) --tmk \(Self.tmk) --random --track --json")
                .json
            let field = try #require(made["field62"]?.string)
            let read = try Program.crypto("sign-on --cipher \(cipher) --tmk \(Self.tmk) \(field) --json").json
            for name in ["pikKCV", "makKCV", "tdkKCV"] { #expect(read[name] == made[name] && made[name] != nil) }
        }
    }

    @Test("A TR-34 token that was written is opened, in one pass and in two")
    func tr34() throws {
        let sample = try #require(Vector.all("tr34", "tr34_key_token").first)
        let folder = try Folder()
        // A host and a device of our own: the samples' host has no private key.
        let now = Int64(Date().timeIntervalSince1970)
        let validity = (now - 86_400)...(now + 86_400)
        let authority = try CertificateAuthority.root(
            name: "Test CA", privateKey: try RSAPrivateKey.generate(modulusBits: 2_048), validity: validity)
        let hostKey = try RSAPrivateKey.generate(modulusBits: 2_048)
        let deviceKey = try RSAPrivateKey.generate(modulusBits: 2_048)
        let host = try authority.issue(
            name: "Host", publicKey: hostKey.publicKey, role: .keyDistributionHost, validity: validity)
        let device = try authority.issue(
            name: "Device", publicKey: deviceKey.publicKey, role: .keyReceivingDevice, validity: validity)
        let hostFile = try folder.write(host.pem, to: "host.pem")
        let deviceFile = try folder.write(device.pem, to: "device.pem")
        let hostKeyFile = try folder.write(
            hostKey.pem().withBytes { String(decoding: $0, as: UTF8.self) }, to: "host.key")
        let deviceKeyFile = try folder.write(
            deviceKey.pem().withBytes { String(decoding: $0, as: UTF8.self) }, to: "device.key")
        let key = try folder.write(Self.key + "\n", to: "key.hex")
        let token = folder.file("token.der")
        for pass in [["--random-number", "167EB0E72781E4940112233445566778"], []] {
            let made = try Program.crypto(
                [
                    "tr34", "write", "--host-certificate", "@" + hostFile, "--host-key", "@" + hostKeyFile,
                    "--device-certificate", "@" + deviceFile, "--key", "@" + key, "--out", token,
                ] + pass)
            #expect(made.code == 0, "\(made.errors)")
            let opened = try Program.crypto([
                "tr34", "open", "--device-certificate", "@" + deviceFile, "--device-key", "@" + deviceKeyFile,
                "--host-certificate", "@" + hostFile, "@" + token, "--json",
            ])
            #expect(opened.code == 0 && !opened.output.contains(Self.key), "\(opened.errors)")
            #expect(try opened.json["kcv"]?.string == "57C409")
            #expect(try opened.json["randomNumber"]?.string == pass.last)
            let read = try Program.crypto(["tr34", "read", "@" + token, "--json"])
            #expect(try read.json["token"]?.string == "key")
        }
        // The samples' host did not sign it.
        let foreign = try Program.crypto([
            "tr34", "open", "--device-certificate", "@" + deviceFile, "--device-key", "@" + deviceKeyFile,
            "--host-certificate", sample.input("host_certificate"), "@" + token,
        ])
        #expect(foreign.code == 1 && foreign.errors.contains("another host"))
    }
}
