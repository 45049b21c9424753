// SPDX-License-Identifier: Apache-2.0

/// What nothing outside a module may hold of the test cards, in the forms in which it would leak.
enum ClearSecrets {
    private static let numbers = Needles(
        DemoEstate.cards.map { (Array($0.number.utf8), "the card number \($0.masked)") })

    private static let pins = Needles(
        DemoEstate.cards.map { (Array($0.pin.utf8), "the PIN of \($0.masked)") }
            + [(Array(DemoEstate.transactionPassword.utf8), "the transaction password")])

    private static let binary = Needles(
        DemoEstate.cards.flatMap { card in
            [Array(card.number.utf8), packed(Array(card.number.utf8))].map { ($0, "the card number \(card.masked)") }
                + [card.pin, DemoEstate.transactionPassword].flatMap { pinForms($0, card) }
                .map { ($0, "a PIN of \(card.masked)") }
        })

    /// In text: a whole card number anywhere, or a PIN standing by itself.
    /// - Returns: what it is, without its digits.
    static func first(inText text: String) -> String? {
        let bytes = Array(text.utf8)
        return numbers.first(in: bytes)
            ?? pins.first(in: bytes) { place, bytes in
                let before = place.lowerBound == 0 ? 0x20 : bytes[place.lowerBound - 1]
                let after = place.upperBound == bytes.count ? 0x20 : bytes[place.upperBound]
                return !isWord(before) && !isWord(after)
            }
    }

    /// In binary: a card number in ASCII or packed digits; a PIN field or block of formats 0 and 4 (ISO 9564-1:2017
    /// 9.3), since four digits alone could not be told from chance.
    static func first(inFile bytes: [UInt8]) -> String? { binary.first(in: bytes) }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D, 0x2E: true
        default: false
        }
    }

    private static func packed(_ digits: [UInt8]) -> [UInt8] {
        stride(from: 0, to: digits.count - 1, by: 2).map { (digits[$0] & 15) << 4 | digits[$0 + 1] & 15 }
    }

    private static func pinForms(_ pin: String, _ card: TestCard) -> [[UInt8]] {
        func field(_ control: UInt8, _ fill: UInt8) -> [UInt8] {
            var nibbles = [control, UInt8(pin.utf8.count)] + pin.utf8.map { $0 & 15 }
            nibbles += Array(repeating: fill, count: 16 - nibbles.count)
            return stride(from: 0, to: 16, by: 2).map { nibbles[$0] << 4 | nibbles[$0 + 1] }
        }
        let plain = field(0, 15)
        let account = packed(Array("0000".utf8) + card.number.utf8.dropLast().suffix(12))
        let block = zip(plain, account).map { $0 ^ $1 }
        return [plain, block, field(4, 10)]
    }
}
