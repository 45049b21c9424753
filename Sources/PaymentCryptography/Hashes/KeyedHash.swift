// SPDX-License-Identifier: Apache-2.0

/// A keyed hash that stands for a PAN wherever the PAN itself must not be kept: the first 128 bits of HMAC-SHA-256.
public struct KeyedHash: ~Copyable, Sendable {
    private let mac: HMACSHA256

    /// - Parameter key: at least 16 bytes; the same key gives the same hashes for ever.
    public init(key: borrowing SecretKey) {
        precondition(key.count >= 16, "the key of a keyed hash has at least 16 bytes")
        mac = HMACSHA256(key: key)
    }

    /// The hash of the bytes as two words, most significant first.
    public borrowing func hash(_ bytes: UnsafeRawBufferPointer) -> (high: UInt64, low: UInt64) {
        withUnsafeTemporaryAllocation(byteCount: HMACSHA256.codeCount, alignment: 8) { code in
            mac.code(bytes, into: code)
            return (code.word(at: 0), code.word(at: 8))
        }
    }

    /// The hash of the bytes as two words, most significant first.
    public borrowing func hash(_ bytes: [UInt8]) -> (high: UInt64, low: UInt64) {
        bytes.withUnsafeBytes { hash($0) }
    }

    /// The hash of the PAN's digits in ASCII, the same as of their bytes.
    public borrowing func hash(_ pan: PANDigits) -> (high: UInt64, low: UInt64) {
        withUnsafeTemporaryAllocation(byteCount: PANDigits.countMax, alignment: 1) { digits in
            let count = pan.writeASCII(into: digits)
            return hash(UnsafeRawBufferPointer(rebasing: digits[..<count]))
        }
    }
}
