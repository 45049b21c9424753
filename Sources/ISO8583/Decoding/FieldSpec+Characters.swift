// SPDX-License-Identifier: Apache-2.0

extension FieldSpec {
    /// What is wrong with an encoded value, and the index of its byte.
    struct Flaw {
        var index: Int
        var kind: DecodeError.Kind
    }

    /// The first byte of `bytes[start..<end]` that a value of this field, `length` digits or bytes long, cannot have.
    func firstFlaw(in bytes: Span<UInt8>, from start: Int, to end: Int, length: Int) -> Flaw? {
        switch encoding {
        case .binary: return nil
        case .bcd: return firstPackedFlaw(in: bytes, from: start, to: end, length: length)
        case .ascii:
            switch kind {
            case .numeric:
                if Words.areDigits(bytes.bytes, from: start, to: end) { return nil }
            case .text:
                if Words.arePrintable(bytes.bytes, from: start, to: end) { return nil }
            case .track:
                if Words.areTrack(bytes.bytes, from: start, to: end) { return nil }
            case .alphanumeric:
                if Words.areAlphanumeric(bytes.bytes, from: start, to: end) { return nil }
            case .utf8: return firstNotUTF8(in: bytes, from: start, to: end)
            default: break
            }
        default: break
        }
        return firstBadCharacter(in: bytes, from: start, to: end)
    }

    /// Character by character, of text in any code page and of hexadecimal characters.
    private func firstBadCharacter(in bytes: Span<UInt8>, from start: Int, to end: Int) -> Flaw? {
        var last = end
        if kind == .alphanumeric || kind == .alphabetic {
            // Spaces stand at the end only, where they pad.
            while last > start, EBCDIC.character(bytes[last - 1], encoding) == 0x20 { last -= 1 }
        }
        var separators = 0
        var index = start
        while index < last {
            let character = EBCDIC.character(bytes[index], encoding)
            let isSign = kind == .signedNumeric && index == start
            if kind == .track, character == 0x3D || character == 0x44 { separators += 1 }
            guard allows(character, isSign: isSign, separators: separators) else {
                return Flaw(
                    index: index,
                    kind: .badCharacter(
                        expected: isSign ? .sign : CharacterClass(expectedBy: kind),
                        found: CharacterClass(of: character)))
            }
            index += 1
        }
        return nil
    }

    private func allows(_ character: UInt8, isSign: Bool, separators: Int) -> Bool {
        let isDigit = character &- 0x30 <= 9
        let isLetter = (character | 0x20) &- 0x61 < 26
        switch kind {
        case .numeric: return isDigit
        case .signedNumeric: return isSign ? Self.isSign(character) : isDigit
        case .alphabetic: return isLetter
        case .alphanumeric: return isDigit || isLetter
        // EBCDIC pages have the letters of ISO 8859-1 as well.
        case .text, .utf8: return character &- 0x20 < 0x5F || encoding.isEBCDIC && character >= 0xA0
        case .track:
            return isDigit || (character == 0x3D || character == 0x44) && (separators <= 1 || hasManySeparators)
        case .binary: return isDigit || character &- 0x41 < 6
        }
    }

    /// Track 3 has several separators (ISO 4909); track 2, which is at most 40 characters long, has one (ISO 7813).
    private var hasManySeparators: Bool { maximum > 40 }

    private func firstNotUTF8(in bytes: Span<UInt8>, from start: Int, to end: Int) -> Flaw? {
        var index = start
        var isASCII = true
        while index < end {
            let byte = bytes[index]
            guard byte >= 0x20, byte != 0x7F else {
                return Flaw(index: index, kind: .badCharacter(expected: .utf8, found: .control))
            }
            isASCII = isASCII && byte < 0x80
            index += 1
        }
        if isASCII { return nil }
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes.extracting(start..<end))
            return nil
        } catch {
            return Flaw(
                index: start + error.byteOffsets.lowerBound, kind: .badCharacter(expected: .utf8, found: .nonASCII))
        }
    }

    /// Each nibble is a digit, or in track data a separator D; the odd one is the dialect's padding.
    private func firstPackedFlaw(in bytes: Span<UInt8>, from start: Int, to end: Int, length: Int) -> Flaw? {
        var first = start
        if kind == .signedNumeric {
            guard start < end, Self.isSign(bytes[start]) else {
                let found = start < end ? CharacterClass(of: bytes[start]) : .control
                return Flaw(index: start, kind: .badCharacter(expected: .sign, found: found))
            }
            first += 1
        }
        let isOdd = kind != .signedNumeric && length % 2 == 1
        if !isOdd, kind != .track, Words.arePacked(bytes.bytes, from: first, to: end) { return nil }
        var separators = 0
        var index = first
        while index < end {
            var high = bytes[index] >> 4
            var low = bytes[index] & 15
            if isOdd, padSide == .left, index == start {
                if high != padNibble { return Flaw(index: index, kind: .badPadding) }
                high = 0
            }
            if isOdd, padSide == .right, index == end - 1 {
                if low != padNibble { return Flaw(index: index, kind: .badPadding) }
                low = 0
            }
            if high > 9 || low > 9 {
                if high == 0xD { separators += 1 }
                if low == 0xD { separators += 1 }
                guard kind == .track, high <= 9 || high == 0xD, low <= 9 || low == 0xD,
                    separators <= 1 || hasManySeparators
                else {
                    return Flaw(
                        index: index,
                        kind: .badCharacter(expected: CharacterClass(expectedBy: kind), found: .packedLetter))
                }
            }
            index += 1
        }
        return nil
    }

    /// ISO 8583:1987 table 1, `x`: credit or debit.
    private static func isSign(_ byte: UInt8) -> Bool { byte == 0x43 || byte == 0x44 }
}
