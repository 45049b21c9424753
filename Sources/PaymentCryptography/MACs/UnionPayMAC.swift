// SPDX-License-Identifier: Apache-2.0

/// The MAC of UnionPay's terminal messages, which its terminals call ECB: the blocks are XORed together, the result
/// goes through the cipher as hexadecimal text, half by half, and the text of the last block's first half is the code.
public enum UnionPayMAC {
    /// The characters of a code (field 64).
    public static let codeCount = 8

    /// The code, eight upper-case hexadecimal digits in ASCII.
    ///
    /// - Parameter key: the terminal's MAC key: 16 or 24 bytes, or 8 with terminals of single DES.
    public static func code(key: borrowing SecretKey, message: [UInt8]) -> [UInt8] {
        Array(hexadecimal(block(key: key, message: message))[..<codeCount])
    }

    /// Whether the code, in ASCII, belongs to the message; in constant time.
    public static func verify(_ code: [UInt8], key: borrowing SecretKey, message: [UInt8]) -> Bool {
        guard [8, 16, 24].contains(key.count) else { return false }
        return constantTimeEquals(self.code(key: key, message: message), code)
    }

    /// The last block, 8 bytes, whose text the code is taken from.
    public static func lastBlock(key: borrowing SecretKey, message: [UInt8]) -> [UInt8] {
        bytes(of: block(key: key, message: message))
    }

    private static func block(key: borrowing SecretKey, message: [UInt8]) -> UInt64 {
        precondition([8, 16, 24].contains(key.count), "a MAC key has 8, 16 or 24 bytes")
        let folded = MACPadding.method1.padded(message).withUnsafeBytes { padded in
            stride(from: 0, to: padded.count, by: 8).reduce(into: UInt64(0)) { $0 ^= padded.word(at: $1) }
        }
        let text = hexadecimal(folded)
        let (first, second) = text.withUnsafeBytes { ($0.word(at: 0), $0.word(at: 8)) }
        let whole = key.count == 8 ? key.repeatedTwice() : key.copy()
        return whole.withBytes { key in TripleDES.with(key: key) { $0.encrypt($0.encrypt(first) ^ second) } }
    }

    private static func hexadecimal(_ word: UInt64) -> [UInt8] {
        (0..<16).map { place in
            let nibble = UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * place)) & 15
            return nibble < 10 ? 0x30 + nibble : 0x37 + nibble
        }
    }
}
