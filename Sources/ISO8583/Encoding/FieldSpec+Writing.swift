// SPDX-License-Identifier: Apache-2.0

extension FieldSpec {
    /// Writes what the prefix must announce; the specification's loader has checked that it fits.
    @inline(__always)
    func write(announcement: Int, to bytes: inout MutableSpan<UInt8>, at start: Int) {
        var rest = announcement
        var index = start + Int(prefixBytes) - 1
        while index >= start {
            switch prefixEncoding {
            case .ascii, .ebcdic037, .ebcdic1047:
                bytes[index] = (prefixEncoding == .ascii ? 0x30 : 0xF0) + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            case .bcd:
                bytes[index] = UInt8(truncatingIfNeeded: rest / 10 % 10) << 4 | UInt8(truncatingIfNeeded: rest % 10)
                rest /= 100
            case .binary:
                bytes[index] = UInt8(truncatingIfNeeded: rest)
                rest >>= 8
            case .hex:
                bytes[index] = Self.hexCharacter(UInt8(rest & 15))
                rest >>= 4
            }
            index -= 1
        }
    }

    static func hexCharacter(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 0x30 + nibble : 0x37 + nibble }

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

    func badLength(_ given: Int) -> EncodeError.Kind {
        .badLength(given: given, minimum: Int(minimum), maximum: Int(maximum))
    }
}
