// SPDX-License-Identifier: Apache-2.0

extension FieldSpec {
    /// What the prefix at `start` announces; nil if it is not a number. The bytes must be there.
    func announced(in bytes: Span<UInt8>, at start: Int) -> Int? {
        var value = 0
        var index = start
        let end = start + Int(prefixBytes)
        while index < end {
            let byte = bytes[index]
            switch prefixEncoding {
            case .ascii:
                guard byte &- 0x30 <= 9 else { return nil }
                value = value * 10 + Int(byte &- 0x30)
            case .bcd:
                guard byte >> 4 <= 9, byte & 15 <= 9 else { return nil }
                value = value * 100 + Int(byte >> 4) * 10 + Int(byte & 15)
            case .binary, .hex:
                value = value << 8 | Int(byte)
            }
            index += 1
        }
        return value
    }

    /// Writes what the prefix must announce; the specification's loader has checked that it fits.
    func write(announcement: Int, to bytes: inout MutableSpan<UInt8>, at start: Int) {
        var rest = announcement
        var index = start + Int(prefixBytes) - 1
        while index >= start {
            switch prefixEncoding {
            case .ascii:
                bytes[index] = 0x30 + UInt8(rest % 10)
                rest /= 10
            case .bcd:
                bytes[index] = UInt8(rest / 10 % 10) << 4 | UInt8(rest % 10)
                rest /= 100
            case .binary, .hex:
                bytes[index] = UInt8(truncatingIfNeeded: rest)
                rest >>= 8
            }
            index -= 1
        }
    }

    /// Where the value of the field that begins at `start` lies, after checking its length and characters.
    func locate(_ field: Int, in bytes: Span<UInt8>, at start: Int) throws(DecodeError) -> Range<Int> {
        var length = Int(maximum)
        var valueStart = start
        if isVariable {
            let prefix = Int(prefixBytes)
            guard bytes.count - start >= prefix else {
                throw DecodeError(field, at: start, .truncated(declared: prefix, left: bytes.count - start))
            }
            guard let announced = announced(in: bytes, at: start), let declared = self.length(announced: announced)
            else { throw DecodeError(field, at: start, .badLengthPrefix) }
            guard declared <= acceptedMaximum else {
                throw DecodeError(field, at: start, .lengthOverMaximum(declared: declared, maximum: Int(maximum)))
            }
            guard declared >= Int(minimum) else {
                throw DecodeError(field, at: start, .lengthUnderMinimum(declared: declared, minimum: Int(minimum)))
            }
            length = declared
            valueStart += prefix
        }
        let needed = encodedLength(length)
        let left = bytes.count - valueStart
        guard needed <= left else { throw DecodeError(field, at: start, .truncated(declared: needed, left: left)) }
        let end = valueStart + needed
        if let flaw = firstFlaw(in: bytes, from: valueStart, to: end, length: length) {
            throw DecodeError(field, at: flaw.index, flaw.isPadding ? .badPadding : .badCharacter)
        }
        if content.isBERTLV {
            var walk = BERTLVWalk(field: field, offset: valueStart, end: end, content: content)
            while try walk.next(in: bytes) != nil {}
        }
        return Range(uncheckedBounds: (valueStart, end))
    }
}
