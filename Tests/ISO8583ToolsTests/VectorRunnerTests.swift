// SPDX-License-Identifier: Apache-2.0
import ISO8583
import ISO8583Tools
import Testing
import Vocabulary

@Suite("The runner of ISO 8583 vectors")
struct VectorRunnerTests {
    static let files = [
        ("specs", 8), ("messages-unionpay", 12), ("messages-international", 11), ("field-encoding", 21),
        ("framing", 10), ("malformed", 11), ("unionpay-keys", 4), ("unionpay-mac", 6), ("unionpay-pin", 1),
        ("response-codes", 66),
    ]

    @Test("Every published vector passes", arguments: files)
    func passes(file: String, count: Int) throws {
        let report = try MessageVectorRunner.run(TreeFile.vector(file))
        #expect(report.outcomes.count == count)
        for outcome in report.outcomes where !outcome.passed { Issue.record("\(outcome)") }
        #expect(report.failed == 0 && report.passed == count)
    }

    @Test("Every published vector passes with the specifications beside it too", arguments: files)
    func passesBeside(file: String, count: Int) throws {
        let report = try MessageVectorRunner.run(TreeFile.vector(file)) { name in
            try? TreeFile.bytes("Vectors/iso8583/\(name)")
        }
        #expect(report.failed == 0)
    }

    @Test("The neutral layouts that come along are the published ones")
    func neutral() throws {
        let published = try MessageSpec.all(json: TreeFile.vector("specs"))
        #expect(SpecLibrary.neutral.map(\.name) == published.map(\.name))
        for (own, other) in zip(SpecLibrary.neutral, published) {
            #expect(own.definedFields == other.definedFields && own.fieldMax == other.fieldMax)
            for field in other.definedFields.fields {
                #expect(own.field(field) == other.field(field), "\(own.name) \(field)")
            }
        }
    }

    // MARK: - Changed vectors

    /// Members that are texts about a vector, or pick what is compared instead of being compared.
    private static let remarks = [
        "id", "source", "note", "verified", "description", "derivedFrom", "pyiso8583", "message", "algorithm", "format",
    ]

    /// Every leaf of a vector with its path.
    private static func leaves(_ json: JSON, _ path: [String] = []) -> [(path: [String], value: JSON)] {
        if let members = json.members {
            return members.filter { !(path.isEmpty && remarks.contains($0.name)) }
                .flatMap { leaves($0.value, path + [$0.name]) }
        }
        return [(path, json)]
    }

    private static func other(_ value: JSON) -> JSON {
        switch value {
        case .string(let text): .string((text.hasPrefix("1") ? "2" : "1") + text.dropFirst())
        case .integer(let number): .integer(number + 1)
        case .bool(let flag): .bool(!flag)
        case .array(let values): .array(Array(values.dropLast()))
        default: "1"
        }
    }

    private static func file(_ format: JSON?, _ vector: JSON, isCode: Bool) -> [UInt8] {
        Array(JSON.object([.init("format", format ?? .null), .init(isCode ? "codes" : "vectors", [vector])]).text.utf8)
    }

    @Test("A vector fails as soon as one value of it is another", arguments: files.map(\.0).filter { $0 != "specs" })
    func changed(file: String) throws {
        let json = try JSON(parsing: TreeFile.vector(file))
        var count = 0
        for vector in try TreeFile.vectors(file) {
            // Of the many fields of a message every third.
            let leaves = Self.leaves(vector)
            for (index, leaf) in leaves.enumerated() where leaves.count < 30 || index % 3 == vector.text.utf8.count % 3
            {
                // A message's words that name a kind of fault may say it in other words; a key's parity is no part of
                // it.
                if ["message", "keepAlive"].contains(leaf.path.last) { continue }
                let text = Self.file(
                    json["format"], vector.replacing(leaf.path, with: Self.other(leaf.value)),
                    isCode: file == "response-codes")
                let outcome = try MessageVectorRunner.run(text).outcomes[0]
                if outcome.passed, !Self.mayChange(leaf, vector, file) {
                    Issue.record("\(file) \(outcome.id) \(leaf.path)")
                }
                count += 1
            }
        }
        #expect(count > 3)
    }

    /// What a changed character does not make another: the words of a layout, and inputs of which a bit has no weight.
    private static func mayChange(_ leaf: (path: [String], value: JSON), _ vector: JSON, _ file: String) -> Bool {
        let name = leaf.path.last ?? ""
        if file == "field-encoding" { return !["value", "fieldHex"].contains(name) }
        switch file {
        case "framing": return name == "error" || name == "hex"
        // A frame's own length is not looked at where the message is broken.
        case "malformed": return name == "hex" || name == "kind"
        // The first digit of sixteen has no part in a block.
        case "unionpay-pin": return name == "pan"
        case "messages-international": return name == "field55Error"
        default: return file == "response-codes" && name == "terminalOperation"
        }
    }

    @Test("A published error in other words still passes, another kind of fault or other numbers do not")
    func words() throws {
        let vectors = try TreeFile.vectors("malformed")
        func passes(_ id: String, _ words: String) throws -> Bool {
            let vector = try #require(vectors.first { $0["id"]?.string == id })
            let changed = vector.replacing(["error", "message"], with: .string(words))
            return try MessageVectorRunner.run(Self.file("malformed/1", changed, isCode: false)).failed == 0
        }
        #expect(try passes("bad-truncated-mac", "truncated: 8 wanted, 5 there"))
        #expect(try !passes("bad-truncated-mac", "truncated: 8 wanted, 6 there"))
        #expect(try !passes("bad-truncated-mac", "field not in spec"))
        #expect(try passes("bad-35-length-over-max", "declared 99, exceeds 37"))
        #expect(try !passes("bad-35-length-over-max", "declared 99, exceeds 38"))
        #expect(try !passes("bad-4-nibble-A", "trailing data"))
        #expect(try passes("bad-unknown-field-5", "unknown-field"))
        #expect(try !passes("bad-unknown-field-5", "mandatory field is missing"))
    }

    @Test("Fields of other kinds and lengths than the published ones run too")
    func otherFields() throws {
        let vectors: [(String, String, String, String)] = [
            ("bcd", "bcd LL (1 byte, digits)", "6222D2512", "096222D25120"), ("ebcdic", "binary", "A1", "02C1F1"),
            ("hexascii", "ascii", "0AFF", "303230414646"), ("binary", "bcd", "0AFF", "020AFF"),
        ]
        for (data, length, value, hex) in vectors {
            let vector: JSON = [
                "id": "x", "dataEnc": .string(data), "lenEnc": .string(length), "padSide": "right", "pad": "0",
                "lenBytes": .integer(length == "ascii" ? 2 : 1), "value": .string(value), "fieldHex": .string(hex),
            ]
            let report = try MessageVectorRunner.run(Self.file("field-encoding/1", vector, isCode: false))
            #expect(report.failed == 0, "\(report.lines)")
        }
    }

    @Test("A length that its framing cannot write fails and does not stop the runner", arguments: [10_000, 70_000])
    func tooMuch(count: Int) throws {
        for id in ["len2-bcd", "len4-ascii", "len2-binary", "visa-vmlh", "len4-ascii-hex"] {
            // Two binary bytes and four hexadecimal digits say up to 65,535.
            guard count > 65_535 || !["len2-binary", "len4-ascii-hex"].contains(id) else { continue }
            let vector: JSON = ["id": .string(id), "hex": "0000", "payloadLength": .integer(Int64(count))]
            let report = try MessageVectorRunner.run(Self.file("framing/1", vector, isCode: false))
            #expect(report.outcomes[0].failures.contains { $0.contains("announces at most") }, "\(id)")
        }
    }

    // MARK: - Files

    private func error(_ text: String) -> MessageVectorFileError? {
        do throws(MessageVectorFileError) {
            _ = try MessageVectorRunner.run(Array(text.utf8))
            return nil
        } catch { return error }
    }

    @Test("A file that cannot be run is one clear error")
    func broken() {
        #expect(error("{")?.description.hasPrefix("not JSON: byte 1") == true)
        #expect(error("{}") == .noFormat)
        #expect(error(#"{"format":"iso8583-vectors/9"}"#)?.description == "unknown format \"iso8583-vectors/9\"")
        #expect(error(#"{"format":"malformed/1","vectors":[]}"#) == .noVectors)
        #expect(error(#"{"format":"malformed/1","count":2,"vectors":[{}]}"#) == .wrongCount(said: 2, found: 1))
    }

    @Test("A vector with an op, a specification or a frame that nobody knows fails and says which")
    func unknown() throws {
        func reasons(_ vector: String) throws -> [String] {
            let text = #"{"format":"iso8583-vectors/1","vectors":[\#(vector)]}"#
            return try MessageVectorRunner.run(Array(text.utf8)).outcomes[0].failures
        }
        #expect(try reasons(#"{"op":"rot13"}"#) == ["unknown op \"rot13\""])
        #expect(try reasons(#"{"spec":"x","hex":"00"}"#) == ["no specification is called \"x\""])
        #expect(
            try reasons(#"{"spec":"unionpay-pos","hex":"00","frame":"stx"}"#) == ["no frame is called \"stx\""])
        #expect(try reasons("[]") == ["\"spec\" is missing or no text"])
    }

    @Test("A specification is found in the file itself, beside it, or where the caller says, and a broken one is told")
    func specifications() throws {
        func spec(_ id: String, _ rest: String = "") -> String {
            #""\#(id)":{"id":"\#(id)","mti":{"enc":"bcd"},"bitmap":{"enc":"binary","maxFields":64},"fields":{"11":{"#
                + #""name":"STAN","kind":"n","len":"fixed","max":6,"enc":"bcd"\#(rest)}}}"#
        }
        let vector = #"{"id":"v","spec":"own","hex":"08000020000000000000000001","fields":{"0":"0800","11":"000001"}}"#
        let inside = #"{"format":"iso8583-vectors/1","specs":{\#(spec("own"))},"vectors":[\#(vector)]}"#
        let outside = #"{"format":"iso8583-vectors/1","vectors":[\#(vector)]}"#
        let specs = #"{"format":"iso8583-vectors/1","specs":{\#(spec("bad", #","wrong":1"#)),\#(spec("own"))}}"#
        #expect(try MessageVectorRunner.run(Array(inside.utf8)).outcomes.map(\.passed) == [true, true])
        #expect(try MessageVectorRunner.run(Array(outside.utf8)).failed == 1)
        let beside = try MessageVectorRunner.run(Array(outside.utf8)) { $0 == "specs.json" ? Array(specs.utf8) : nil }
        #expect(beside.failed == 0)
        var library = SpecLibrary()
        try library.add(json: Array(specs.utf8))
        #expect(try MessageVectorRunner.run(Array(outside.utf8), library: library).failed == 0)
        let own = try MessageVectorRunner.run(Array(specs.utf8))
        #expect(own.outcomes.map(\.passed) == [false, true])
        #expect(own.outcomes[0].failures.contains { $0.contains("wrong") })
    }

    @Test(
        "Whatever replaces a member, a vector ends with an outcome", arguments: files.map(\.0).filter { $0 != "specs" })
    func survives(file: String) throws {
        let json = try JSON(parsing: TreeFile.vector(file))
        for vector in try TreeFile.vectors(file).prefix(12) {
            for member in vector.members ?? [] where member.name != "id" {
                let texts = ["", "0", "00", "x", "0000000000000000", String(repeating: "F", count: 64)]
                for value in texts.map(JSON.string) + [.null, .integer(-1), .integer(.max), .array([]), .object([])] {
                    let text = Self.file(
                        json["format"], vector.replacing([member.name], with: value), isCode: file == "response-codes")
                    #expect(try MessageVectorRunner.run(text).outcomes.count == 1)
                }
            }
        }
    }
}
