// SPDX-License-Identifier: Apache-2.0

extension FieldSpec {
    /// A value's place, and its length in digits or bytes.
    struct Extent {
        var start: Int
        var end: Int
        var length: Int
    }

    /// What the prefix at `start` announces; nil if it is not a number. The bytes must be there.
    @inline(__always)
    func announced(in bytes: Span<UInt8>, at start: Int) -> Int? {
        var value = 0
        var index = start
        let end = start + Int(prefixBytes)
        while index < end {
            let byte = bytes[index]
            switch prefixEncoding {
            case .ascii:
                guard byte &- 0x30 <= 9 else { return nil }
                value = value &* 10 &+ Int(byte &- 0x30)
            case .bcd:
                guard byte >> 4 <= 9, byte & 15 <= 9 else { return nil }
                value = value &* 100 &+ Int(byte >> 4) &* 10 &+ Int(byte & 15)
            case .binary: value = value << 8 | Int(byte)
            case .hex:
                guard let nibble = Self.nibble(ofHex: byte) else { return nil }
                value = value << 4 | Int(nibble)
            case .ebcdic037, .ebcdic1047:
                guard byte &- 0xF0 <= 9 else { return nil }
                value = value &* 10 &+ Int(byte &- 0xF0)
            }
            index &+= 1
        }
        return value
    }

    /// The value of an upper-case hexadecimal character.
    static func nibble(ofHex byte: UInt8) -> UInt8? {
        if byte &- 0x30 <= 9 { return byte &- 0x30 }
        return byte &- 0x41 < 6 ? byte &- 0x37 : nil
    }

    /// Where the value of the field that begins at `start` lies; its characters are not looked at.
    ///
    /// - Parameter limited: whether a length out of the field's bounds is an error, as it is but for lint.
    @inline(__always)
    func measure(
        _ field: Int, in bytes: Span<UInt8>, at start: Int, limited: Bool = true
    ) throws(DecodeError) -> Extent {
        var length = Int(maximum)
        var valueStart = start
        if isVariable {
            let prefix = Int(prefixBytes)
            guard bytes.count - start >= prefix else {
                throw DecodeError(field, at: start, .truncated(declared: prefix, left: bytes.count - start))
            }
            guard let announced = announced(in: bytes, at: start), let declared = self.length(announced: announced)
            else { throw DecodeError(field, at: start, .badLengthPrefix) }
            if limited {
                guard declared <= acceptedMaximum else {
                    throw DecodeError(field, at: start, .lengthOverMaximum(declared: declared, maximum: Int(maximum)))
                }
                guard declared >= Int(minimum) else {
                    throw DecodeError(field, at: start, .lengthUnderMinimum(declared: declared, minimum: Int(minimum)))
                }
            }
            length = declared
            valueStart += prefix
        }
        let needed = encodedLength(length)
        let left = bytes.count - valueStart
        guard needed <= left else { throw DecodeError(field, at: start, .truncated(declared: needed, left: left)) }
        let end = valueStart &+ needed
        if encoding == .bcd, unit == .byte, isVariable, hasPadNibble(bytes, valueStart, end) { length -= 1 }
        return Extent(start: valueStart, end: end, length: length)
    }

    /// Whether packed digits counted in bytes are odd in number: only a nibble that is no digit tells.
    private func hasPadNibble(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        guard padNibble > 9, start < end else { return false }
        return padSide == .left ? bytes[start] >> 4 == padNibble : bytes[end - 1] & 15 == padNibble
    }

    /// The value's length in digits or bytes, once decoding has found it between `range`.
    func length(in bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
        guard isVariable else { return Int(maximum) }
        // Safe: decoding has read this prefix before.
        let announced = announced(in: bytes, at: range.lowerBound - Int(prefixBytes)) ?? 0
        let length = length(announced: announced) ?? 0
        let isOdd =
            encoding == .bcd && unit == .byte && hasPadNibble(bytes, range.lowerBound, range.upperBound)
        return isOdd ? length - 1 : length
    }

    /// Checks the characters and the content of a value.
    @inline(__always)
    func check(
        _ field: Int, in bytes: Span<UInt8>, _ extent: Extent, _ compiled: MessageSpec.Compiled
    ) throws(DecodeError) {
        if encoding != .binary,
            let flaw = firstFlaw(in: bytes, from: extent.start, to: extent.end, length: extent.length)
        {
            throw DecodeError(field, at: flaw.index, flaw.kind)
        }
        guard content != .opaque else { return }
        try checkContent(field, in: bytes, extent, compiled)
    }

    @inline(never)
    private func checkContent(
        _ field: Int, in bytes: Span<UInt8>, _ extent: Extent, _ compiled: MessageSpec.Compiled
    ) throws(DecodeError) {
        if content == .composite {
            return try compiled.composites[Int(composite)].check(
                "\(field)", LocatedField(layout: self, range: extent.start..<extent.end, length: extent.length),
                in: bytes, compiled)
        }
        do throws(BERTLVWalk.Fault) {
            try BERTLVWalk.check(bytes, extent.start..<extent.end, content)
        } catch {
            throw error.error(in: field)
        }
    }
}
