// SPDX-License-Identifier: Apache-2.0

/// How a message is filled up to whole blocks (ISO 9797-1 6.3).
public enum MACPadding: Int, Sendable, CaseIterable {
    /// Zeros, none when the blocks are whole.
    case method1 = 1
    /// A one bit, then zeros.
    case method2 = 2
    /// Zeros, and a first block with the length in bits.
    case method3 = 3
}

/// ISO 9797-1 algorithm 3 (ANSI X9.19, "retail MAC") under a double-length DES key, and algorithm 1 under TDES.
public enum RetailMAC {
    /// The bytes of a full code.
    public static let codeCount = 8

    /// Algorithm 3: CBC by single DES with the left half, then the last block decrypted with the right half and
    /// encrypted with the left.
    ///
    /// - Parameter key: 16 bytes.
    public static func code(
        key: borrowing SecretKey, message: UnsafeRawBufferPointer, padding: MACPadding = .method1
    ) -> [UInt8] {
        bytes(of: key.withBytes { word(key: $0, message: message, padding: padding) })
    }

    /// As `code(key:message:padding:)`, for a message in an array.
    public static func code(key: borrowing SecretKey, message: [UInt8], padding: MACPadding = .method1) -> [UInt8] {
        message.withUnsafeBytes { code(key: key, message: $0, padding: padding) }
    }

    /// Algorithm 1: CBC by TDES throughout.
    ///
    /// - Parameter key: 16 or 24 bytes.
    public static func algorithm1(
        key: borrowing SecretKey, message: UnsafeRawBufferPointer, padding: MACPadding = .method1
    ) -> [UInt8] {
        bytes(of: key.withBytes { key in TripleDES.with(key: key) { algorithm1($0, message, padding) } })
    }

    static func algorithm1(_ des: TripleDES, _ message: UnsafeRawBufferPointer, _ padding: MACPadding) -> UInt64 {
        var state: UInt64 = 0
        forEachBlock(message, padding) { block, _ in state = des.encrypt(state ^ block) }
        return state
    }

    static func word(key: UnsafeRawBufferPointer, message: UnsafeRawBufferPointer, padding: MACPadding) -> UInt64 {
        precondition(key.count == 16, "a retail MAC key has 16 bytes")
        return TripleDES.with(key: key) { word($0, message: message, padding: padding) }
    }

    static func word(_ des: TripleDES, message: UnsafeRawBufferPointer, padding: MACPadding) -> UInt64 {
        var state: UInt64 = 0
        // The last block by E-D-E is single DES, then decryption with the right half and encryption with the left.
        forEachBlock(message, padding) { block, last in
            state = last ? des.encrypt(state ^ block) : des.encryptSingle(state ^ block)
        }
        return state
    }

    /// The padded blocks in order; an empty message is one block.
    @inline(__always)
    private static func forEachBlock(
        _ message: UnsafeRawBufferPointer, _ padding: MACPadding, _ body: (UInt64, Bool) -> Void
    ) {
        if padding == .method3 { body(UInt64(message.count) * 8, false) }
        let rest = message.count % 8
        let whole = message.count - rest
        let tail = rest > 0 || padding == .method2 || message.isEmpty
        var offset = 0
        while offset < whole {
            body(message.word(at: offset), !tail && offset + 8 == whole)
            offset += 8
        }
        guard tail else { return }
        var last: UInt64 = 0
        for index in 0..<rest { last |= UInt64(message[whole + index]) << UInt64(56 - 8 * index) }
        if padding == .method2 { last |= 0x80 << UInt64(56 - 8 * rest) }
        body(last, true)
    }
}
