// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Testing
import Vocabulary

@Suite("Random dialects")
struct RandomSpecTests {
    /// A layout by chance, all words of the format in turn.
    private func layout(_ random: inout Seeded) -> JSON {
        let shapes: [(kind: String, encodings: [String])] = [
            ("n", ["ascii", "bcd", "ebcdic", "ebcdic1047"]), ("an", ["ascii", "ebcdic"]),
            ("ans", ["ascii", "ebcdic1047"]),
            ("a", ["ascii", "ebcdic"]), ("z", ["ascii", "bcd", "ebcdic"]), ("b", ["binary", "hexascii"]),
            ("x+n", ["ascii", "sign+bcd", "ebcdic"]), ("utf8", ["ascii"]),
        ]
        let shape = shapes.randomElement(using: &random) ?? shapes[0]
        let encoding = shape.encodings.randomElement(using: &random) ?? "ascii"
        var members: [JSON.Member] = [
            .init("name", "x"), .init("kind", .string(shape.kind)), .init("enc", .string(encoding)),
        ]
        var maximum = Int.random(in: 1...24, using: &random)
        let isFixed = shape.kind == "x+n" || Bool.random(using: &random)
        if isFixed {
            if shape.kind == "x+n" { maximum = maximum / 2 * 2 + 3 }
            members.append(.init("len", "fixed"))
        } else {
            let unit =
                shape.kind == "utf8" ? "byte" : ["byte", "digit", "char", "nibble"].randomElement(using: &random)
            let lengthEncoding = ["ascii", "bcd", "ebcdic", "binary", "hexascii"].randomElement(using: &random)
            members += [
                .init("len", .string(String(repeating: "L", count: Int.random(in: 2...6, using: &random)))),
                .init("lenEnc", .string(lengthEncoding ?? "ascii")), .init("lenUnit", .string(unit ?? "byte")),
            ]
        }
        members.append(.init("max", .integer(Int64(maximum))))
        if encoding == "bcd" {
            let pad = ["left:0", "right:0", "left:F", "right:F", "right:D"].randomElement(using: &random) ?? "left:0"
            members.append(.init("pad", .string(pad)))
        }
        return .object(members)
    }

    private func value(_ layout: FieldSpec, _ random: inout Seeded) -> (text: String?, bytes: [UInt8]) {
        let length = Int.random(in: Int(layout.minimum)...Int(layout.maximum), using: &random)
        let digits = { (count: Int, random: inout Seeded) in
            String((0..<count).map { _ in "0123456789".randomElement(using: &random) ?? "0" })
        }
        switch layout.kind {
        case .binary:
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            return (nil, layout.encoding == .hex ? Array(Hex.text(bytes).utf8) : bytes)
        case .signedNumeric: return ((Bool.random(using: &random) ? "C" : "D") + digits(length - 1, &random), [])
        case .track:
            var text = digits(length, &random)
            if length > 2 { text = String(text.prefix(length / 2)) + "D" + String(text.dropFirst(length / 2 + 1)) }
            return (text, [])
        case .alphabetic: return (String(repeating: "q", count: length), [])
        case .text: return (String(repeating: "+", count: length), [])
        default: return (digits(length, &random), [])
        }
    }

    @Test(
        "Random messages of random dialects survive decoding, patching and encoding", arguments: [UInt64(1), 2, 3, 4])
    func roundTrip(seed: UInt64) throws {
        var random = Seeded(state: seed)
        for round in 0..<60 {
            let place: Comment = "seed \(seed) round \(round)"
            let fieldMax = [64, 128, 192].randomElement(using: &random) ?? 64
            var fields: [JSON.Member] = []
            for number in 2...fieldMax where number != 65 && number != 55 && Int.random(in: 0..<6, using: &random) == 0
            {
                fields.append(.init("\(number)", layout(&random)))
            }
            let bitmap = ["binary", "hexascii", "ebcdic"].randomElement(using: &random) ?? "binary"
            let mti = ["ascii", "bcd", "ebcdic"].randomElement(using: &random) ?? "ascii"
            let spec = try SpecText.spec(
                SpecText.document(
                    fields: .object(fields),
                    bitmap: ["enc": .string(bitmap), "maxFields": .integer(Int64(fieldMax))], bytes: 9_999, count: 192,
                    mti: ["enc": .string(mti)]))
            var builder = MessageBuilder(.financialRequest, spec: spec)
            for field in spec.definedFields.fields.shuffled(using: &random) where Bool.random(using: &random) {
                let layout = try #require(spec.field(field))
                let value = value(layout, &random)
                if let text = value.text {
                    builder.set(field, text: text)
                } else {
                    builder.set(field, bytes: value.bytes)
                }
            }
            let encoded = try builder.encode()
            let view = try MessageView(encoded.bytes, spec: spec)
            #expect(view.fields == encoded.fields, place)
            for field in view.fields.fields { #expect(view.range(of: field) == encoded.range(of: field), place) }
            let message = Message(view)
            #expect(try message.encoded() == encoded.bytes, place)
            #expect(try message.builder().encode().bytes == encoded.bytes, place)
            #expect(try MessagePatch(view, mti: view.mti, keeping: view.fields).encode().bytes == encoded.bytes, place)
            #expect(MessageView.lint(encoded.bytes, spec: spec).findings == [], place)
            for count in stride(from: 0, to: encoded.bytes.count, by: 7) {
                let cut = Array(encoded.bytes[..<count])
                let found = error(DecodeError.self) { try MessageView(cut, spec: spec) }
                #expect(found != nil && MessageView.lint(cut, spec: spec).findings.first == found, place)
            }
        }
    }

    @Test("Every character of both EBCDIC pages comes back from the text it stands for")
    func pages() throws {
        for encoding in ["ebcdic", "ebcdic1047"] {
            let spec = try SpecText.spec(fields: [
                "43": ["name": "x", "kind": "ans", "len": "fixed", "max": 1, "enc": .string(encoding)]
            ])
            var count = 0
            for byte in UInt8.min...UInt8.max {
                let bytes = Array("0200".utf8) + [0, 0, 0, 0, 0, 0x20, 0, 0] + [byte]
                guard let view = try? MessageView(bytes, spec: spec) else { continue }
                let text = try #require(Message(view)["43"]).text
                var builder = MessageBuilder(.financialRequest, spec: spec)
                builder.set(43, text: text)
                #expect(try builder.encode().bytes == bytes, "\(encoding) \(byte)")
                count += 1
            }
            // 95 printable characters of ASCII and 96 more of ISO 8859-1.
            #expect(count == 191)
        }
        let spec = try SpecText.spec(fields: [
            "43": ["name": "x", "kind": "ans", "len": "fixed", "max": 3, "enc": "ebcdic"],
            "44": ["name": "x", "kind": "ans", "len": "fixed", "max": 3, "enc": "ebcdic1047"],
        ])
        var builder = MessageBuilder(.financialRequest, spec: spec)
        builder.set(43, text: "[A]")
        builder.set(44, text: "[A]")
        #expect(Hex.text(try builder.encode().bytes.dropFirst(12)) == "BAC1BB" + "ADC1BD")
    }
}
