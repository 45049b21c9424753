// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Testing
import Vocabulary

@Suite("GBK")
struct GBKTests {
    /// From Python's codec `gb18030`.
    static let answers = [
        ("交易成功，请持卡人致电。", "BDBBD2D7B3C9B9A6A3ACC7EBB3D6BFA8C8CBD6C2B5E7A1A3"),
        ("密码错", "C3DCC2EBB4ED"), ("啊齄", "B0A1F7FE"), ("　、〓", "A1A1A1A2A1FE"), ("€ №Ⅻ", "A2E320A1EDA2FC"),
        ("POS 1", "504F532031"),
        ("—·", "A1AAA1A4"), ("", ""),
    ]

    @Test("texts come out as the standard's codec writes them, and back", arguments: answers)
    func known(text: String, hex: String) throws {
        #expect(Hex.text(GBK.bytes(text)) == hex)
        #expect(GBK.text(try #require(Hex.bytes(hex))) == text)
    }

    @Test("every two bytes are one character and no other, or none")
    func everyPair() {
        var characters = Set<String>()
        for first in UInt8(0x80)...0xFF {
            for second in UInt8.min...UInt8.max {
                guard let text = GBK.text([first, second]) else { continue }
                #expect(text.unicodeScalars.count == 1 && GBK.bytes(text) == [first, second], "\(first) \(second)")
                characters.insert(text)
            }
        }
        // 6,763 characters of the levels 1 and 2, and 717 signs and letters.
        #expect(characters.count == 7_480)
    }

    @Test("what the table does not have is a question mark, and stays unread")
    func unknown() {
        #expect(GBK.bytes("镕龘😀é") == Array("???".utf8) + [0xA8, 0xA6])
        #expect(GBK.text([0xA8, 0xA6]) == "é")
        for bytes: [UInt8] in [
            [0xB0], [0x41, 0xB0], [0xB0, 0x41], [0xFF, 0xFF], [0x80, 0xA1], [0xAA, 0xA1], [0xF8, 0xA1],
        ] {
            #expect(GBK.text(bytes) == nil, "\(bytes)")
        }
    }

    @Test("a text that is too long ends before the character that passes the limit", arguments: 0...8)
    func limit(max: Int) {
        let bytes = GBK.bytes("成A功败", max: max)
        #expect(bytes.count == [0, 0, 2, 3, 3, 5, 5, 7, 7][max])
        #expect(GBK.text(bytes) != nil)
    }
}
