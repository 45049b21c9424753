// SPDX-License-Identifier: Apache-2.0

extension KCV {
    /// Three bytes: the first of a zero block under single DES, for what old systems still hold.
    ///
    /// - Parameter key: 8 bytes.
    public static func des(_ key: borrowing SecretKey) -> [UInt8] {
        precondition(key.count == 8, "a DES key has 8 bytes")
        return tdes(key.repeatedTwice())
    }
}
