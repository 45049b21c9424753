// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Testing
import Vocabulary

@Suite("Answers made of requests")
struct PatchTests {
    @Test("An answer keeps what it is told to keep, byte for byte, and is what a builder makes")
    func answer() throws {
        let request = try MessageView(try Sample.purchaseBytes(), spec: Sample.spec)
        let kept = FieldSet([2, 3, 4, 11, 41, 49, 90])
        var patch = MessagePatch(request, mti: request.mti.response, keeping: kept)
        patch.set(39, text: "00")
        patch.set(38, text: "A1B2C3")
        patch.set(37, number: 9)
        patch.set(4, number: 99)
        patch.remove(49)
        patch.reserveMAC()
        let message = try patch.encode()
        var builder = MessageBuilder(answering: request, echoing: kept)
        builder.set(39, text: "00")
        builder.set(38, text: "A1B2C3")
        builder.set(37, number: 9)
        builder.set(4, number: 99)
        builder.remove(49)
        builder.reserveMAC()
        let built = try builder.encode()
        #expect(message.bytes == built.bytes)
        #expect(message.macCoverage == built.macCoverage)
        for field in built.fields.fields { #expect(message.range(of: field) == built.range(of: field)) }
        #expect(try MessageView(message.bytes, spec: Sample.spec).bytes == message.bytes)
    }

    @Test("A patch that changes nothing but the type leaves every other byte of a published message")
    func identity() throws {
        for vector in VectorTests.messages {
            guard let view = try? MessageView(vector.body, spec: vector.spec) else { continue }
            let patch = MessagePatch(view, mti: view.mti.response, keeping: view.fields)
            let bytes = try patch.encode().bytes
            let head = vector.spec.name.contains("ascii") || vector.spec.name.contains("moov") ? 4 : 2
            #expect(bytes.dropFirst(head) == vector.body.dropFirst(head), "\(vector.id)")
        }
    }

    @Test("A field that stays but is laid out otherwise in the answer is refused, and so is a wrong value")
    func refused() throws {
        let spec = MessageSpec.unionpayPOS
        var request = MessageBuilder(.networkRequest, spec: spec)
        request.set(62, text: "abc")
        let view = try MessageView(try request.encode().bytes, spec: spec)
        let patch = MessagePatch(view, mti: .networkResponse)
        #expect(error(EncodeError.self) { try patch.encode() } == EncodeError(field: 62, kind: .layoutMismatch))
        var wrong = MessagePatch(view, mti: .networkResponse, keeping: FieldSet())
        wrong.set(39, text: "000")
        #expect(error(EncodeError.self) { try wrong.encode() }?.field == 39)
    }
}
