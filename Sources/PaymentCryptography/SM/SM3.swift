// SPDX-License-Identifier: Apache-2.0

/// The SM3 hash (GB/T 32905-2016, ISO/IEC 10118-3).
public enum SM3 {
    /// The bytes of a digest.
    public static let digestCount = 32

    /// The digest of the bytes.
    public static func hash(_ bytes: [UInt8]) -> [UInt8] { DigestAlgorithm.sm3.hash(bytes) }

    /// HMAC over SM3.
    public static func hmac(key: borrowing SecretKey, message: [UInt8]) -> [UInt8] {
        DigestAlgorithm.sm3.hmac(key: key, message: message)
    }
}
