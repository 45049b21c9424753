// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import Demo

@Suite("The demo's own client")
struct WireTests {
    @Test("a message is written as ISO 8583:1987 has it")
    func messageIsWritten() {
        let bytes = HostMessage.encode(
            "0200", [(2, Array("4000000000000010".utf8)), (3, Array("000000".utf8)), (62, [1, 2])])
        // Bits 2, 3 and 62, then two digits of length, and three.
        let expected: [UInt8] =
            Array("0200".utf8) + [0x60, 0, 0, 0, 0, 0, 0, 0x04] + Array("164000000000000010000000002".utf8) + [1, 2]
        #expect(bytes == expected)
    }

    @Test("an answer is read field by field")
    func answerIsRead() throws {
        let bytes: [UInt8] =
            Array("0210".utf8) + [0, 0x20, 0, 0, 0x02, 0x80, 0, 0] + Array("000017TMTILL0001".utf8)
        let (type, fields) = try #require(HostMessage.decode(bytes))
        #expect(type == "0210")
        #expect(fields[11] == Array("000017".utf8))
        #expect(fields[39] == Array("TM".utf8))
        #expect(fields[41] == Array("TILL0001".utf8))
    }

    @Test("an answer cut short or with something after it is no answer", arguments: [-1, 1])
    func brokenAnswers(by difference: Int) {
        var bytes: [UInt8] = Array("0210".utf8) + [0, 0x20, 0, 0, 0x02, 0, 0, 0] + Array("00001700".utf8)
        #expect(HostMessage.decode(bytes) != nil)
        if difference < 0 { bytes.removeLast() } else { bytes.append(0x30) }
        #expect(HostMessage.decode(bytes) == nil)
    }

    @Test("a body is read plain and in chunks")
    func bodies() throws {
        let plain = try #require(WebAnswer(Array("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".utf8)))
        #expect(plain.status == 200)
        #expect(plain.body == "hello")
        #expect(plain.header("content-length") == "5")
        let text = "HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n"
        let chunked = try #require(WebAnswer(Array(text.utf8)))
        #expect(chunked.status == 403)
        #expect(chunked.body == "hello")
        #expect(WebAnswer(Array("HTTP/1.1 200".utf8)) == nil)
    }

    @Test("fields, links and parts of a page are found")
    func pages() {
        let html = #"<a href="/a?x=1&amp;y=2">A</a><input name="csrf" value="t&quot;1"><b>in</b>"#
        #expect(Page.values(of: "href", in: html) == ["/a?x=1&y=2"])
        #expect(Page.hidden("csrf", in: html) == "t\"1")
        #expect(Page.part(from: "<b>", to: "</b>", in: html) == "in")
        #expect(Page.hidden("other", in: html) == nil)
        #expect(Page.form([Pair("a b", "1&2"), Pair("c", "ä")]) == "a%20b=1%262&c=%C3%A4")
    }

    @Test("a text is found wherever it stands, and only from the start given")
    func search() {
        let hay = Array("abababac--abac".utf8)
        #expect(hay.place(of: Array("abac".utf8)) == 4..<8)
        #expect(hay.place(of: Array("abac".utf8), from: 5) == 10..<14)
        #expect(hay.place(of: Array("a".utf8), from: 13) == nil)
        #expect(hay.place(of: hay) == 0..<14)
        #expect(hay.place(of: []) == nil)
        #expect(!hay.holds(Array("abad".utf8)))
    }

    @Test("the estate's cards have right check digits and no two alike")
    func cards() {
        for card in DemoEstate.cards { #expect(PAN(card.number) != nil) }
        #expect(Set(DemoEstate.cards.map(\.number)).count == 10)
        #expect(DemoEstate.card(1).masked == "400000******0010")
    }

    @Test("clear secrets are found in the forms in which they leak, and nothing else is taken for one")
    func secrets() {
        let card = DemoEstate.card(1)
        #expect(ClearSecrets.first(inText: "card \(card.number).") != nil)
        #expect(ClearSecrets.first(inText: "\"pin\":\"\(card.pin)\"") != nil)
        #expect(
            ClearSecrets.first(inText: "rrn 00000000\(card.pin), 1\(card.pin), \(card.pin)5, ref-\(card.pin)") == nil)
        #expect(ClearSecrets.first(inText: "card \(card.masked), 60.00 EUR") == nil)
        // The field, and the block: the field exclusive-ored with 0000 and twelve digits of the number.
        #expect(ClearSecrets.first(inFile: [9, 0x04, 0x12, 0x34, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]) != nil)
        #expect(ClearSecrets.first(inFile: [0x04, 0x12, 0x34, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE]) != nil)
        #expect(ClearSecrets.first(inFile: [0x44, 0x12, 0x34, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA]) != nil)
        #expect(ClearSecrets.first(inFile: Hex.bytes(card.number) ?? []) != nil)
        #expect(ClearSecrets.first(inFile: Array(card.masked.utf8)) == nil)
    }
}
