// SPDX-License-Identifier: Apache-2.0

extension FieldSpec {
    /// What is wrong with an encoded value, and the index of its byte.
    struct Flaw {
        var index: Int
        var isPadding = false
    }

    /// The first byte of `bytes[start..<end]` that a value of this field, `length` digits or bytes long, cannot have.
    func firstFlaw(in bytes: Span<UInt8>, from start: Int, to end: Int, length: Int) -> Flaw? {
        switch encoding {
        case .binary: return nil
        case .bcd: return firstPackedFlaw(in: bytes, from: start, to: end, length: length)
        case .hex:
            var index = start
            while index < end {
                guard Self.isHex(bytes[index]) else { return Flaw(index: index) }
                index += 1
            }
            return nil
        case .ascii:
            switch kind {
            case .numeric: return Self.firstNonDigit(in: bytes, from: start, to: end)
            case .text: return Self.firstUnprintable(in: bytes, from: start, to: end)
            case .alphanumeric: return Self.firstNotAlphanumeric(in: bytes, from: start, to: end)
            case .track: return Self.firstNotTrack(in: bytes, from: start, to: end)
            case .utf8: return Self.firstNotUTF8(in: bytes, from: start, to: end)
            case .signedNumeric:
                guard start < end, Self.isSign(bytes[start]) else { return Flaw(index: start) }
                return Self.firstNonDigit(in: bytes, from: start + 1, to: end)
            case .binary: return nil
            }
        }
    }

    private static func firstNonDigit(in bytes: Span<UInt8>, from start: Int, to end: Int) -> Flaw? {
        var index = start
        while index < end {
            guard bytes[index] &- 0x30 <= 9 else { return Flaw(index: index) }
            index += 1
        }
        return nil
    }

    private static func firstUnprintable(in bytes: Span<UInt8>, from start: Int, to end: Int) -> Flaw? {
        var index = start
        while index < end {
            guard bytes[index] &- 0x20 < 0x5F else { return Flaw(index: index) }
            index += 1
        }
        return nil
    }

    /// Spaces stand at the end only, where they pad.
    private static func firstNotAlphanumeric(in bytes: Span<UInt8>, from start: Int, to end: Int) -> Flaw? {
        var last = end
        while last > start, bytes[last - 1] == 0x20 { last -= 1 }
        var index = start
        while index < last {
            let byte = bytes[index]
            guard byte &- 0x30 <= 9 || (byte | 0x20) &- 0x61 < 26 else { return Flaw(index: index) }
            index += 1
        }
        return nil
    }

    private static func firstNotTrack(in bytes: Span<UInt8>, from start: Int, to end: Int) -> Flaw? {
        var index = start
        var separators = 0
        while index < end {
            let byte = bytes[index]
            if byte == 0x3D || byte == 0x44 { separators += 1 }
            guard byte &- 0x30 <= 9 || ((byte == 0x3D || byte == 0x44) && separators == 1) else {
                return Flaw(index: index)
            }
            index += 1
        }
        return nil
    }

    private static func firstNotUTF8(in bytes: Span<UInt8>, from start: Int, to end: Int) -> Flaw? {
        var index = start
        var isASCII = true
        while index < end {
            let byte = bytes[index]
            guard byte >= 0x20, byte != 0x7F else { return Flaw(index: index) }
            isASCII = isASCII && byte < 0x80
            index += 1
        }
        if isASCII { return nil }
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes.extracting(start..<end))
            return nil
        } catch {
            return Flaw(index: start + error.byteOffsets.lowerBound)
        }
    }

    /// Each nibble is a digit, or in track 2 one separator D; the odd one is the dialect's padding.
    private func firstPackedFlaw(in bytes: Span<UInt8>, from start: Int, to end: Int, length: Int) -> Flaw? {
        var index = start
        if kind == .signedNumeric {
            guard start < end, Self.isSign(bytes[start]) else { return Flaw(index: start) }
            index += 1
        }
        let isOdd = kind != .signedNumeric && length % 2 == 1
        var separators = 0
        while index < end {
            var high = bytes[index] >> 4
            var low = bytes[index] & 15
            if isOdd, padSide == .left, index == start {
                if high != padNibble { return Flaw(index: index, isPadding: true) }
                high = 0
            }
            if isOdd, padSide == .right, index == end - 1 {
                if low != padNibble { return Flaw(index: index, isPadding: true) }
                low = 0
            }
            if high > 9 || low > 9 {
                guard kind == .track else { return Flaw(index: index) }
                if high == 0xD { separators += 1 }
                if low == 0xD { separators += 1 }
                guard high <= 9 || high == 0xD, low <= 9 || low == 0xD, separators <= 1 else {
                    return Flaw(index: index)
                }
            }
            index += 1
        }
        return nil
    }

    /// ISO 8583:1987 table 1, `x`: credit or debit.
    private static func isSign(_ byte: UInt8) -> Bool { byte == 0x43 || byte == 0x44 }
    private static func isHex(_ byte: UInt8) -> Bool { byte &- 0x30 <= 9 || byte &- 0x41 < 6 }
}
