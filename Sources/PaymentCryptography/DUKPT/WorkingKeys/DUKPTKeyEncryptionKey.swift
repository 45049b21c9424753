// SPDX-License-Identifier: Apache-2.0

/// A key that protects other keys on their way between host and device, in key blocks (ANSI X9.143): those of a
/// transaction, or as the update key a device's next initial key.
public struct DUKPTKeyEncryptionKey: ~Copyable, Sendable {
    /// TDES for blocks of version B, AES for D and E.
    public let type: DUKPTKeyType
    private let key: SecretKey

    init(_ key: consuming SecretKey, type: DUKPTKeyType) {
        self.key = key
        self.type = type
    }

    /// The key block of a key that is no stronger than this one.
    public borrowing func wrap(
        _ secret: borrowing SecretKey, header: KeyBlockHeader
    ) throws(KeyBlockError) -> String {
        try check(header.version)
        return try KeyBlock.wrap(secret, header: header, under: key)
    }

    /// The key of a key block, and what it may be used for.
    public borrowing func unwrap(_ text: some StringProtocol) throws(KeyBlockError) -> KeyBlock.Unwrapped {
        if let version = text.first.flatMap({ KeyBlockVersion(rawValue: String($0)) }) { try check(version) }
        return try KeyBlock.unwrap(text, under: key)
    }

    /// Lengths alone do not tell TDES from AES.
    private func check(_ version: KeyBlockVersion) throws(KeyBlockError) {
        guard version.usesAES == type.isAES else {
            throw .wrongProtectionKey(version: version, byteCount: type.byteCount)
        }
    }
}
