// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Testing
import Vocabulary

@Suite("Published vectors")
struct VectorTests {
    /// A published message with the bytes before its body taken off.
    struct Published: Sendable, CustomStringConvertible {
        var id: String
        var spec: MessageSpec
        var body: [UInt8]
        /// How many bytes stand before the body.
        var lead: Int
        var json: JSON
        var description: String { id }
    }

    static let specs = (try? MessageSpec.all(json: VectorFile.bytes("specs.json"))) ?? []
    static let messages =
        ((try? published("messages-international.json")) ?? []) + ((try? published("messages-unionpay.json")) ?? [])
    static let malformed = (try? published("malformed.json")) ?? []

    /// Published messages whose values are not what their own layout says: letters where a sign stands, and text where
    /// data objects do.
    static let unclean = [
        "jpos-iso87a-128": "28", "jpos-iso87a-64": "28", "jpos-iso87b-128": "28", "jpos-iso93b-128": "55",
    ]

    static func published(_ file: String) throws -> [Published] {
        try VectorFile.vectors(file).map { json in
            let name = json["spec"]?.string ?? ""
            let spec = try #require(specs.first { $0.name == name }, "\(name)")
            let bytes = try #require(json["hex"]?.string.flatMap { Hex.bytes($0) })
            let leads = ["body": 0, "tpdu5+header6": 11, "len2+tpdu5+header6": 13]
            let lead = try #require(json["frame"]?.string.flatMap { leads[$0] })
            return Published(
                id: json["id"]?.string ?? "", spec: spec, body: Array(bytes[lead...]), lead: lead, json: json)
        }
    }

    @Test("All published files are read whole")
    func counts() {
        #expect(Self.specs.count == 8)
        #expect(Self.messages.count == 23)
        #expect(Self.malformed.count == 11)
    }

    @Test("A published message decodes to the published values at the published offsets", arguments: messages)
    func decodes(vector: Published) throws {
        let lint = MessageView.lint(vector.body, spec: vector.spec)
        let view = try #require(lint.view)
        // Two of them were published without the code that their bitmap announces.
        let isCut = vector.json["field64Omitted"]?.bool == true
        #expect(lint.isComplete != isCut)
        for member in vector.json["fields"]?.members ?? [] {
            let published = try #require(member.value.string)
            let offsets = (vector.json["offsets"]?[member.name]?.array ?? []).map {
                Int($0.integer ?? -1) - vector.lead
            }
            if member.name == "0" {
                #expect(view.mti.description == published)
                continue
            }
            let field = try #require(Int(member.name))
            let range = try #require(view.range(of: field), "field \(field)")
            let prefix = Int(try #require(view.layout(of: field)).prefixBytes)
            #expect([range.lowerBound - prefix, range.upperBound] == offsets, "field \(field)")
            var expected = published
            while expected.last == " " { expected.removeLast() }
            #expect((view.text(field) ?? Hex.text(view.bytes(field) ?? [])) == expected, "field \(field)")
        }
        var present = (vector.json["presentFields"]?.array ?? []).compactMap { $0.integer.map { Int($0) } }
        present.removeAll { $0 == 1 }
        #expect(lint.announced.fields == present)
    }

    @Test("A published message is clean, or is refused at the field where its publisher strayed", arguments: messages)
    func strict(vector: Published) throws {
        let found = error(DecodeError.self) { try MessageView(vector.body, spec: vector.spec) }
        if vector.json["field64Omitted"]?.bool == true {
            #expect(found?.path == "64")
            #expect(found?.kind == .truncated(declared: 8, left: 0))
        } else {
            let path = found.map { String($0.path.prefix { $0 != "." }) }
            #expect(path == Self.unclean[vector.id], "\(String(describing: found))")
        }
    }

    @Test("Encoding the decoded fields of a published message gives the same bytes", arguments: messages)
    func lossless(vector: Published) throws {
        guard let view = try? MessageView(vector.body, spec: vector.spec) else { return }
        var builder = MessageBuilder(view.mti, spec: vector.spec)
        for field in view.fields.fields.reversed() { builder.copy(field, from: view) }
        let encoded = try builder.encode()
        #expect(encoded.bytes == vector.body)
        for field in view.fields.fields { #expect(encoded.range(of: field) == view.range(of: field)) }
    }

    @Test("Every truncation of every published message is refused as truncated", arguments: messages)
    func truncations(vector: Published) throws {
        guard (try? MessageView(vector.body, spec: vector.spec)) != nil else { return }
        for count in 0..<vector.body.count {
            let thrown = error(DecodeError.self) { try MessageView(Array(vector.body[..<count]), spec: vector.spec) }
            let found = try #require(thrown, "cut to \(count)")
            guard case .truncated = found.kind else {
                Issue.record("cut to \(count): \(found)")
                continue
            }
            #expect(found.offset <= count)
        }
    }

    @Test("A broken message is refused at the published place for the published reason", arguments: malformed)
    func refused(vector: Published) throws {
        let found = try #require(error(DecodeError.self) { try MessageView(vector.body, spec: vector.spec) })
        let published = try #require(vector.json["error"])
        #expect(found.path == published["path"]?.string ?? "")
        #expect(found.offset == published["offset"]?.integer.map { Int($0) - vector.lead })
        let message = published["message"]?.string ?? published["kind"]?.string ?? ""
        let numbers = message.split { !("0"..."9").contains($0) }.compactMap { Int($0) }
        switch found.kind {
        case .truncated(let declared, let left):
            #expect(message == "need \(declared) bytes, have \(left)")
        case .lengthOverMaximum(let declared, let maximum): #expect(numbers == [declared, maximum])
        case .trailingBytes(let count):
            #expect(message == "trailing-data" && published["bytes"]?.integer == Int64(count))
        case .unknownField:
            #expect(message == "field not in spec" || message == "secondary bitmap announced in a 64-field profile")
        case .badCharacter(let expected, let actual):
            #expect(
                expected == .digits && actual == .packedLetter && message == "non-decimal nibble in n field"
                    || expected == .hexDigits && message == "not a hex character")
        case .badElement: #expect(message.hasPrefix("TLV length runs past or misaligns the field"))
        default: Issue.record("\(found)")
        }
    }

    @Test("Lint reports what strict decoding throws, and keeps the fields before it", arguments: malformed)
    func linted(vector: Published) throws {
        let strict = try #require(error(DecodeError.self) { try MessageView(vector.body, spec: vector.spec) })
        let lint = MessageView.lint(vector.body, spec: vector.spec)
        #expect(lint.findings.first == strict)
        if let view = lint.view {
            #expect(view.fields.subtracting(lint.announced).isEmpty)
            #expect(lint.readBytes <= vector.body.count)
        } else {
            #expect(["0", "1"].contains(strict.path))
        }
    }
}
