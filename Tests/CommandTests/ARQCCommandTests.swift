// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@Suite("tillguard crypto arqc")
struct ARQCCommandTests {
    /// Visa CVN 10, computed by pyemv 1.5.0 on random inputs (Tests/Vectors/crypto/emv_secure_messaging.json, sm-107).
    private static let field55 =
        "9F02069796689751579F03066480730158349F1A02561195058A0C10C2F65F2A0248529A038784899C01269F37045A0BB902"
        + "82025AD29F3602E38E9F100706010A032C2F01"
    private static let keys = ["--imk", "8A7A45BC545B025BE3B37CCE8392E6D3", "--pan", "451012758463", "--psn", "89"]

    @Test("From field 55 by version and by scheme: verified, answered and explained", arguments: ["--cvn", "--scheme"])
    func field55(choice: String) throws {
        let version = choice == "--cvn" ? "Visa CVN 10" : "visa"
        let arguments =
            [
                "arqc", choice, version, "--field55", Self.field55, "--arqc", "C5E1F94EE6A9106F", "--arc", "8FB4",
                "--explain",
            ]
            + Self.keys
        let program = try Program.crypto(arguments + ["--json"])
        #expect(program.code == 0, "\(program.errors)")
        let json = try program.json
        #expect(json["version"]?.string == "Visa CVN 10" && json["verified"]?.bool == true)
        #expect(json["arqc"]?.string == "C5E1F94EE6A9106F" && json["arpc"]?.string == "1E617E0980323833")
        #expect(json["explanation"]?["input"]?.string?.hasPrefix("979668975157648073015834") == true)
        let plain = try Program.crypto(arguments)
        #expect(plain.output.contains("Amount, Authorised") && plain.output.contains("ISO 9797-1 method 1"))
        #expect(plain.output.contains("KCV of the session key"))
        #expect(!plain.output.contains("8A7A45BC") && !program.output.contains("8A7A45BC"))
    }

    @Test("PAN, sequence number and cryptogram come from their tags, and a single tag wins over field 55")
    func tags() throws {
        let all = Self.field55 + "5A06451012758463" + "5F340189" + "9F2608C5E1F94EE6A9106F"
        let line = "arqc --scheme visa --imk 8A7A45BC545B025BE3B37CCE8392E6D3 --field55 \(all)"
        let good = try Program.crypto(line)
        #expect(good.code == 0 && good.output.contains("verified"), "\(good.errors)")
        let other = try Program.crypto(line + " --tag 9F36=E38F")
        #expect(other.code == 1 && other.output.contains("NO: C5E1F94EE6A9106F"))
        // Track 2 equivalent data instead of the PAN, spaces and lower case in the data.
        let track = Self.field55.lowercased() + " 570C 451012758463 D 2512201 000F 5f34 01 89"
        let read = try Program.crypto([
            "arqc", "--scheme", "visa", "--imk", "8A7A45BC545B025BE3B37CCE8392E6D3", "--field55", track, "--arqc",
            "C5E1F94EE6A9106F",
        ])
        #expect(read.code == 0, "\(read.errors)\(read.output)")
    }

    @Test("The input alone is explained without a key")
    func explanation() throws {
        let program = try Program.crypto("arqc --scheme visa --explain --field55 \(Self.field55)")
        #expect(program.code == 0 && program.output.contains("9F02") && !program.output.contains("ARQC"))
    }

    @Test("The card's key and the session key do instead of the issuer's")
    func otherKeys() throws {
        let vector = try #require(Vector.all("emv", "scheme_arqc").first { $0.expected("session_key") != nil })
        let line = "arqc --json --data \(vector.input("data")) --atc \(vector.input("atc"))"
        let un = vector.has("un") ? ["--un", vector.input("un")] : []
        let program = try Program.crypto(
            line.split(separator: " ").map(String.init) + un
                + ["--cvn", vector.input("scheme"), "--session-key", vector.expected("session_key") ?? ""])
        #expect(try program.json["arqc"]?.string == vector.expected("arqc"))
        #expect(try program.json["masterKeyKCV"] == nil)
    }
}
