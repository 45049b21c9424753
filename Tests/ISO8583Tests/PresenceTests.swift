// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Testing
import Vocabulary

@Suite("Presence and authentication code")
struct PresenceTests {
    private let spec = MessageSpec.iso8583_1987

    @Test(
        "Each mandatory field of a purchase is missed when it is left out",
        arguments: [3, 4, 11, 12, 13, 22, 25, 41, 42, 49, 62, 63])
    func mandatory(field: Int) throws {
        var builder = Sample.purchase()
        builder.remove(field)
        #expect(builder.missingFields() == [field])
        let view = try MessageView(try builder.encode().bytes, spec: spec)
        #expect(view.missingFields() == [field])
        #expect(
            error(DecodeError.self) { try view.checkPresence() }
                == DecodeError(path: "\(field)", offset: 4, kind: .missingField))
    }

    @Test("A purchase needs a PAN or track 2")
    func conditional() throws {
        var builder = Sample.purchase()
        builder.remove(2)
        #expect(try MessageView(try builder.encode().bytes, spec: spec).missingFields() == [2])
        builder.set(35, text: "4761739001010010=30122011143804489")
        #expect(try MessageView(try builder.encode().bytes, spec: spec).missingFields() == [])
    }

    @Test("A death token alone may stand in for administrative data, without a code")
    func deathToken() throws {
        var builder = MessageBuilder(.administrativeAdvice, spec: spec)
        builder.set(11, number: 1)
        builder.set(41, text: "T0000001")
        #expect(try MessageView(try builder.encode().bytes, spec: spec).missingFields() == [60])
        builder.set(58, bytes: [UInt8](repeating: 7, count: 32))
        #expect(try MessageView(try builder.encode().bytes, spec: spec).missingFields() == [])
    }

    @Test("A message without its code misses it where it belongs")
    func missingCode() throws {
        let full = try MessageView(try Sample.purchaseBytes(), spec: spec)
        var builder = MessageBuilder(.financialRequest, spec: spec)
        for field in full.fields.fields where field != 64 { builder.copy(field, from: full) }
        #expect(try MessageView(try builder.encode().bytes, spec: spec).missingFields() == [64])
        builder.set(102, text: "1")
        #expect(try MessageView(try builder.encode().bytes, spec: spec).missingFields() == [128])
    }

    @Test("With fields over 64 the code is field 128 and covers everything before it")
    func secondBitmap() throws {
        var builder = Sample.purchase()
        builder.set(110, bytes: [UInt8](repeating: 1, count: 16))
        let encoded = try builder.encode()
        #expect(encoded.macField == 128)
        #expect(encoded.macCoverage == 0..<encoded.bytes.count - 8)
        let view = try MessageView(encoded.bytes, spec: spec)
        #expect(view.macField == 128)
        #expect(view.has(64) == false)
        #expect(view.missingFields() == [])
    }

    @Test("A code in field 64 with a field behind it is no code")
    func codeNotLast() throws {
        // 0200 with fields 64 and 102 only.
        let bytes = try #require(
            Hex.bytes("30323030" + "8000000000000001" + "0000000004000000" + "0102030405060708" + "303131"))
        let view = try MessageView(bytes, spec: spec)
        #expect(view.macField == nil)
        #expect(view.macCoverage == nil)
        #expect(view.missingFields().contains(128))
        var builder = MessageBuilder(.financialRequest, spec: spec)
        builder.set(64, bytes: Array(1...8))
        builder.set(102, text: "1")
        #expect(error(EncodeError.self) { try builder.encode() } == EncodeError(field: 64, kind: .macNotLast))
    }

    @Test("Fields that a message's rule does not name are listed")
    func unexpected() throws {
        var builder = Sample.purchase()
        #expect(try MessageView(try builder.encode().bytes, spec: spec).unexpectedFields() == [])
        builder.set(70, number: 301)
        #expect(try MessageView(try builder.encode().bytes, spec: spec).unexpectedFields() == [70])
    }

    @Test("A known message that is not served decodes and says so")
    func notServed() throws {
        let rule: JSON = [
            "name": "request", "served": false, "mac": "never", "mandatory": [], "conditional": [], "optional": [11],
        ]
        let stan: JSON = ["name": "trace", "kind": "n", "len": "fixed", "max": 6, "enc": "ascii"]
        let spec = try SpecText.spec(
            SpecText.document(fields: ["11": stan], messages: ["0100": rule, "0110": rule]))
        let builder = MessageBuilder(.authorisationRequest, spec: spec)
        let view = try MessageView(try builder.encode().bytes, spec: spec)
        #expect(view.rule?.isServed == false)
    }

    @Test("Message types answer and repeat as the standard says")
    func messageTypes() throws {
        #expect(MTI.reversalRequest.response == .reversalResponse)
        #expect(MTI.reversalRepeat.response == .reversalResponse)
        #expect(MTI.reversalAdviceRepeat.response == .reversalAdviceResponse)
        #expect(MTI.administrativeAdvice.response == .administrativeAdviceResponse)
        #expect(MTI.networkResponse.response == .networkResponse)
        #expect(MTI.reversalRequest.repeated == .reversalRepeat)
        #expect(MTI.financialResponse.isResponse && !MTI.financialRequest.isResponse)
        #expect(MTI("0421") == .reversalAdviceRepeat)
        #expect(MTI("042") == nil)
        #expect(MTI("04x1") == nil)
        #expect(MTI(rawValue: 0x020A) == nil)
        #expect(MTI.financialRequest.description == "0200")
    }
}
