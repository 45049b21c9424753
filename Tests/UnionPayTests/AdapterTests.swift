// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Testing
import Vocabulary

@testable import UnionPay

struct Missing: Error {}

func require<T>(_ value: T?, _ location: SourceLocation = #_sourceLocation) throws -> T {
    guard let value else {
        Issue.record("a value is missing", sourceLocation: location)
        throw Missing()
    }
    return value
}

@Suite("UnionPay's messages and the cores'")
struct AdapterTests {
    /// A message of the cores' with everything that any of its kind can have.
    private func core(_ kind: TransactionKind, reverses: Bool) throws -> MessageBuilder {
        let type = try require(MTI(rawValue: reverses ? 0x0400 : kind.messageType))
        var builder = MessageBuilder(type, spec: .iso8583_1987)
        builder.set(2, text: "4000000000000010")
        builder.set(3, number: kind.processingCode)
        builder.set(4, number: kind == .balance ? 0 : 12_50)
        builder.set(7, number: 1_231_235_958)
        builder.set(11, number: 999_999)
        builder.set(12, number: 235_959)
        builder.set(13, number: 1_231)
        builder.set(14, number: 3_012)
        builder.set(22, number: reverses ? 0 : 51)
        builder.set(25, number: kind.condition)
        builder.set(41, text: "TILL0007")
        builder.set(42, text: "100000000000001")
        builder.set(49, number: 978)
        builder.set(59, text: "000042" + StepUpSupport.all.text)
        if reverses { builder.set(39, text: "98") }
        if kind.hasOriginal || reverses {
            builder.set(37, text: "000000000017")
            builder.set(38, text: "A1B2C3")
            let type = reverses ? MTI(rawValue: kind.messageType)?.description : "0200"
            builder.set(90, text: (type ?? "") + "0000421230010203" + String(repeating: "0", count: 22))
        }
        if !kind.hasOriginal, !reverses {
            builder.set(44, text: "S17")
            builder.set(60, text: "PW")
            builder.set(61, text: "GROCERY,FOOD")
        }
        return builder
    }

    private func sent(_ core: MessageBuilder) throws -> MessageView {
        let sending = UnionPay.Sending(profile: .sessionTDES, batch: 42, hasHealth: false)
        return try MessageView(try UnionPay.request(core, sending).encode().bytes, spec: .unionpayPOS)
    }

    @Test("a request comes back as it was, whatever its kind", arguments: TransactionKind.allCases, [false, true])
    func thereAndBack(kind: TransactionKind, reverses: Bool) throws {
        guard !reverses || kind.isReversed else { return }
        let core = try core(kind, reverses: reverses)
        let wire = try sent(core)
        #expect(wire.unexpectedFields() == [])
        #expect(wire.rule != nil)
        #expect(try require(UnionPay.coreRequest(wire)).bytes == core.encode().bytes)
    }

    @Test("a refused sign-on's answer has room for the ticket that brings its module's orders, and none for keys")
    func refusedTicket() throws {
        func message(_ type: MTI) -> MessageBuilder {
            var builder = MessageBuilder(type, spec: .iso8583_1987)
            builder.set(7, number: 1_231_235_958)
            builder.set(11, number: 17)
            builder.set(12, number: 235_959)
            builder.set(13, number: 1_231)
            builder.set(41, text: "TILL0007")
            builder.set(42, text: "100000000000001")
            builder.set(70, number: 1)
            return builder
        }
        var answer = message(.networkResponse)
        answer.set(37, number: 42)
        answer.set(39, text: "57")
        answer.reserve(57, count: 90)
        let wire = try UnionPay.answer(to: try sent(message(.networkRequest)), answer, display: "停用").encode()
        #expect(wire.range(of: 57)?.count == 90 && wire.range(of: 62) == nil)
    }

    @Test("a request that contradicts itself loses what contradicts")
    func contradictions() throws {
        let wire = try sent(try core(.purchaseVoid, reverses: false))
        func changed(_ field: Int, _ text: String) throws -> MessageView {
            var builder = MessageBuilder(wire.mti, spec: .unionpayPOS)
            for other in 2...63 where wire.has(other) { builder.copy(other, from: wire) }
            builder.set(field, text: text)
            let view = try MessageView(try builder.encode().bytes, spec: .unionpayPOS)
            return try require(UnionPay.coreRequest(view))
        }
        #expect(try changed(25, "06").has(3) == false)
        #expect(try changed(3, "000000").has(3) == false)
        #expect(try changed(60, "2100004200060").has(3) == false)
        // Another day in 61 than in the time of the original.
        let day = try changed(61, "0000420000421229")
        #expect(day.has(3) && !day.has(90))
        #expect(try changed(59, "TM020").has(7) == false)
    }

    @Test(
        "private data are taken whole or not at all",
        arguments: ["TM", "TM00", "TM003AB", "XX001A", "SU001ASU001B", "SU000", "SU0A1A", "SU001AB"])
    func strict(text: String) { #expect(PrivateData(text: text) == nil) }

    @Test("private data come back as they were")
    func data() throws {
        var data = PrivateData()
        #expect(data.text == nil)
        data[.goods] = "FOOD"
        data[.time] = "12312359581231235959"
        #expect(data.text == "TM02012312359581231235959GD004FOOD")
        #expect(PrivateData(text: try require(data.text)) == data)
    }

    @Test("an envelope goes back where it came from, and nothing else is taken for one")
    func envelope() throws {
        var frame: [UInt8] = [0x60, 0x00, 0x03, 0x12, 0x34, 0x60, 0x31, 0x00, 0x31, 0x10, 0x03, 0x02, 0x00]
        let envelope = try require(UnionPay.Envelope(taking: &frame))
        #expect(frame == [0x02, 0x00])
        #expect(envelope.header.processing == .none)
        #expect(
            envelope.answer(.signOn).bytes
                == [0x60, 0x12, 0x34, 0x00, 0x03, 0x60, 0x31, 0x03, 0x31, 0x10, 0x03])
        for wrong: [UInt8] in [
            [], [UInt8](repeating: 0x60, count: 11), [0x30] + [UInt8](repeating: 0, count: 20),
            [0x60, 0, 0, 0, 0, 0x6A, 0, 0, 0, 0, 0, 2, 0],
        ] {
            var frame = wrong
            #expect(UnionPay.Envelope(taking: &frame) == nil)
            #expect(frame == wrong)
        }
    }
}
