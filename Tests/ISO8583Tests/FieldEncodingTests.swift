// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Testing
import Vocabulary

@Suite("Published field encodings")
struct FieldEncodingTests {
    static let vectors = (try? VectorFile.vectors("field-encoding.json")) ?? []

    /// The layout that a vector's words mean.
    private func layout(_ vector: JSON) throws -> JSON {
        let data = try #require(vector["dataEnc"]?.string)
        var members: [JSON.Member] = [.init("name", "x"), .init("kind", "n")]
        let isPacked = data != "ascii"
        members.append(.init("enc", isPacked ? "bcd" : "ascii"))
        let maximum = Int(vector["max"]?.integer ?? 0)
        let counts = vector["count"]?.string
        if vector["lenEnc"] == nil || vector["lenBytes"]?.integer == 0 {
            // Fixed, its length counted in digits, in bytes of two, or in nibbles of which text has two a character.
            let digits =
                counts == "bytes" && isPacked ? maximum * 2 : counts == "nibbles" && !isPacked ? maximum / 2 : maximum
            members += [.init("len", "fixed"), .init("max", .integer(Int64(digits == 0 ? 3 : digits)))]
        } else {
            let words = try #require(vector["lenEnc"]?.string)
            let encoding = try #require(["ascii", "bcd", "binary"].first { words.hasPrefix($0) })
            let bytes = vector["lenBytes"]?.integer ?? (words.contains("LLL") ? 2 : 1)
            let digits = encoding == "ascii" ? Int(bytes) : 2 * Int(bytes)
            let unit = counts == "nibbles" ? "nibble" : words.contains("digits") ? "digit" : "byte"
            members += [
                .init("len", .string(String(repeating: "L", count: digits))), .init("max", maximum == 0 ? 19 : 8),
                .init("lenEnc", .string(encoding)), .init("lenUnit", .string(words.contains("LL (1") ? "digit" : unit)),
            ]
        }
        if isPacked {
            let side = vector["padSide"]?.string ?? "left"
            members.append(.init("pad", .string("\(side):\(vector["pad"]?.string ?? "0")")))
        }
        return .object(members)
    }

    @Test("All published fields are there")
    func count() { #expect(Self.vectors.count == 21) }

    @Test("A single field encodes and decodes as published", arguments: vectors.indices)
    func field(index: Int) throws {
        let vector = Self.vectors[index]
        let id = try #require(vector["id"]?.string)
        let value = try #require(vector["value"]?.string)
        let expected = try #require(vector["fieldHex"]?.string.flatMap { Hex.bytes($0) })
        let spec = try SpecText.spec(fields: ["3": try layout(vector)])
        var builder = MessageBuilder(.financialRequest, spec: spec)
        builder.set(3, text: value)
        let message = try builder.encode()
        #expect(Array(message.bytes[12...]) == expected, "\(id)")
        let view = try MessageView(message.bytes, spec: spec)
        // Packed digits counted in bytes do not tell whether a zero in front fills up.
        #expect(view.text(3) == (id == "moov-bcd-lbin-bytes" ? "0123" : value), "\(id)")
        #expect(view.number(3) == UInt64(value), "\(id)")
        var numbers = MessageBuilder(.financialRequest, spec: spec)
        numbers.set(3, number: try #require(UInt64(value)))
        if value.first != "0" { #expect(try numbers.encode().bytes == message.bytes, "\(id)") }
    }
}
