// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@Suite("Key ceremonies on the command line")
struct CeremonyCommandTests {
    private static let key = "5DB50B454F8389ADCE573BE50861F2BF"
    private static let kbpk = "DD7515F2BFC17F85CE48F3CA25CB21F6"
    /// The components of a published key: `form_key_from_components` in `kcv.json`.
    private static let components = [
        "E09B073B4007541FAB76B04370451031", "4CBF5D51EA8525EF045EFED6E386D9D9", "00000000000000000000000000000000",
    ]
    private static let custodians = [
        "--custodian", "Ana=30062C:-", "--custodian", "Bo=01A4D8:-", "--custodian", "Cem=8CA64D:-",
    ]

    private func events(_ json: JSON) throws -> [String] {
        try #require(json["ceremony"]?.array).map { event in
            [event["event"], event["custodian"], event["kcv"], event["reason"]].compactMap { $0?.string }
                .joined(separator: " ")
        }
    }

    @Test("Three custodians form the key, which leaves in a key block, and the log has their check values")
    func components() throws {
        let program = try Program.crypto(
            ["components", "--verify", "40D522", "--purpose", "TMK", "--kbpk", Self.kbpk, "--usage", "K0", "--json"]
                + Self.custodians, input: Self.components.joined(separator: "\n"))
        #expect(program.code == 0, "\(program.errors)")
        let json = try program.json
        #expect(json["formed"] == .bool(true) && json["kcv"]?.string == "40D522")
        #expect(
            try events(json) == [
                "opened 40D522", "entered Ana 30062C", "entered Bo 01A4D8", "entered Cem 8CA64D",
                "ended the key was formed",
            ])
        #expect(json["keyBlock"]?.string?.hasPrefix("D0") == true)
        for component in Self.components { #expect(!program.output.contains(component.prefix(8))) }
    }

    @Test("A wrong line at the standard input may be entered again, up to the limit")
    func again() throws {
        let lines = [Self.components[1], Self.components[0], Self.components[1], Self.components[2]]
        let input = lines.joined(separator: "\n")
        let program = try Program.crypto(
            ["components", "--verify", "40D522", "--json"] + Self.custodians, input: input)
        #expect(program.code == 0 && program.errors.contains("Ana: it does not have the check value"))
        #expect(try events(program.json)[1] == "refused Ana it does not have the check value of the custodian's form")
        let strict = try Program.crypto(
            ["components", "--verify", "40D522", "--wrong-entries", "0", "--json"] + Self.custodians, input: input)
        #expect(strict.code == 1)
        #expect(try strict.json["formed"] == .bool(false) && strict.json["kcv"] == nil)
        #expect(try events(strict.json).last == "ended too many wrong entries")
    }

    @Test("Any two of three who hold shares form the key, one who does not come is named")
    func shares() throws {
        let split = try Program.crypto("shares split --algorithm aes --key \(Self.key) --threshold 2 --parts 3 --json")
            .json
        let parts = try #require(split["shares"]?.array).map { part in
            (part["kcv"]?.string ?? "") + ":" + (part["share"]?.string ?? "")
        }
        let line = "shares combine --algorithm aes --threshold 2 --verify 5BA8320A9D --json"
        let program = try Program.crypto(
            "\(line) --custodian Ana=\(parts[0]) --custodian Bo --custodian Cem=\(parts[2])")
        #expect(program.code == 0 && !program.output.contains(Self.key), "\(program.errors)")
        #expect(try program.json["kcv"]?.string == "5BA8320A9D")
        #expect(try events(program.json).count == 4)
        // Somebody with another's share, and too few.
        let twice = try Program.crypto("\(line) --custodian Ana=\(parts[0]) --custodian Bo=\(parts[0])")
        #expect(twice.code == 1)
        #expect(try events(twice.json).suffix(2) == ["refused Bo another custodian has entered it", "ended abandoned"])
        let few = try Program.crypto("\(line.dropLast(7)) --custodian Ana=\(parts[0]) --custodian Bo")
        #expect(few.code == 1 && few.output.contains("1 of 2 who are needed have entered"))
    }

    @Test(
        "What is wrong with a ceremony's options is said",
        arguments: [
            ("components --custodian Ana=00:00 --custodian Bo", "--verify"),
            ("components --verify 40D5 --custodian Ana=00:00 --custodian Bo", "three bytes"),
            ("components --verify 40D522 --custodian Ana", "--custodian"),
            ("components --verify 40D522 --custodian Ana --custodian ana", "different names"),
            ("components --verify 40D522 --custodian Ana --custodian Bo=30062C", "--custodian"),
            ("components --verify 40D522 --custodian Ana --custodian Bo \(key)", "no components beside it"),
            ("components --verify 40D522 --custodian Ana --custodian Bo --minutes 0", "--minutes"),
            ("components --verify 40D522 --custodian Ana --custodian Bo --wrong-entries 100", "--wrong-entries"),
            ("components --verify 40D522 --custodian Ana --custodian Bo --bytes 15", "15 bytes"),
            ("shares combine --verify 40D522 --custodian Ana --custodian Bo", "--threshold"),
            ("shares combine --verify 40D522 --threshold 3 --custodian Ana --custodian Bo", "--threshold"),
        ])
    func wrong(line: String, words: String) throws {
        let program = try Program.crypto(line)
        #expect(program.code == 64 && program.errors.contains(words), "\(program.errors)")
        #expect(program.output.isEmpty)
    }
}
