// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Testing
import Vocabulary

/// Characters are looked at eight at a time; what is looked at alone must come out the same.
@Suite("Characters of values")
struct CharacterTests {
    /// Values around a word's length.
    private static let lengths = [1, 2, 7, 8, 9, 15, 16, 17]
    /// Both sides of every border between classes of characters.
    private static let characters: [UInt8] = [
        0x00, 0x1F, 0x20, 0x2F, 0x30, 0x39, 0x3A, 0x3C, 0x3D, 0x3E, 0x40, 0x41, 0x43, 0x44, 0x45, 0x5A, 0x5B, 0x60,
        0x61,
        0x7A, 0x7B, 0x7E, 0x7F, 0x80, 0x8A, 0xB0, 0xC4, 0xD0, 0xFF,
    ]

    private func spec(kind: String) throws -> MessageSpec {
        try SpecText.spec(fields: [
            "3": [
                "name": "x", "kind": .string(kind), "len": "LL", "max": 30, "enc": "ascii", "lenEnc": "ascii",
                "lenUnit": "byte",
            ]
        ])
    }

    private func message(_ value: [UInt8]) throws -> [UInt8] {
        let head = try #require(Hex.bytes("30323030" + "2000000000000000"))
        return head + Array((value.count < 10 ? "0" : "").utf8) + Array("\(value.count)".utf8) + value
    }

    @Test(
        "A character is refused at every place exactly where the field's kind does not allow it, and named by its byte")
    func places() throws {
        for kind in ["n", "an", "ans", "z"] {
            let spec = try spec(kind: kind)
            for length in Self.lengths {
                for place in 0..<length {
                    for character in Self.characters {
                        var value = [UInt8](repeating: 0x37, count: length)
                        value[place] = character
                        let isDigit = 0x30...0x39 ~= character
                        let isLetter = 0x41...0x5A ~= character || 0x61...0x7A ~= character
                        let isAllowed =
                            switch kind {
                            case "n": isDigit
                            case "an": isDigit || isLetter || character == 0x20 && place == length - 1
                            case "ans": 0x20...0x7E ~= character
                            default: isDigit || character == 0x3D || character == 0x44
                            }
                        let bytes = try message(value)
                        let refused = error(DecodeError.self) { try MessageView(bytes, spec: spec) }
                        #expect(
                            refused?.offset == (isAllowed ? nil : 14 + place), "\(kind) \(length) \(place) \(character)"
                        )
                    }
                }
            }
        }
    }

    @Test("A second separator in a track is refused, wherever it stands")
    func separators() throws {
        let spec = try spec(kind: "z")
        for length in 2...20 {
            for first in 0..<length - 1 {
                var value = [UInt8](repeating: 0x30, count: length)
                value[first] = 0x3D
                for second in first + 1..<length {
                    var twice = value
                    twice[second] = 0x44
                    let bytes = try message(twice)
                    #expect(throws: DecodeError.self, "\(length) \(first) \(second)") {
                        try MessageView(bytes, spec: spec)
                    }
                }
            }
        }
    }

    @Test("A packed digit over 9 is refused at every place, and the pad nibble must be the dialect's")
    func packed() throws {
        for side in ["left", "right"] {
            let spec = try SpecText.spec(fields: [
                "3": [
                    "name": "x", "kind": "n", "len": "LL", "max": 40, "enc": "bcd", "lenEnc": "bcd", "lenUnit": "digit",
                    "pad": .string("\(side):0"),
                ]
            ])
            for digits in [1, 2, 15, 16, 17, 18, 33] {
                let head = try #require(Hex.bytes("30323030" + "2000000000000000"))
                let prefix = [UInt8((digits / 10) << 4 | digits % 10)]
                for place in 0..<(digits + 1) / 2 * 2 {
                    for nibble: UInt8 in [0, 1, 9, 10, 12, 15] {
                        let isLow = place % 2 == 1
                        let isPad = digits % 2 == 1 && place == (side == "left" ? 0 : digits)
                        var value = [UInt8](repeating: 0, count: (digits + 1) / 2)
                        value[place / 2] = isLow ? nibble : nibble << 4
                        let view = try? MessageView(head + prefix + value, spec: spec)
                        #expect(
                            (view != nil) == (isPad ? nibble == 0 : nibble <= 9), "\(side) \(digits) \(place) \(nibble)"
                        )
                    }
                }
            }
        }
    }

    @Test("A number of any count of digits comes back, from fixed fields and from fields with a prefix")
    func numbers() throws {
        let fixed: (Int64) -> JSON = {
            ["name": "x", "kind": "n", "len": "fixed", "max": .integer($0), "enc": "ascii"]
        }
        for count in 1...19 {
            let spec = try SpecText.spec(fields: [
                "3": fixed(Int64(count)), "4": fixed(19),
                "5": [
                    "name": "x", "kind": "n", "len": "LL", "max": 19, "enc": "ascii", "lenEnc": "ascii",
                    "lenUnit": "byte",
                ],
            ])
            let text = String("9081726354453627180".prefix(count))
            let number = try #require(UInt64(text))
            var builder = MessageBuilder(.financialRequest, spec: spec)
            for field in 3...5 { builder.set(field, number: number) }
            let view = try MessageView(try builder.encode().bytes, spec: spec)
            #expect(view.text(3) == text)
            #expect(view.text(4) == String(repeating: "0", count: 19 - count) + text)
            #expect(view.text(5) == text)
            for field in 3...5 { #expect(view.number(field) == number) }
        }
    }
}
