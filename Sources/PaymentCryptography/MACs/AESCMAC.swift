// SPDX-License-Identifier: Apache-2.0

/// CMAC over AES (NIST SP 800-38B, ISO 9797-1 algorithm 5) with its key prepared.
public struct AESCMAC: ~Copyable, @unchecked Sendable {
    // Unchecked: after `init` the schedule is only read.
    private let cipher: AESBlockCipher
    /// K1 and K2 (SP 800-38B 6.1).
    private let subkeys: SecretKey

    /// The bytes of a full code.
    public static let codeCount = 16

    /// - Parameter key: 16, 24 or 32 bytes.
    public init(key: borrowing SecretKey) {
        cipher = key.withBytes { AESBlockCipher(key: $0) }
        subkeys = CMAC.subkeys(cipher.schedule)
    }

    /// The 16 bytes of the code.
    public borrowing func code(_ message: UnsafeRawBufferPointer) -> [UInt8] {
        block(message).bytes
    }

    borrowing func block(_ message: UnsafeRawBufferPointer) -> Block {
        subkeys.withBytes { CMAC.code(message, cipher: cipher.schedule, subkeys: $0) }
    }

    /// The 16 bytes of the code.
    public borrowing func code(_ message: [UInt8]) -> [UInt8] { message.withUnsafeBytes { code($0) } }

    /// Whether the code belongs to the message; in constant time. The code may be truncated to no less than 8 bytes.
    public borrowing func verify(_ code: [UInt8], message: UnsafeRawBufferPointer) -> Bool {
        guard (8...Self.codeCount).contains(code.count) else { return false }
        return constantTimeEquals(Array(self.code(message).prefix(code.count)), code)
    }

    /// As `verify(_:message:)`, for a message in an array.
    public borrowing func verify(_ code: [UInt8], message: [UInt8]) -> Bool {
        message.withUnsafeBytes { verify(code, message: $0) }
    }
}
