// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Vocabulary

@Suite("Identifiers")
struct IdentifierTests {
    @Test("a code keeps its characters", arguments: ["1", "T1", "POS00001", "a b", " x", "~!@"])
    func code(text: String) throws {
        let code = try #require(TerminalID(text))
        #expect(code.description == text)
        #expect(code.bytes == Array(text.utf8))
        #expect(TerminalID(ascii: code.bytes) == code)
        #expect(TerminalID(packed: code.packed) == code)
    }

    @Test("trailing spaces, as fixed fields carry them, are dropped")
    func padding() throws {
        #expect(TerminalID("T1      ") == TerminalID("T1"))
        #expect(TerminalID("POS00001          ") == TerminalID("POS00001"))
    }

    @Test(
        "what is no code is refused",
        arguments: ["", " ", "        ", "123456789", "é", "端末", "a\n", "a\t", "\u{7F}", "\0"])
    func refused(text: String) { #expect(TerminalID(text) == nil) }

    @Test("codes sort as their text does")
    func order() {
        let texts = ["0", "00", "09", "1", "A", "AB", "B", "a"]
        let codes = texts.compactMap { GoodsCode($0) }
        #expect(codes.count == texts.count)
        #expect(codes.reversed().sorted() == codes)
    }

    @Test("numbers are written with the digits of their field")
    func digits() {
        #expect(STAN(7).description == "000007" && STAN(999_999).description == "999999")
        #expect(RRN(42).description == "000000000042")
        #expect(MerchantID(number: 123).description == "000000000000123")
        #expect(MCC(5).description == "0005" && MCC(5_993).description == "5993")
        #expect(AccountID(5).description == "A5" && CaseID(9).description == "C9")
    }

    @Test("the trace number runs from 1 to 999999 and round")
    func stan() {
        #expect(STAN(1).next == STAN(2))
        #expect(STAN(999_998).next == STAN(999_999))
        #expect(STAN(999_999).next == STAN(1))
        #expect(STAN(0).next == STAN(1))
    }

    @Test("a card key reads back from its text")
    func cardKey() {
        var random = SeededRandom(seed: 3)
        for _ in 0..<200 {
            let key = CardKey(high: random.next(), low: random.next())
            #expect(CardKey(key.description) == key)
            #expect(CardKey(key.description.lowercased()) == key)
        }
        #expect(CardKey(high: 0, low: 1).description == "00000000000000000000000000000001")
        #expect(CardKey(high: 1, low: 0) > CardKey(high: 0, low: .max))
    }

    @Test(
        "what is no card key is refused",
        arguments: [
            "", "0", String(repeating: "0", count: 31), String(repeating: "0", count: 33),
            String(repeating: "g", count: 32),
            "+" + String(repeating: "0", count: 31),
            String(repeating: "0", count: 16) + "-" + String(repeating: "0", count: 15),
            " " + String(repeating: "0", count: 31),
        ])
    func badCardKey(text: String) { #expect(CardKey(text) == nil) }

    @Test("hexadecimal text reads back; odd lengths and other characters are refused")
    func hex() {
        let all = (0...255).map { UInt8($0) }
        #expect(Hex.bytes(Hex.text(all)) == all)
        #expect(Hex.bytes(Hex.text(all).lowercased()) == all)
        #expect(Hex.text([0x0F, 0xA0]) == "0FA0" && Hex.text(UInt64(0xAB)) == "00000000000000AB")
        #expect(Hex.bytes("") == [])
        for text in ["0", "0G", "0 ", "+0", "0x00", "é0", "０0"] { #expect(Hex.bytes(text) == nil) }
    }
}
