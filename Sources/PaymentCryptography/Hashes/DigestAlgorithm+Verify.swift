// SPDX-License-Identifier: Apache-2.0

extension DigestAlgorithm {
    /// The fewest bytes of a truncated HMAC that verification takes: half of the digest, and never under ten (RFC 2104
    /// section 5).
    public var codeCountMin: Int { max(10, digestCount / 2) }

    /// Whether an HMAC, whole or its first `codeCountMin` bytes and more, belongs to the message; in constant time.
    public func verifyHMAC(_ code: [UInt8], key: borrowing SecretKey, message: [UInt8]) -> Bool {
        guard (codeCountMin...digestCount).contains(code.count) else { return false }
        return constantTimeEquals(Array(hmac(key: key, message: message).prefix(code.count)), code)
    }
}
