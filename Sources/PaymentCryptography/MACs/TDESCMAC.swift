// SPDX-License-Identifier: Apache-2.0

/// CMAC over TDES (NIST SP 800-38B, ISO 9797-1 algorithm 5 with a 64-bit block); for key blocks of version B.
public enum TDESCMAC {
    /// The eight bytes of the code.
    ///
    /// - Parameter key: 16 or 24 bytes.
    public static func code(key: borrowing SecretKey, message: UnsafeRawBufferPointer) -> [UInt8] {
        bytes(of: key.withBytes { key in TripleDES.with(key: key) { word($0, message) } })
    }

    /// As `code(key:message:)`, for a message in an array.
    public static func code(key: borrowing SecretKey, message: [UInt8]) -> [UInt8] {
        message.withUnsafeBytes { code(key: key, message: $0) }
    }

    /// Whether 4 to 8 bytes of code, from the left, belong to the message; in constant time.
    public static func verify(_ code: [UInt8], key: borrowing SecretKey, message: [UInt8]) -> Bool {
        guard (4...8).contains(code.count), key.count == 16 || key.count == 24 else { return false }
        return constantTimeEquals(Array(self.code(key: key, message: message).prefix(code.count)), code)
    }

    static func word(_ des: TripleDES, _ message: UnsafeRawBufferPointer) -> UInt64 {
        let first = doubled(des.encrypt(0))
        var state: UInt64 = 0
        var offset = 0
        while message.count - offset > 8 {
            state = des.encrypt(state ^ message.word(at: offset))
            offset += 8
        }
        let rest = message.count - offset
        if rest == 8 { return des.encrypt(state ^ message.word(at: offset) ^ first) }
        var last = UInt64(0x80) << UInt64(56 - 8 * rest)
        for index in 0..<rest { last |= UInt64(message[offset + index]) << UInt64(56 - 8 * index) }
        return des.encrypt(state ^ last ^ doubled(first))
    }

    /// K1, for messages of whole blocks.
    static func firstSubkey(_ des: TripleDES) -> UInt64 { doubled(des.encrypt(0)) }

    /// Multiplication by x in GF(2^64) (SP 800-38B 6.1), without a branch on the carry.
    private static func doubled(_ block: UInt64) -> UInt64 {
        (block << 1) ^ ((0 &- (block >> 63)) & 0x1B)
    }
}
