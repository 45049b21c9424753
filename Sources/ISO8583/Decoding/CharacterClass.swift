// SPDX-License-Identifier: Apache-2.0

/// What characters a place may have, and what was found there: a class, never the character.
public enum CharacterClass: String, Sendable, CustomStringConvertible {
    case digits, sign, letters, alphanumerics, printable, utf8, track, hexDigits
    /// Found only.
    case space, punctuation, control, nonASCII
    /// A nibble A to F in packed digits.
    case packedLetter

    public var description: String { rawValue }

    /// What fields of a kind expect.
    init(expectedBy kind: FieldSpec.Kind) {
        self =
            switch kind {
            case .numeric: .digits
            case .signedNumeric: .digits
            case .alphabetic: .letters
            case .alphanumeric: .alphanumerics
            case .text: .printable
            case .utf8: .utf8
            case .track: .track
            case .binary: .hexDigits
            }
    }

    /// What a character is.
    init(of character: UInt8) {
        self =
            switch character {
            case 0x30...0x39: .digits
            case 0x41...0x5A, 0x61...0x7A: .letters
            case 0x20: .space
            case 0x21...0x7E: .punctuation
            case 0x80...0xFF: .nonASCII
            default: .control
            }
    }
}
