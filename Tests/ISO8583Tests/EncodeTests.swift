// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Testing
import Vocabulary

@Suite("Encoding")
struct EncodeTests {
    private let spec = MessageSpec.iso8583_1987

    @Test("A message encodes to the bytes written by hand, in whatever order its fields are set")
    func byHand() throws {
        var builder = MessageBuilder(.financialRequest, spec: spec)
        builder.set(13, number: 1122)
        builder.set(4, number: 99)
        builder.set(12, number: 205_847)
        builder.set(2, text: "4761739001010010")
        builder.set(4, number: 12_500)
        builder.set(.stan, STAN(42))
        builder.set(3, number: 0)
        #expect(Hex.text(try builder.encode().bytes) == Sample.head)
    }

    @Test("An account number is written and read alike in plain and packed digits, odd in number or not")
    func accountNumber() throws {
        for digits in ["476173900101001", "400000000000", "622202123456789012"] {
            let pan = try #require(PAN(accountDigits: digits))
            for spec in MessageSpec.shipped {
                var builder = MessageBuilder(.financialRequest, spec: spec)
                builder.set(pan: pan)
                let view = try MessageView(try builder.encode().bytes, spec: spec)
                #expect(view.pan == pan && view.text(2)?.utf8.count == digits.utf8.count + 1)
                var other = MessageBuilder(.financialRequest, spec: spec)
                other.set(2, text: digits + (pan.ascii.last == 0x30 ? "1" : "0"))
                let wrong = try MessageView(try other.encode().bytes, spec: spec)
                #expect(wrong.has(2) && wrong.pan == nil)
            }
        }
    }

    @Test("Typed values encode padded as their fields are")
    func typed() throws {
        var builder = MessageBuilder(.financialResponse, spec: spec)
        builder.set(amount: Money(minorUnits: 5, .eur))
        builder.set(.rrn, RRN(7))
        builder.set(.merchant, MerchantID(number: 9))
        builder.set(.mcc, MCC(5411))
        builder.set(.terminal, try #require(TerminalID("T1")))
        builder.set(.responseCode, "00")
        builder.set(.displayText, "交易成功")
        builder.set(.nonce, [1, 2, 3])
        let view = try MessageView(try builder.encode().bytes, spec: spec)
        #expect(view.amount == Money(minorUnits: 5, .eur))
        #expect(view.text(4) == "000000000005")
        #expect(view.text(37) == "000000000007")
        #expect(view.text(42) == "000000000000009")
        #expect(view.bytes(41).map(Array.init) == Array("T1      ".utf8))
        #expect(view[.terminal] == TerminalID("T1"))
        #expect(view[.mcc] == MCC(5411))
        #expect(view[.displayText] == "交易成功")
        #expect(view.bytes(48)?.count == 12)
        #expect(view[.nonce].map(Array.init) == [1, 2, 3])
    }

    @Test("A message written into the caller's memory is the one that is returned, also by a builder used again")
    func callersMemory() throws {
        let request = try MessageView(try Sample.purchaseBytes(), spec: Sample.spec)
        var builder = MessageBuilder(.networkRequest, spec: Sample.spec)
        builder.set(.stan, STAN(9))
        builder.set(55, bytes: [UInt8](repeating: 0, count: 3))
        builder.restart(.financialRequest)
        for field in request.fields.fields.reversed() where field != 64 { builder.copy(field, from: request) }
        builder.reserveMAC()
        let returned = try builder.encode()
        var memory = [UInt8](repeating: 0xEE, count: returned.bytes.count + 5)
        var span = memory.mutableSpan
        let index = try builder.encode(into: &span)
        #expect(index.end == returned.bytes.count)
        #expect(Array(memory[..<index.end]) == returned.bytes)
        #expect(memory[index.end...].allSatisfy { $0 == 0xEE })
        for field in returned.fields.fields {
            #expect(index.range(of: field, spec: Sample.spec) == returned.range(of: field))
        }
        #expect(try MessageView(returned.bytes, spec: Sample.spec).fields == returned.fields)
    }

    @Test("Memory that is too small by one byte is refused and left as it was")
    func smallMemory() throws {
        var builder = MessageBuilder(.networkRequest, spec: spec)
        builder.set(.stan, STAN(9))
        let needed = try builder.encode().bytes.count
        var memory = [UInt8](repeating: 0xEE, count: needed - 1)
        let refused = error(EncodeError.self) {
            var span = memory.mutableSpan
            _ = try builder.encode(into: &span)
        }
        #expect(refused == EncodeError(field: 0, kind: .noRoom(needed: needed, given: needed - 1)))
        #expect(memory.allSatisfy { $0 == 0xEE })
    }

    @Test("Holes are where the message says and can be filled")
    func holes() throws {
        var builder = MessageBuilder(.financialRequest, spec: spec)
        builder.reserve(62, count: 12)
        builder.reserve(52, count: 8)
        builder.reserve(63, count: 30)
        builder.reserveMAC()
        var encoded = try builder.encode()
        #expect(encoded.range(of: 52) == 12..<20)
        #expect(encoded.range(of: 62) == 23..<35)
        #expect(encoded.range(of: 63) == 38..<68)
        #expect(encoded.range(of: 64) == 68..<76)
        #expect(encoded.bytes[12..<20].allSatisfy { $0 == 0 })
        encoded.fill(64, with: Array(1...8))
        encoded.fill(62, with: [UInt8](repeating: 0xEE, count: 12))
        let view = try MessageView(encoded.bytes, spec: spec)
        #expect(view.bytes(64).map(Array.init) == Array(1...8))
        #expect(view.bytes(62)?.allSatisfy { $0 == 0xEE } == true)
        #expect(view.macCoverage == encoded.macCoverage)
    }

    @Test("A response echoes the fields of its request that are asked for and there")
    func answer() throws {
        let request = try MessageView(try Sample.purchaseBytes(), spec: spec)
        var builder = MessageBuilder(answering: request, echoing: FieldSet([3, 4, 11, 41, 90]))
        builder.set(39, text: "00")
        let view = try MessageView(try builder.encode().bytes, spec: spec)
        #expect(view.mti == .financialResponse)
        #expect(view.fields.fields == [3, 4, 11, 39, 41])
        #expect(view[.stan] == request[.stan])
    }

    /// What is set on a fresh purchase, and what encoding must throw.
    static let refused: [(what: @Sendable (inout MessageBuilder) -> Void, error: EncodeError)] = [
        ({ $0.set(5, number: 1) }, .init(field: 5, kind: .unknownField)),
        ({ $0.set(129, text: "x") }, .init(field: 129, kind: .unknownField)),
        ({ $0.set(3, number: 1_000_000) }, .init(field: 3, kind: .badLength(given: 7, minimum: 6, maximum: 6))),
        ({ $0.set(2, text: "1234567") }, .init(field: 2, kind: .badLength(given: 7, minimum: 8, maximum: 19))),
        ({ $0.set(39, text: "000") }, .init(field: 39, kind: .badLength(given: 3, minimum: 2, maximum: 2))),
        ({ $0.set(52, bytes: [1, 2]) }, .init(field: 52, kind: .badLength(given: 2, minimum: 8, maximum: 8))),
        (
            { $0.set(62, bytes: [UInt8](repeating: 0, count: 61)) },
            .init(field: 62, kind: .badLength(given: 61, minimum: 1, maximum: 60))
        ),
        ({ $0.set(52, number: 1) }, .init(field: 52, kind: .notText)),
        ({ $0.set(52, text: "x") }, .init(field: 52, kind: .notText)),
        ({ $0.set(3, text: "00000x") }, .init(field: 3, kind: .badCharacter)),
        ({ $0.set(39, text: "é") }, .init(field: 39, kind: .badCharacter)),
        ({ $0.set(44, text: "a\nb") }, .init(field: 44, kind: .badCharacter)),
        ({ $0.set(41, bytes: [0, 0, 0, 0, 0, 0, 0, 0]) }, .init(field: 41, kind: .badCharacter)),
        ({ $0.set(35, text: "12345678=1=2") }, .init(field: 35, kind: .badCharacter)),
        ({ $0.set(55, bytes: [0x82, 0x02, 0x00]) }, .init(field: 55, kind: .badCharacter)),
        ({ $0.set(amount: Money(minorUnits: -1, .eur)) }, .init(field: 4, kind: .badCharacter)),
    ]

    @Test("A value that does not fit its field is refused, naming the field", arguments: refused.indices)
    func refusal(index: Int) throws {
        var builder = Sample.purchase()
        Self.refused[index].what(&builder)
        #expect(error(EncodeError.self) { try builder.encode() } == Self.refused[index].error)
    }

    @Test("A message type without a rule is refused")
    func unsupported() throws {
        let mti = try #require(MTI("0600"))
        let builder = MessageBuilder(mti, spec: spec)
        #expect(error(EncodeError.self) { try builder.encode() } == EncodeError(field: 0, kind: .unsupportedMTI))
    }

    @Test("A dialect without a field for a code refuses to reserve one, and too many fields")
    func noCode() throws {
        let field: JSON = ["name": "x", "kind": "n", "len": "fixed", "max": 1, "enc": "ascii"]
        let spec = try SpecText.spec(SpecText.document(fields: ["3": field, "4": field], count: 1))
        var builder = MessageBuilder(.financialRequest, spec: spec)
        builder.reserveMAC()
        #expect(error(EncodeError.self) { try builder.encode() } == EncodeError(field: 0, kind: .noMACField))
        var two = MessageBuilder(.financialRequest, spec: spec)
        two.set(3, number: 1)
        #expect(try two.encode().bytes.count == 13)
        two.set(4, number: 1)
        #expect(error(EncodeError.self) { try two.encode() } == EncodeError(field: 0, kind: .tooManyFields(maximum: 1)))
    }

    @Test("A second bitmap that is always there is written and required")
    func alwaysSecondary() throws {
        let field: JSON = ["name": "x", "kind": "n", "len": "fixed", "max": 1, "enc": "ascii"]
        let spec = try SpecText.spec(
            SpecText.document(
                fields: ["3": field], bitmap: ["enc": "binary", "maxFields": 128, "secondary": "always"]))
        var builder = MessageBuilder(.financialRequest, spec: spec)
        builder.set(3, number: 1)
        let bytes = try builder.encode().bytes
        #expect(Hex.text(bytes) == "30323030" + "A000000000000000" + "0000000000000000" + "31")
        #expect(try MessageView(bytes, spec: spec).number(3) == 1)
        #expect(
            error(DecodeError.self) {
                try MessageView(Array(bytes[..<4]) + [0x20, 0, 0, 0, 0, 0, 0, 0, 0x31], spec: spec)
            }
                == DecodeError(path: "1", offset: 4, kind: .badBitmap))
    }

    @Test("Random messages survive encoding and decoding", arguments: [UInt64(11), 12, 13])
    func roundTrip(seed: UInt64) throws {
        var random = Seeded(state: seed)
        for round in 0..<300 {
            var builder = MessageBuilder(.financialRequest, spec: spec)
            var expected: [(Int, [UInt8])] = []
            for field in spec.definedFields.fields.shuffled(using: &random) where field != 64 && field != 128 {
                guard Bool.random(using: &random), let layout = spec.field(field) else { continue }
                let length = Int.random(in: Int(layout.minimum)...min(60, Int(layout.maximum)), using: &random)
                let size = layout.isVariable ? length : Int(layout.maximum)
                var value = (0..<size).map { _ in UInt8.random(in: 0x30...0x39, using: &random) }
                if layout.kind == .binary, layout.content == .opaque {
                    value = value.map { _ in UInt8.random(in: 0...255, using: &random) }
                } else if layout.content.isBERTLV {
                    value = [0xDF, 0x01, UInt8(size)] + value
                }
                builder.set(field, bytes: value)
                expected.append((field, value))
            }
            builder.reserveMAC()
            let encoded = try builder.encode()
            let view = try MessageView(encoded.bytes, spec: spec)
            #expect(view.fields.count == expected.count + 1, "seed \(seed) round \(round)")
            for (field, value) in expected {
                #expect(view.bytes(field).map(Array.init) == value, "seed \(seed) round \(round) field \(field)")
                #expect(view.range(of: field) == encoded.range(of: field))
            }
        }
    }
}
