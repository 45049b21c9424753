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

    private static func hexadecimal(_ word: UInt64) -> [UInt8] { hexadecimal(bytes(of: word)) }

    private static func hexadecimal(_ bytes: [UInt8]) -> [UInt8] {
        bytes.flatMap { [$0 >> 4, $0 & 15] }.map { $0 < 10 ? 0x30 + $0 : 0x37 + $0 }
    }
}

extension UnionPayMAC {
    /// The same with SM4: blocks of 16 bytes, 32 digits of text, the first four bytes of the last block as the code. No
    /// published known answer stands behind it.
    ///
    /// - Parameter key: 16 bytes.
    public static func sm4Code(key: borrowing SecretKey, message: [UInt8]) throws(SM4Error) -> [UInt8] {
        Array(hexadecimal(try sm4LastBlock(key: key, message: message))[..<codeCount])
    }

    /// Whether the code, in ASCII, belongs to the message; in constant time.
    public static func verifySM4(
        _ code: [UInt8], key: borrowing SecretKey, message: [UInt8]
    ) throws(SM4Error) -> Bool {
        constantTimeEquals(try sm4Code(key: key, message: message), code)
    }

    /// The last block, 16 bytes, whose text the code is taken from.
    public static func sm4LastBlock(key: borrowing SecretKey, message: [UInt8]) throws(SM4Error) -> [UInt8] {
        let padded = MACPadding.method1.padded(message, blockCount: SM4.blockCount)
        var folded = [UInt8](repeating: 0, count: SM4.blockCount)
        for (place, byte) in padded.enumerated() { folded[place % SM4.blockCount] ^= byte }
        let text = try SM4.encryptCBC(
            hexadecimal(folded), key: key, vector: [UInt8](repeating: 0, count: SM4.blockCount))
        return Array(text.suffix(SM4.blockCount))
    }
}
