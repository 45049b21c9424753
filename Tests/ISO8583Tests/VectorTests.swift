// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Testing
import Vocabulary

@Suite("Published vectors")
struct VectorTests {
    static let layouts = [
        "iso87-ascii-hexbitmap", "iso87-bcd-binary", "unionpay-pos-64", "iso93-oscar-bcd", "moov-mixed-ascii-binbitmap",
    ]

    private func body(_ vector: JSON) throws -> [UInt8] {
        try #require(vector["body"]?.string.flatMap { Hex.bytes($0) })
    }

    @Test(
        "Published messages of each layout decode to the published values at the published offsets", arguments: layouts)
    func decodes(layout: String) throws {
        let spec = try VectorFile.layout(layout)
        let vectors = try VectorFile.vectors("messages.json").filter { $0["layout"]?.string == layout }
        #expect(!vectors.isEmpty)
        for vector in vectors {
            let id = vector["id"]?.string ?? ""
            let view = try MessageView(try body(vector), spec: spec)
            for member in vector["fields"]?.members ?? [] {
                let published = try #require(member.value.string)
                if member.name == "0" {
                    #expect(view.mti.description == published, "\(id)")
                    continue
                }
                let field = try #require(Int(member.name))
                #expect(view.has(field), "\(id) field \(field)")
                let value = view.text(field) ?? Hex.text(view.bytes(field) ?? [])
                var expected = published
                while expected.last == " " { expected.removeLast() }
                #expect(value == expected, "\(id) field \(field)")
                let end = vector["offsets"]?[member.name]?.array?.last?.integer
                #expect(view.range(of: field)?.upperBound == end.map { Int($0) }, "\(id) field \(field)")
            }
            #expect(view.fields.count == (vector["fields"]?.members ?? []).count { $0.name != "0" }, "\(id)")
        }
    }

    @Test("Decoding a published message and encoding its fields gives the same bytes", arguments: layouts)
    func lossless(layout: String) throws {
        let spec = try VectorFile.layout(layout)
        for vector in try VectorFile.vectors("messages.json") where vector["layout"]?.string == layout {
            let bytes = try body(vector)
            let view = try MessageView(bytes, spec: spec)
            var builder = MessageBuilder(view.mti, spec: spec)
            for field in view.fields.fields.reversed() { builder.copy(field, from: view) }
            let encoded = try builder.encode()
            #expect(encoded.bytes == bytes, "\(vector["id"]?.string ?? "")")
            for field in view.fields.fields { #expect(encoded.range(of: field) == view.range(of: field)) }
            #expect(encoded.macField == view.macField)
            #expect(encoded.macCoverage == view.macCoverage)
        }
    }

    @Test("Every truncation of every published message is refused", arguments: layouts)
    func truncations(layout: String) throws {
        let spec = try VectorFile.layout(layout)
        for vector in try VectorFile.vectors("messages.json") where vector["layout"]?.string == layout {
            let bytes = try body(vector)
            for count in 0..<bytes.count {
                let thrown = error(DecodeError.self) { try MessageView(Array(bytes[..<count]), spec: spec) }
                let found = try #require(thrown, "\(vector["id"]?.string ?? "") cut to \(count)")
                guard case .truncated = found.kind else {
                    Issue.record("\(vector["id"]?.string ?? "") cut to \(count): \(found)")
                    continue
                }
                #expect(found.offset <= count)
            }
        }
    }

    @Test("A broken message is refused at the place of its fault")
    func malformed() throws {
        let vectors = try VectorFile.vectors("malformed.json")
        #expect(vectors.count == 14)
        for vector in vectors {
            let id = try #require(vector["id"]?.string)
            let spec = try VectorFile.layout(try #require(vector["layout"]?.string))
            let found = try #require(error(DecodeError.self) { try MessageView(try body(vector), spec: spec) }, "\(id)")
            #expect(found.path == vector["path"]?.string, "\(id): \(found)")
            #expect(found.offset == vector["offset"]?.integer.map { Int($0) }, "\(id): \(found)")
        }
    }

    @Test("Single fields encode and decode as published")
    func fieldEncodings() throws {
        let vectors = try VectorFile.vectors("field-encoding.json")
        #expect(vectors.count == 18)
        for vector in vectors {
            let id = try #require(vector["id"]?.string)
            let value = try #require(vector["value"]?.string)
            let encoded = try #require(vector["encoded"]?.string.flatMap { Hex.bytes($0) })
            let field = try #require(vector["field"])
            let spec = try SpecText.spec(fields: ["3": field])
            var builder = MessageBuilder(.financialRequest, spec: spec)
            builder.set(3, text: value)
            let message = try builder.encode()
            #expect(Array(message.bytes[12...]) == encoded, "\(id)")
            let view = try MessageView(message.bytes, spec: spec)
            #expect(view.text(3) == value, "\(id)")
            #expect(view.number(3) == UInt64(value), "\(id)")
            var numbers = MessageBuilder(.financialRequest, spec: spec)
            numbers.set(3, number: try #require(UInt64(value)))
            if value.first != "0" { #expect(try numbers.encode().bytes == message.bytes, "\(id)") }
        }
    }
}
