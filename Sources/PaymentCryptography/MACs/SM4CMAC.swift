// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// CMAC over SM4 (ISO 9797-1 algorithm 5, GB/T 15852.1 algorithm 5).
public enum SM4CMAC {
    /// The 16 bytes of the code.
    ///
    /// - Parameter key: 16 bytes.
    public static func code(key: borrowing SecretKey, message: [UInt8]) throws(SM4Error) -> [UInt8] {
        guard key.count == SM4.keyCount else { throw .wrongKeyLength(key.count) }
        var output = [UInt8](repeating: 0, count: SM4.blockCount)
        var written = 0
        key.withBytes { key in
            let result = EVP_Q_mac(
                nil, "CMAC", nil, "SM4-CBC", nil, key.baseAddress, key.count, message, message.count, &output,
                output.count, &written)
            precondition(result != nil && written == SM4.blockCount, "libcrypto call failed: EVP_Q_mac")
        }
        return output
    }

    /// Whether 8 to 16 bytes of code, from the left, belong to the message; in constant time.
    public static func verify(
        _ code: [UInt8], key: borrowing SecretKey, message: [UInt8]
    ) throws(SM4Error) -> Bool {
        guard (8...SM4.blockCount).contains(code.count) else { return false }
        return constantTimeEquals(Array(try self.code(key: key, message: message).prefix(code.count)), code)
    }
}
