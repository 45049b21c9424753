// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Testing
import Vocabulary

@Suite("Dynamic messages")
struct DynamicTests {
    @Test(
        "A published message comes out of its tree of fields byte for byte, clean or not",
        arguments: VectorTests.messages)
    func lossless(vector: VectorTests.Published) throws {
        let lint = MessageView.lint(vector.body, spec: vector.spec)
        let message = Message(try #require(lint.view))
        if lint.isComplete {
            #expect(try message.encoded() == vector.body)
            #expect(message.fields.last?.range.upperBound == vector.body.count)
        }
        for member in vector.json["fields"]?.members ?? [] where member.name != "0" {
            let published = try #require(member.value.string)
            var text = try #require(message[member.name]).text
            if text.count > published.count { while text.last == " " { text.removeLast() } }
            #expect(text == published, "field \(member.name)")
        }
    }

    @Test("The tree of a clean published message can be built anew", arguments: VectorTests.messages)
    func rebuilt(vector: VectorTests.Published) throws {
        guard let message = try? Message(vector.body, spec: vector.spec) else { return }
        #expect(try message.builder().encode().bytes == vector.body)
    }

    @Test("UnionPay's published messages divide as its terminals write them")
    func divided() throws {
        let spec = MessageSpec.unionpayPOS
        for vector in VectorTests.messages where vector.spec.name == "unionpay-pos-64" {
            let lint = MessageView.lint(vector.body, spec: spec)
            let view = try #require(lint.view)
            #expect(try Message(view).encoded() == Array(vector.body[..<lint.readBytes]) || !lint.isComplete)
            let whole = try #require(vector.json["fields"]?["60"]?.string)
            let message = Message(view)
            #expect(message["60.1"]?.text == String(whole.prefix(2)), "\(vector.id)")
            #expect(message["60.2"]?.text == String(whole.dropFirst(2).prefix(6)), "\(vector.id)")
            let code = String(whole.dropFirst(8).prefix(3))
            #expect(message["60.3"]?.text == (code.isEmpty ? nil : code), "\(vector.id)")
            #expect(view.text(60, part: 2) == message["60.2"]?.text)
            #expect(view.number(60, part: 2) == message["60.2"].flatMap { UInt64($0.text) })
        }
    }

    @Test("Published chip data is read object by object")
    func chipData() throws {
        var count = 0
        for vector in VectorTests.messages {
            guard let objects = vector.json["field55"]?.array else { continue }
            let view = try MessageView(vector.body, spec: vector.spec)
            let message = Message(view)
            #expect(message["55"]?.parts.count == objects.count, "\(vector.id)")
            for object in objects {
                let tag = try #require(object.array?.first?.string)
                let value = try #require(object.array?.last?.string)
                #expect(message["55.\(tag)"]?.text == value, "\(vector.id) \(tag)")
                let number = try #require(UInt32(tag, radix: 16))
                #expect(view.tlv(55).first(number).map { Hex.text($0) } == value, "\(vector.id) \(tag)")
                count += 1
            }
        }
        #expect(count > 20)
    }

    /// A field 48 of each form, ASCII but for what is in it.
    private func spec(_ sub: JSON) throws -> MessageSpec {
        try SpecText.spec(fields: [
            "48": [
                "name": "divided", "kind": "b", "len": "LLL", "max": 99, "lenEnc": "ascii", "lenUnit": "byte",
                "enc": "binary", "sub": sub,
            ]
        ])
    }

    private static let tagged: JSON = [
        "type": "tagged", "tag": ["enc": "ascii", "bytes": 2], "unknown": "keep",
        "length": ["len": "LLL", "lenEnc": "ascii", "lenUnit": "byte", "max": 50],
        "fields": [
            "01": ["name": "one", "kind": "n", "max": 6, "enc": "ascii"],
            "02": ["name": "two", "kind": "ans", "min": 2, "max": 4, "enc": "ebcdic"],
        ],
    ]
    private static let bitmapped: JSON = [
        "type": "bitmapped", "bitmap": ["enc": "binary", "bytes": 1],
        "fields": [
            "2": ["name": "two", "kind": "n", "len": "fixed", "max": 4, "enc": "bcd"],
            "8": [
                "name": "eight", "kind": "ans", "len": "LL", "max": 9, "lenEnc": "bcd", "lenUnit": "byte",
                "enc": "ascii",
            ],
        ],
    ]
    private static let positional: JSON = [
        "type": "positional", "required": 1, "rest": "refuse",
        "fields": [
            "1": ["name": "one", "kind": "n", "len": "fixed", "max": 2, "enc": "ascii"],
            "2": [
                "name": "two", "kind": "b", "len": "L", "max": 9, "lenEnc": "ascii", "lenUnit": "byte",
                "enc": "binary", "sub": "ber-tlv",
            ],
            "3": ["name": "three", "kind": "ans", "len": "rest", "max": 4, "enc": "ascii"],
        ],
    ]

    /// The form, the value in hexadecimal, and its parts as text or what it is refused for.
    static let cases: [(sub: JSON, value: String, parts: [String: String], error: (path: String, at: Int)?)] = [
        (tagged, "3031" + "303033" + "313233" + "5A5A" + "303031" + "FF", ["48.01": "123", "48.ZZ": "FF"], nil),
        (tagged, "3032" + "303032" + "C1C2", ["48.02": "AB"], nil),
        (tagged, "3031" + "303037" + "31323334353637", [:], ("48.01", 2)),
        (tagged, "3032" + "303031" + "C1", [:], ("48.02", 2)),
        (tagged, "3031" + "303033" + "3132", [:], ("48.01", 2)),
        (tagged, "3031" + "303033" + "313241", [:], ("48.01", 7)),
        (tagged, "3031" + "303031" + "31" + "30", [:], ("48", 6)),
        (bitmapped, "41" + "1234" + "03" + "616263", ["48.2": "1234", "48.8": "abc"], nil),
        (bitmapped, "40" + "1234", ["48.2": "1234"], nil),
        (bitmapped, "60" + "1234", [:], ("48.3", 0)),
        (bitmapped, "40" + "1234" + "00", [:], ("48", 3)),
        (bitmapped, "40" + "12", [:], ("48.2", 1)),
        (bitmapped, "40" + "12A4", [:], ("48.2", 2)),
        (positional, "3132", ["48.1": "12"], nil),
        (positional, "3132" + "34" + "82020102" + "41", ["48.2.82": "0102", "48.3": "A"], nil),
        (positional, "3132" + "33" + "820201", [:], ("48.2.82", 4)),
        (positional, "3132" + "30" + "4142434445", [:], ("48.3", 3)),
        (positional, "31", [:], ("48.1", 0)),
    ]

    @Test("Divided values are read part by part, or refused at the part's place", arguments: cases.indices)
    func forms(index: Int) throws {
        let (sub, value, parts, refusal) = Self.cases[index]
        let spec = try spec(sub)
        let content = try #require(Hex.bytes(value))
        let count = Array("\(1000 + content.count)".utf8.dropFirst())
        let bytes = Array("0200".utf8) + [0, 0, 0, 0, 0, 1, 0, 0] + count + content
        if let refusal {
            let found = try #require(error(DecodeError.self) { try Message(bytes, spec: spec) })
            #expect(found.path == refusal.path && found.offset == 15 + refusal.at, "\(found)")
            var builder = MessageBuilder(.financialRequest, spec: spec)
            builder.set(48, bytes: content)
            #expect(error(EncodeError.self) { try builder.encode() } == EncodeError(field: 48, kind: .badCharacter))
            return
        }
        let message = try Message(bytes, spec: spec)
        for (path, text) in parts.sorted(by: { $0.key < $1.key }) { #expect(message[path]?.text == text, "\(path)") }
        #expect(try message.encoded() == bytes)
        #expect(try message.builder().encode().bytes == bytes)
    }

    @Test("Constructed data objects nest, to a depth of eight")
    func nested() throws {
        let spec = try spec("ber-tlv")
        var value: [UInt8] = [0x9F, 0x26, 1, 7]
        for depth in 1...8 {
            var builder = MessageBuilder(.financialRequest, spec: spec)
            builder.set(48, bytes: value)
            let bytes = try builder.encode().bytes
            let view = try MessageView(bytes, spec: spec)
            #expect(view.tlv(48).first(0x9F26).map(Array.init) == [7])
            let path = "48" + String(repeating: ".71", count: depth - 1) + ".9F26"
            #expect(Message(view)[path]?.bytes == [7])
            value = [0x71, UInt8(value.count)] + value
        }
        var builder = MessageBuilder(.financialRequest, spec: spec)
        builder.set(48, bytes: value)
        #expect(error(EncodeError.self) { try builder.encode() } == EncodeError(field: 48, kind: .badCharacter))
    }

    @Test("What tools show of a sensitive field's parts is masked as the field")
    func masked() throws {
        for vector in VectorTests.messages where vector.id == "up-0200-chip-codetd" {
            let message = try Message(vector.body, spec: .unionpayPOS)
            #expect(message["2"].map { Masking.masked($0) } == "622424******0113")
            #expect(message["35"].map { Masking.masked($0) }?.hasPrefix("622424******0113D****") == true)
            #expect(message["55.9F26"].map { Masking.masked($0) } == "[8 bytes]")
            #expect(message["55.9F26"]?.name.en == "application cryptogram")
            #expect(message["60.2"].map { Masking.masked($0) } == message["60.2"]?.text)
        }
    }
}
