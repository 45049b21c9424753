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
        try derived(version, protectionKey) { $0.encryption }
    }

    /// The key block authentication key that a protection key gives.
    package static func authenticationKey(
        version: KeyBlockVersion, protectionKey: borrowing SecretKey
    ) throws(KeyBlockError) -> SecretKey {
        try derived(version, protectionKey) { $0.authentication }
    }

    private static func derived(
        _ version: KeyBlockVersion, _ protectionKey: borrowing SecretKey,
        _ choose: (KeyBlockKeys) -> UnsafeRawBufferPointer
    ) throws(KeyBlockError) -> SecretKey {
        let memory = SecretKey(count: KeyBlockKeys.byteCount) { _ in }
        let protection = UnsafeRawBufferPointer(start: protectionKey.base, count: protectionKey.count)
        let keys = try KeyBlockKeys(
            version: version, protectionKey: protection, encrypting: true, at: memory.base)
        // The view must not outlive its memory.
        return withExtendedLifetime(memory) { _ in
            let key = choose(keys)
            return SecretKey(count: key.count) { $0.copyMemory(from: key) }
        }
    }
}
