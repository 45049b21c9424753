// SPDX-License-Identifier: Apache-2.0

extension RetailMAC {
    /// The fewest bytes of a truncated code that verification takes (ANSI X9.19).
    public static let codeCountMin = 4

    /// As `algorithm1(key:message:padding:)`, for a message in an array.
    public static func algorithm1(
        key: borrowing SecretKey, message: [UInt8], padding: MACPadding = .method1
    ) -> [UInt8] {
        let padded = padding.padded(message)
        let code = key.withBytes { key in
            TripleDES.with(key: key) { des in chained(padded) { des.encrypt($0) } }
        }
        return bytes(of: code)
    }

    /// Algorithm 3 with Triple DES in the place of DES: CBC with the first key, then the last block decrypted with the
    /// second and encrypted with the first.
    ///
    /// - Parameter first: 16 or 24 bytes.
    /// - Parameter second: 16 or 24 bytes.
    public static func code(
        first: borrowing SecretKey, second: borrowing SecretKey, message: [UInt8], padding: MACPadding = .method1
    ) -> [UInt8] {
        let padded = padding.padded(message)
        let state = first.withBytes { key in
            TripleDES.with(key: key) { des in chained(padded) { des.encrypt($0) } }
        }
        let decrypted = second.withBytes { key in TripleDES.with(key: key) { $0.decrypt(state) } }
        return bytes(of: first.withBytes { key in TripleDES.with(key: key) { $0.encrypt(decrypted) } })
    }

    /// Whether 4 to 8 bytes of an algorithm 3 code belong to the message; in constant time.
    public static func verify(
        _ code: [UInt8], key: borrowing SecretKey, message: [UInt8], padding: MACPadding = .method1
    ) -> Bool {
        guard (codeCountMin...codeCount).contains(code.count), key.count == 16 else { return false }
        let computed = self.code(key: key, message: message, padding: padding)
        return constantTimeEquals(Array(computed.prefix(code.count)), code)
    }

    /// Whether 4 to 8 bytes of an algorithm 1 code belong to the message; in constant time.
    public static func verifyAlgorithm1(
        _ code: [UInt8], key: borrowing SecretKey, message: [UInt8], padding: MACPadding = .method1
    ) -> Bool {
        guard (codeCountMin...codeCount).contains(code.count), key.count == 16 || key.count == 24 else { return false }
        let computed = algorithm1(key: key, message: message, padding: padding)
        return constantTimeEquals(Array(computed.prefix(code.count)), code)
    }

    /// Whether 4 to 8 bytes of an algorithm 3 code under two Triple DES keys belong to the message; in constant time.
    public static func verify(
        _ code: [UInt8], first: borrowing SecretKey, second: borrowing SecretKey, message: [UInt8],
        padding: MACPadding = .method1
    ) -> Bool {
        guard (codeCountMin...codeCount).contains(code.count), [16, 24].contains(first.count),
            [16, 24].contains(second.count)
        else { return false }
        let computed = self.code(first: first, second: second, message: message, padding: padding)
        return constantTimeEquals(Array(computed.prefix(code.count)), code)
    }

    /// CBC over whole blocks.
    static func chained(_ padded: [UInt8], _ encrypt: (UInt64) -> UInt64) -> UInt64 {
        padded.withUnsafeBytes { padded in
            var state: UInt64 = 0
            for offset in stride(from: 0, to: padded.count, by: 8) { state = encrypt(state ^ padded.word(at: offset)) }
            return state
        }
    }
}

/// ANSI X9.9 (FIPS 113): algorithm 1 by single DES with padding 1. Withdrawn, and too weak for anything but talking to
/// what still uses it.
public enum X99MAC {
    /// The bytes of the code that X9.9 sends.
    public static let codeCount = 4

    /// The eight bytes of the last block, of which X9.9 sends the first four.
    ///
    /// - Parameter key: 8 bytes.
    public static func code(key: borrowing SecretKey, message: [UInt8]) -> [UInt8] {
        precondition(key.count == 8, "an X9.9 key has 8 bytes")
        let padded = MACPadding.method1.padded(message)
        let doubled = key.repeatedTwice()
        let code = doubled.withBytes { key in
            TripleDES.with(key: key) { des in RetailMAC.chained(padded) { des.encryptSingle($0) } }
        }
        return bytes(of: code)
    }

    /// Whether 4 to 8 bytes of code belong to the message; in constant time.
    public static func verify(_ code: [UInt8], key: borrowing SecretKey, message: [UInt8]) -> Bool {
        guard (codeCount...8).contains(code.count), key.count == 8 else { return false }
        return constantTimeEquals(Array(self.code(key: key, message: message).prefix(code.count)), code)
    }
}

extension SecretKey {
    /// A single-length key as the double-length one that does the same.
    borrowing func repeatedTwice() -> SecretKey {
        withBytes { bytes in
            SecretKey(count: 2 * bytes.count) { block in
                for index in 0..<block.count { block[index] = bytes[index % bytes.count] }
            }
        }
    }
}
