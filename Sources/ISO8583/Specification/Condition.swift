// SPDX-License-Identifier: Apache-2.0

/// Something that must hold of a message's fields for a rule or an overlay to apply.
struct Condition: Sendable, Equatable {
    enum Test: Sendable, Equatable {
        case present
        case absent
        /// The field is present and its characters, from `position` on, are one of the words; without a position the
        /// whole value, spaces behind it left out.
        case equals([[UInt8]], position: Int?)
        /// The field is present and its characters are none of the words.
        case differs([[UInt8]], position: Int?)
    }

    var field: Int
    var test: Test

    /// - Parameter located: the field's place; nil if it is not present.
    func holds(_ located: LocatedField?, in bytes: Span<UInt8>) -> Bool {
        switch test {
        case .present: return located != nil
        case .absent: return located == nil
        case .equals(let words, let position):
            guard let located else { return false }
            return words.contains { located.has($0, at: position, in: bytes) }
        case .differs(let words, let position):
            guard let located else { return false }
            return !words.contains { located.has($0, at: position, in: bytes) }
        }
    }
}

extension [Condition] {
    /// Whether every condition holds.
    func hold(in bytes: Span<UInt8>, locate: (Int) -> LocatedField?) -> Bool {
        for condition in self where !condition.holds(locate(condition.field), in: bytes) { return false }
        return true
    }
}

/// A field's value where it lies.
struct LocatedField {
    var layout: FieldSpec
    /// The encoded value without its prefix.
    var range: Range<Int>
    /// In digits or bytes.
    var length: Int

    /// How many characters the value shows: hexadecimal ones for raw bytes.
    var characterCount: Int {
        switch layout.encoding {
        case .ascii, .bcd, .ebcdic037, .ebcdic1047: length
        case .binary, .hex: length * 2
        }
    }

    /// The character at a position below `characterCount`; an ISO 8859-1 one for EBCDIC.
    func character(_ position: Int, in bytes: Span<UInt8>) -> UInt8 {
        switch layout.encoding {
        case .ascii, .hex: return bytes[range.lowerBound + position]
        case .ebcdic037, .ebcdic1047:
            return EBCDIC.character(bytes[range.lowerBound + position], layout.encoding)
        case .binary: return Self.digit(bytes[range.lowerBound + position / 2], isHigh: position % 2 == 0)
        case .bcd:
            if layout.kind == .signedNumeric {
                guard position > 0 else { return bytes[range.lowerBound] }
                return Self.digit(bytes[range.lowerBound + 1 + (position - 1) / 2], isHigh: position % 2 == 1)
            }
            let nibble = position + (layout.padSide == .left && length % 2 == 1 ? 1 : 0)
            return Self.digit(bytes[range.lowerBound + nibble / 2], isHigh: nibble % 2 == 0)
        }
    }

    private static func digit(_ byte: UInt8, isHigh: Bool) -> UInt8 {
        let nibble = isHigh ? byte >> 4 : byte & 15
        return nibble < 10 ? 0x30 + nibble : 0x37 + nibble
    }

    fileprivate func has(_ word: [UInt8], at position: Int?, in bytes: Span<UInt8>) -> Bool {
        var count = characterCount
        if position == nil {
            while count > word.count, character(count - 1, in: bytes) == 0x20 { count -= 1 }
            guard count == word.count else { return false }
        }
        let start = position ?? 0
        guard start + word.count <= count else { return false }
        for index in word.indices where character(start + index, in: bytes) != word[index] { return false }
        return true
    }
}
