// SPDX-License-Identifier: Apache-2.0

extension FieldSpec {
    /// Writes the `digit`-th of `count` packed digits and, beside the first or last of an odd number, the pad nibble.
    func write(nibble: UInt8, _ digit: Int, of count: Int, to bytes: inout MutableSpan<UInt8>, at start: Int) {
        let isOdd = count % 2 == 1
        let position = digit + (isOdd && padSide == .left ? 1 : 0)
        let index = start + position / 2
        bytes[index] = position % 2 == 0 ? nibble << 4 | bytes[index] & 15 : bytes[index] & 0xF0 | nibble
        guard isOdd else { return }
        if padSide == .left, digit == 0 { bytes[index] |= padNibble << 4 }
        if padSide == .right, digit == count - 1 { bytes[index] |= padNibble }
    }

    /// The length, in digits or bytes, of a value that takes `count` bytes in the message; nil when none does.
    func length(ofEncoded count: Int) -> Int? {
        switch encoding {
        case .ascii, .binary: return count
        case .hex: return count % 2 == 0 ? count / 2 : nil
        case .bcd:
            if !isVariable { return count == encodedLength(Int(maximum)) ? Int(maximum) : nil }
            // A value over an odd maximum by one digit can only be the maximum with its pad nibble.
            return count * 2 == Int(maximum) + 1 && unit == .digit ? Int(maximum) : count * 2
        }
    }

    func badLength(_ given: Int) -> EncodeError.Kind {
        .badLength(given: given, minimum: Int(minimum), maximum: Int(maximum))
    }

    /// Whether a BER-TLV value can be walked to its end; true for other fields.
    func hasSoundContent(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Bool {
        guard content.isBERTLV else { return true }
        var walk = BERTLVWalk(field: 0, offset: start, end: end, content: content)
        do throws(DecodeError) {
            while try walk.next(in: bytes) != nil {}
            return true
        } catch {
            return false
        }
    }
}
