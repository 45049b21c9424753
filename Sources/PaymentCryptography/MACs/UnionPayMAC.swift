// SPDX-License-Identifier: Apache-2.0

/// The MAC of UnionPay's terminal messages, which its terminals call ECB: the blocks are XORed together, the result
/// goes through the cipher as hexadecimal text, half by half, and the text of the last block's first half is the code.
public enum UnionPayMAC {
    /// The characters of a code (field 64).
    public static let codeCount = 8

    /// The code, eight upper-case hexadecimal digits in ASCII.
    ///
    /// - Parameter key: the terminal's MAC key: 16 or 24 bytes, or 8 with terminals of single DES.
    public static func code(key: borrowing SecretKey, message: UnsafeRawBufferPointer) -> [UInt8] {
        bytes(of: digits(block(key: key, message: message) >> 32))
    }

    /// As `code(key:message:)`, for a message in an array.
    public static func code(key: borrowing SecretKey, message: [UInt8]) -> [UInt8] {
        message.withUnsafeBytes { code(key: key, message: $0) }
    }

    /// Whether the code, in ASCII, belongs to the message; in constant time.
    public static func verify(_ code: [UInt8], key: borrowing SecretKey, message: [UInt8]) -> Bool {
        guard [8, 16, 24].contains(key.count) else { return false }
        return constantTimeEquals(self.code(key: key, message: message), code)
    }

    /// The last block, 8 bytes, whose text the code is taken from.
    public static func lastBlock(key: borrowing SecretKey, message: [UInt8]) -> [UInt8] {
        bytes(of: message.withUnsafeBytes { block(key: key, message: $0) })
    }

    private static func block(key: borrowing SecretKey, message: UnsafeRawBufferPointer) -> UInt64 {
        precondition([8, 16, 24].contains(key.count), "a MAC key has 8, 16 or 24 bytes")
        let folded = folded(message)
        let whole = key.count == 8 ? key.repeatedTwice() : key.copy()
        return whole.withBytes { key in
            TripleDES.with(key: key) { $0.encrypt($0.encrypt(digits(folded >> 32)) ^ digits(folded)) }
        }
    }

    /// The words of eight bytes XORed together, the last filled up with zeros; every `stride`-th of them from `start`.
    private static func folded(
        _ message: UnsafeRawBufferPointer, from start: Int = 0, by stride: Int = TripleDES.blockBytes
    ) -> UInt64 {
        var folded: UInt64 = 0
        for offset in Swift.stride(from: start, to: message.count, by: stride) {
            if offset + 8 <= message.count {
                folded ^= message.word(at: offset)
            } else {
                for index in offset..<message.count {
                    folded ^= UInt64(message[index]) << UInt64(56 - 8 * (index - offset))
                }
            }
        }
        return folded
    }

    /// Eight upper-case hexadecimal digits: the text of the low half of a word.
    private static func digits(_ word: UInt64) -> UInt64 {
        var text: UInt64 = 0
        for shift in stride(from: UInt64(28), through: 0, by: -4) {
            let nibble = word >> shift & 15
            text = text << 8 | (nibble < 10 ? 0x30 + nibble : 0x37 + nibble)
        }
        return text
    }
}

extension UnionPayMAC {
    /// The same with SM4: blocks of 16 bytes, 32 digits of text, the first four bytes of the last block as the code. No
    /// published known answer stands behind it.
    ///
    /// - Parameter key: 16 bytes.
    public static func sm4Code(
        key: borrowing SecretKey, message: UnsafeRawBufferPointer
    ) throws(SM4Error) -> [UInt8] {
        code(of: try sm4Block(key: key, folded: sm4Folded(message)))
    }

    /// As `sm4Code(key:message:)`, for a message in an array.
    public static func sm4Code(key: borrowing SecretKey, message: [UInt8]) throws(SM4Error) -> [UInt8] {
        code(of: try sm4LastBlock(key: key, message: message))
    }

    /// Whether the code, in ASCII, belongs to the message; in constant time.
    public static func verifySM4(
        _ code: [UInt8], key: borrowing SecretKey, message: [UInt8]
    ) throws(SM4Error) -> Bool {
        constantTimeEquals(try sm4Code(key: key, message: message), code)
    }

    /// The last block, 16 bytes, whose text the code is taken from.
    public static func sm4LastBlock(key: borrowing SecretKey, message: [UInt8]) throws(SM4Error) -> [UInt8] {
        try sm4Block(key: key, folded: message.withUnsafeBytes { sm4Folded($0) })
    }

    private static func code(of block: [UInt8]) -> [UInt8] {
        bytes(of: digits(block.withUnsafeBytes { $0.word(at: 0) } >> 32))
    }

    private static func sm4Folded(_ message: UnsafeRawBufferPointer) -> (high: UInt64, low: UInt64) {
        (folded(message, by: SM4.blockCount), folded(message, from: 8, by: SM4.blockCount))
    }

    private static func sm4Block(
        key: borrowing SecretKey, folded: (high: UInt64, low: UInt64)
    ) throws(SM4Error) -> [UInt8] {
        let halves = [folded.high >> 32, folded.high, folded.low >> 32, folded.low]
        return try SM4.mac(halves.flatMap { bytes(of: digits($0)) }, key: key)
    }
}
