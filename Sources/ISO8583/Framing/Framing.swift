// SPDX-License-Identifier: Apache-2.0

/// How the length of a message stands before it on a stream; it never counts itself.
public enum Framing: Sendable, CaseIterable {
    /// Two bytes, big-endian.
    case binary2
    /// Three bytes, big-endian.
    case binary3
    /// Four bytes, big-endian.
    case binary4
    /// Four decimal digits packed into two bytes.
    case bcd2
    /// Four decimal digits as characters.
    case ascii4
    /// Four hexadecimal digits as characters, written in upper case.
    case hex4

    /// Bytes of the length.
    public var prefixBytes: Int {
        switch self {
        case .binary2, .bcd2: 2
        case .binary3: 3
        case .binary4, .ascii4, .hex4: 4
        }
    }

    /// The longest message whose length can be written, but no more than `Int32.max`.
    public var lengthMax: Int {
        switch self {
        case .binary2, .hex4: 0xFFFF
        case .binary3: 0xFF_FFFF
        case .binary4: Int(Int32.max)
        case .bcd2, .ascii4: 9_999
        }
    }

    /// Reads `prefixBytes` bytes from `start`; nil if they are no length.
    func length(in bytes: Span<UInt8>, at start: Int) -> Int? {
        var value = 0
        for index in start..<start + prefixBytes {
            let byte = bytes[index]
            switch self {
            case .binary2, .binary3, .binary4: value = value << 8 | Int(byte)
            case .bcd2:
                guard byte >> 4 <= 9, byte & 15 <= 9 else { return nil }
                value = value * 100 + Int(byte >> 4) * 10 + Int(byte & 15)
            case .ascii4:
                guard byte &- 0x30 <= 9 else { return nil }
                value = value * 10 + Int(byte &- 0x30)
            case .hex4:
                let letter = byte & 0xDF
                if byte &- 0x30 <= 9 {
                    value = value << 4 | Int(byte &- 0x30)
                } else if letter &- 0x41 < 6 {
                    value = value << 4 | Int(letter &- 0x37)
                } else {
                    return nil
                }
            }
        }
        return value
    }

    /// The bytes that announce a message of `length` bytes, which must be 0...`lengthMax`.
    public func prefix(for length: Int) -> [UInt8] {
        precondition((0...lengthMax).contains(length), "this framing cannot announce \(length) bytes")
        return (0..<prefixBytes).map { index in
            let place = prefixBytes - 1 - index
            switch self {
            case .binary2, .binary3, .binary4: return UInt8(truncatingIfNeeded: length >> (8 * place))
            case .bcd2:
                let pair = place == 1 ? length / 100 : length % 100
                return UInt8((pair / 10) << 4 | pair % 10)
            case .ascii4:
                let power = [1, 10, 100, 1000][place]
                return 0x30 + UInt8(length / power % 10)
            case .hex4:
                let nibble = UInt8(length >> (4 * place) & 15)
                return nibble < 10 ? 0x30 + nibble : 0x37 + nibble
            }
        }
    }
}
