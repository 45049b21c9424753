// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Testing
import Vocabulary

@Suite("Decoding")
struct DecodeTests {
    private let spec = MessageSpec.iso8583_1987

    @Test("A message written by hand decodes to its values")
    func byHand() throws {
        let bytes = try #require(Hex.bytes(Sample.head))
        let view = try MessageView(bytes, spec: spec)
        #expect(view.mti == .financialRequest)
        #expect(view.fields.fields == [2, 3, 4, 11, 12, 13])
        #expect(view.number(2) == 4_761_739_001_010_010)
        #expect(view.number(4) == 12_500)
        #expect(view[.stan] == STAN(42))
        #expect(view[.localTime] == 205_847)
        #expect(view.range(of: 2) == 14..<30)
        #expect(view.range(of: 13) == bytes.count - 4..<bytes.count)
        #expect(view.bytes(13).map(Array.init) == Array("1122".utf8))
        #expect(view.has(5) == false)
        #expect(view.range(of: 5) == nil)
        #expect(view.text(0) == nil)
        #expect(view.bytes(129) == nil)
        #expect(view.macField == nil)
        #expect(view.macCoverage == nil)
    }

    @Test("Values come back with the types they have")
    func typed() throws {
        let view = try MessageView(try Sample.purchaseBytes(), spec: spec)
        #expect(view[.terminal] == TerminalID("T0000001"))
        #expect(view[.merchant] == MerchantID(number: 123_456_789))
        #expect(view.amount == Money(minorUnits: 12_500, .eur))
        #expect(view[.entryMode] == 51)
        #expect(view[.ksn].map(Array.init) == Array(1...10))
        #expect(view[.rrn] == nil)
        #expect(view.text(42) == "000000123456789")
        #expect(view.text(52) == nil)
        #expect(view.number(52) == nil)
        #expect(view.macField == 64)
        #expect(view.macCoverage == 0..<view.bytes.count - 8)
        #expect(view.missingFields() == [])
        try view.checkPresence()
    }

    @Test("Every truncation of a good message is refused as truncated")
    func truncations() throws {
        let bytes = try Sample.purchaseBytes()
        for count in 0..<bytes.count {
            let found = try #require(error(DecodeError.self) { try MessageView(Array(bytes[..<count]), spec: spec) })
            guard case .truncated(let declared, let left) = found.kind else {
                Issue.record("cut to \(count): \(found)")
                continue
            }
            #expect(declared > left && left >= 0)
        }
    }

    @Test("Bytes behind the last field are refused")
    func trailing() throws {
        let bytes = try Sample.purchaseBytes()
        let found = error(DecodeError.self) { try MessageView(bytes + [0, 0], spec: spec) }
        #expect(found == DecodeError(path: "", offset: bytes.count, kind: .trailingBytes(2)))
    }

    /// Hexadecimal of a whole message, and what it must be refused for.
    static let refused: [(hex: String, error: DecodeError)] = [
        ("3032413030", .init(path: "0", offset: 2, kind: .badCharacter(expected: .digits, found: .letters))),
        ("303330300000000000000000", .init(path: "0", offset: 0, kind: .unsupportedMTI)),
        ("30323030" + "0800000000000000", .init(path: "5", offset: 12, kind: .unknownField)),
        ("30323030" + "8000000000000000" + "0000000000000000", .init(path: "1", offset: 12, kind: .badBitmap)),
        ("30323030" + "8000000000000000" + "00", .init(path: "1", offset: 12, kind: .truncated(declared: 8, left: 1))),
        (
            "30323030" + "FFFFFFFFFFFFFFFF" + "FFFFFFFFFFFFFFFF",
            .init(path: "1", offset: 4, kind: .tooManyFields(maximum: 48))
        ),
        ("30323030" + "4000000000000000" + "3A36", .init(path: "2", offset: 12, kind: .badLengthPrefix)),
        (
            "30323030" + "4000000000000000" + "3230",
            .init(path: "2", offset: 12, kind: .lengthOverMaximum(declared: 20, maximum: 19))
        ),
        (
            "30323030" + "4000000000000000" + "3037",
            .init(path: "2", offset: 12, kind: .lengthUnderMinimum(declared: 7, minimum: 8))
        ),
        (
            "30323030" + "4000000000000000" + "3038" + "3132",
            .init(path: "2", offset: 12, kind: .truncated(declared: 8, left: 2))
        ),
        (
            "30323030" + "2000000000000000" + "303030303A30",
            .init(path: "3", offset: 16, kind: .badCharacter(expected: .digits, found: .punctuation))
        ),
        // Field 39, lower case and inner space: letters are allowed, a space only at the end.
        (
            "30323030" + "0000000002000000" + "2061",
            .init(path: "39", offset: 12, kind: .badCharacter(expected: .alphanumerics, found: .space))
        ),
        // Field 41, a control character; field 35, a second separator.
        (
            "30323030" + "0000000000800000" + "4142434445460A48",
            .init(path: "41", offset: 18, kind: .badCharacter(expected: .printable, found: .control))
        ),
        (
            "30323030" + "0000000020000000" + "3038" + "31323D3334443536",
            .init(path: "35", offset: 19, kind: .badCharacter(expected: .track, found: .letters))
        ),
        // Field 48, a UTF-8 sequence without its end.
        (
            "30323030" + "0000000000010000" + "303033" + "41E4B8",
            .init(path: "48", offset: 16, kind: .badCharacter(expected: .utf8, found: .nonASCII))
        ),
        // Field 55: length past the end, no length, a tag without end, an indefinite length.
        (
            "30323030" + "0000000000000200" + "303035" + "9F10047F00",
            .init(path: "55.9F10", offset: 17, kind: .truncated(declared: 4, left: 2))
        ),
        (
            "30323030" + "0000000000000200" + "303031" + "82",
            .init(path: "55.82", offset: 16, kind: .truncated(declared: 1, left: 0))
        ),
        (
            "30323030" + "0000000000000200" + "303032" + "9FFF",
            .init(path: "55", offset: 15, kind: .truncated(declared: 1, left: 0))
        ),
        ("30323030" + "0000000000000200" + "303032" + "8280", .init(path: "55.82", offset: 16, kind: .badElement)),
        ("30323030" + "0000000000000200" + "303033" + "820139", .init(path: "55.82", offset: 16, kind: .badElement)),
        ("30323030" + "0000000000000200" + "303035" + "9F81818101", .init(path: "55", offset: 15, kind: .badElement)),
    ]

    @Test("What is wrong is named with field, byte and kind", arguments: refused.indices)
    func refusal(index: Int) throws {
        let entry = Self.refused[index]
        let bytes = try #require(Hex.bytes(entry.hex))
        #expect(error(DecodeError.self) { try MessageView(bytes, spec: spec) } == entry.error)
    }

    @Test("A message over the dialect's length is refused before it is read, one of that length is not")
    func lengthLimit() throws {
        let spec = try SpecText.spec(
            SpecText.document(
                fields: [
                    "48": [
                        "name": "text", "kind": "ans", "len": "LLL", "max": 999, "lenEnc": "ascii", "lenUnit": "byte",
                        "enc": "ascii",
                    ]
                ], bytes: 100))
        var exact = MessageBuilder(.financialRequest, spec: spec)
        exact.set(48, text: String(repeating: "x", count: 85))
        #expect(try MessageView(try exact.encode().bytes, spec: spec).bytes.count == 100)
        exact.set(48, text: String(repeating: "x", count: 86))
        #expect(
            error(EncodeError.self) { try exact.encode() }
                == EncodeError(field: 0, kind: .messageTooLong(length: 101, maximum: 100)))
        #expect(
            error(DecodeError.self) { try MessageView([UInt8](repeating: 0x30, count: 101), spec: spec) }
                == DecodeError(path: "", offset: 100, kind: .messageTooLong(length: 101, maximum: 100)))
    }

    @Test("Data objects of chip data are found, zero bytes between them skipped")
    func chipData() throws {
        var builder = Sample.purchase()
        let data = try #require(Hex.bytes("9F2608A1A2A3A4A5A6A7A80000820239009F2701805F2A020978"))
        builder.set(55, bytes: data)
        let view = try MessageView(try builder.encode().bytes, spec: spec)
        #expect(view.elements(of: 55).map(\.tag) == [0x9F26, 0x82, 0x9F27, 0x5F2A])
        #expect(view.element(0x82, of: 55).map(Array.init) == [0x39, 0x00])
        #expect(view.element(0x9F36, of: 55) == nil)
        #expect(view.element(0x9F26, of: 52) == nil)
    }

    @Test("No single changed byte of a good message crashes, and what still decodes encodes to the same bytes")
    func mutations() throws {
        let good = try Sample.purchaseBytes()
        for index in good.indices {
            for value: UInt8 in [
                0x00, 0x20, 0x30, 0x39, 0x3A, 0x41, 0x7F, 0x80, 0xFF, good[index] ^ 1, good[index] ^ 0x80,
            ] {
                var bytes = good
                bytes[index] = value
                guard let view = try? MessageView(bytes, spec: spec) else { continue }
                var builder = MessageBuilder(view.mti, spec: spec)
                for field in view.fields.fields { builder.copy(field, from: view) }
                if let again = try? builder.encode() {
                    #expect(again.bytes == bytes, "byte \(index) set to \(value)")
                } else {
                    // Encoding alone refuses a code that is not last; no changed byte here adds fields behind it.
                    Issue.record("byte \(index) set to \(value) decodes and does not encode")
                }
            }
        }
    }

    @Test("Random bytes never crash the decoder", arguments: [UInt64(1), 2, 3, 4])
    func fuzz(seed: UInt64) throws {
        var random = Seeded(state: seed)
        let good = try Sample.purchaseBytes()
        for round in 0..<20_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: index)
                default: bytes.insert(UInt8.random(in: 0x2F...0x3A, using: &random), at: index)
                }
            }
            guard let view = try? MessageView(bytes, spec: spec) else { continue }
            for field in view.fields.fields {
                let range = try #require(view.range(of: field))
                #expect(range.upperBound <= bytes.count, "seed \(seed) round \(round)")
                _ = view.number(field)
                _ = view.text(field)
                _ = view.elements(of: field)
            }
            _ = Masking.masked(view)
            _ = view.missingFields()
        }
    }
}
