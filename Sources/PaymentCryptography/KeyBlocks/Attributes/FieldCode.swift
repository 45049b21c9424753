// SPDX-License-Identifier: Apache-2.0

/// The characters of a header's field as one number: comparing takes one step, and nothing is allocated.
enum FieldCode {
    /// The first character stands high; 0 for a text that is not two printable characters of ASCII.
    static func pair(_ text: String) -> UInt16 {
        var characters = text.utf8.makeIterator()
        guard let first = characters.next(), let second = characters.next(), characters.next() == nil,
            isPrintable(first), isPrintable(second)
        else { return 0 }
        return UInt16(first) << 8 | UInt16(second)
    }

    /// 0 for a text that is not one printable character of ASCII.
    static func letter(_ text: String) -> UInt8 {
        var characters = text.utf8.makeIterator()
        guard let letter = characters.next(), characters.next() == nil, isPrintable(letter) else { return 0 }
        return letter
    }

    /// Empty for 0.
    static func text(pair code: UInt16) -> String { text(letter: UInt8(code >> 8)) + text(letter: UInt8(code & 0xFF)) }

    /// Empty for 0.
    static func text(letter code: UInt8) -> String { code == 0 ? "" : String(Unicode.Scalar(code)) }

    static func isPrintable(_ character: UInt8) -> Bool { (0x20...0x7E).contains(character) }
    static func isDigit(_ character: UInt8) -> Bool { (0x30...0x39).contains(character) }
    /// A letter or a digit.
    static func isAlphanumeric(_ character: UInt8) -> Bool { isDigit(character) || (character | 0x20) &- 0x61 < 26 }

    /// Whether both characters are letters or digits.
    static func isAlphanumeric(pair code: UInt16) -> Bool {
        isAlphanumeric(UInt8(code >> 8)) && isAlphanumeric(UInt8(code & 0xFF))
    }
}

/// A set of capital letters.
struct LetterSet: ExpressibleByStringLiteral, Sendable {
    private let bits: UInt32

    init(stringLiteral letters: StaticString) {
        bits = letters.withUTF8Buffer { $0.reduce(0) { $0 | 1 << UInt32($1 - 0x41) } }
    }

    func contains(_ letter: UInt8) -> Bool {
        let place = letter &- 0x41
        return place < 26 && bits & 1 << UInt32(place) != 0
    }
}
