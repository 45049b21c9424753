// SPDX-License-Identifier: Apache-2.0

/// What stands before a message on a stream: its length, and perhaps an address and a header.
public struct Framing: Hashable, Sendable {
    /// How the length is written.
    public enum Length: UInt8, CaseIterable, Sendable {
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
        /// Two bytes, big-endian, then two that are zero, or `0020` for a frame of session control.
        case visa4

        /// Bytes of the length.
        public var count: Int {
            switch self {
            case .binary2, .bcd2: 2
            case .binary3: 3
            case .binary4, .ascii4, .hex4, .visa4: 4
            }
        }

        /// The greatest length that can be written, but no more than `Int32.max`; 2,048 is the network's own limit.
        public var max: Int {
            switch self {
            case .binary2, .hex4: 0xFFFF
            case .binary3: 0xFF_FFFF
            case .binary4: Int(Int32.max)
            case .bcd2, .ascii4: 9_999
            case .visa4: 2_048
            }
        }
    }

    /// What a frame of length zero is.
    public enum Empty: UInt8, Sendable {
        /// An error.
        case refused
        /// A sign of life, for the receiver to send back.
        case keepAlive
    }

    /// How the length is written.
    public var length: Length
    /// Whether the length counts its own bytes.
    public var countsItself: Bool
    /// Whether five bytes of addresses stand behind the length, and are counted by it.
    public var hasTPDU: Bool
    /// Bytes of the header behind them, counted by the length.
    public var headerBytes: Int
    /// What a frame of length zero is.
    public var empty: Empty

    /// The longest header.
    public static let headerBytesMax = 255

    /// - Parameter headerBytes: 0 to 255.
    public init(
        _ length: Length, countsItself: Bool = false, hasTPDU: Bool = false, headerBytes: Int = 0,
        empty: Empty = .refused
    ) {
        precondition(0...Self.headerBytesMax ~= headerBytes, "a header is 0...255 bytes")
        self.length = length
        self.countsItself = countsItself
        self.hasTPDU = hasTPDU
        self.headerBytes = headerBytes
        self.empty = empty
    }

    /// Two bytes, big-endian, nothing else.
    public static let binary2 = Framing(.binary2)
    /// UnionPay terminals: two bytes, big-endian, TPDU, six bytes of packed header.
    public static let unionpayPOS = Framing(.binary2, hasTPDU: true, headerBytes: 6)

    /// Bytes of the length.
    public var prefixBytes: Int { length.count }
    /// Bytes between the length and the message.
    public var leadBytes: Int { (hasTPDU ? TPDU.count : 0) + headerBytes }
    /// The longest message whose length can be written.
    public var messageBytesMax: Int { length.max - leadBytes - (countsItself ? length.count : 0) }

    /// The bytes that announce `count` bytes behind them, which the length must be able to say.
    public func prefix(for count: Int) -> [UInt8] {
        let value = count + (countsItself ? length.count : 0)
        precondition((0...length.max).contains(value), "this framing cannot announce \(count) bytes")
        return (0..<length.count).map { index in
            let place = length.count - 1 - index
            switch length {
            case .binary2, .binary3, .binary4: return UInt8(truncatingIfNeeded: value >> (8 * place))
            case .visa4: return index < 2 ? UInt8(truncatingIfNeeded: value >> (8 * (1 - index))) : 0
            case .bcd2:
                let pair = place == 1 ? value / 100 : value % 100
                return UInt8((pair / 10) << 4 | pair % 10)
            case .ascii4:
                let power = [1, 10, 100, 1000][place]
                return 0x30 + UInt8(value / power % 10)
            case .hex4: return FieldSpec.hexCharacter(UInt8(value >> (4 * place) & 15))
            }
        }
    }

    /// A message as it goes onto the stream.
    ///
    /// - Parameters:
    ///   - tpdu: needed where the framing has one, not allowed otherwise; so is `header`, of `headerBytes` bytes.
    public func frame(_ message: [UInt8], tpdu: TPDU? = nil, header: [UInt8] = []) -> [UInt8] {
        precondition((tpdu != nil) == hasTPDU && header.count == headerBytes, "the lead this framing has")
        precondition(!message.isEmpty, "an empty frame means something else")
        var output = prefix(for: leadBytes + message.count)
        output.reserveCapacity(output.count + leadBytes + message.count)
        if let tpdu { output += tpdu.bytes }
        output += header
        output += message
        return output
    }

    /// Reads the length that stands at `start`; nil if there is none. What it counts of itself is taken off.
    package func length(in bytes: Span<UInt8>, at start: Int) -> (count: Int, isSessionControl: Bool)? {
        var value = 0
        var isSessionControl = false
        for index in 0..<length.count {
            let byte = bytes[start + index]
            switch length {
            case .binary2, .binary3, .binary4: value = value << 8 | Int(byte)
            case .visa4:
                if index < 2 {
                    value = value << 8 | Int(byte)
                } else if index == 2 ? byte != 0 : byte & ~0x20 != 0 {
                    return nil
                } else {
                    isSessionControl = byte == 0x20
                }
            case .bcd2:
                guard byte >> 4 <= 9, byte & 15 <= 9 else { return nil }
                value = value * 100 + Int(byte >> 4) * 10 + Int(byte & 15)
            case .ascii4:
                guard byte &- 0x30 <= 9 else { return nil }
                value = value * 10 + Int(byte &- 0x30)
            case .hex4:
                let upper = byte &- 0x61 < 6 ? byte & 0xDF : byte
                guard let nibble = FieldSpec.nibble(ofHex: upper) else { return nil }
                value = value << 4 | Int(nibble)
            }
        }
        guard countsItself, value > 0 else { return (value, isSessionControl) }
        return value < length.count ? nil : (value - length.count, isSessionControl)
    }
}
