// SPDX-License-Identifier: Apache-2.0

/// Key check values: they tell a mistyped key from the right one, and authenticate nothing.
public enum KCV {
    /// Three bytes: the first of a zero block under TDES (ANSI X9.24-1).
    ///
    /// - Parameter key: 16 or 24 bytes.
    public static func tdes(_ key: borrowing SecretKey) -> [UInt8] {
        Array(bytes(of: key.withBytes { key in TripleDES.with(key: key) { $0.encrypt(0) } }).prefix(3))
    }

    /// Three to five bytes: the first of the AES-CMAC of a zero block (ANSI X9.24-1:2017 Annex A).
    ///
    /// - Parameter key: 16, 24 or 32 bytes.
    public static func aes(_ key: borrowing SecretKey, count: Int = 5) -> [UInt8] {
        precondition((3...5).contains(count), "an AES key check value has 3 to 5 bytes")
        return Array(AESCMAC(key: key).code([UInt8](repeating: 0, count: 16)).prefix(count))
    }
}
