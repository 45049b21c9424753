// SPDX-License-Identifier: Apache-2.0

/// What lies inside a key block, for known answers and calculators with test keys.
package enum KeyBlockCalculator {
    /// The header as it stands, which nothing has authenticated.
    package static func header(_ text: String) throws(KeyBlockError) -> KeyBlockHeader {
        try KeyBlockHeader.read(Array(text.utf8)).header
    }

    /// The bytes of padding behind a key of that many bytes.
    package static func paddingCount(_ text: String, keyCount: Int) throws(KeyBlockError) -> Int {
        let text = Array(text.utf8)
        let (header, count) = try KeyBlockHeader.read(text)
        return (text.count - count) / 2 - header.version.macBytes - 2 - keyCount
    }

    /// The key block encryption key that a protection key gives.
    package static func encryptionKey(
        version: KeyBlockVersion, protectionKey: borrowing SecretKey
    ) throws(KeyBlockError) -> SecretKey {
        try KeyBlockKeys(version: version, protectionKey: protectionKey).encryption.copy()
    }

    /// The key block authentication key that a protection key gives.
    package static func authenticationKey(
        version: KeyBlockVersion, protectionKey: borrowing SecretKey
    ) throws(KeyBlockError) -> SecretKey {
        try KeyBlockKeys(version: version, protectionKey: protectionKey).authentication.copy()
    }
}
