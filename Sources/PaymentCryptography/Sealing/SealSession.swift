// SPDX-License-Identifier: Apache-2.0

/// Seals many records for one recipient after one key agreement, so that a record costs an AES-GCM and no more. Each
/// record can be opened alone (`SealedBox.open`).
///
/// A session lives in memory: after a restart a new one begins, so that no number is used twice.
public struct SealSession: ~Copyable, Sendable {
    /// Records of one session (NIST SP 800-38D 8.3).
    public static let recordsMax: UInt64 = 1 << 32

    /// How much longer a record is than its plaintext.
    public static let overhead = BoxHeader.Version.session.headerCount + AuthenticatedCipher.tagCount

    private let key: SealKey
    private let version: BoxHeader.Version
    private let ephemeral: [UInt8]

    /// Records sealed so far.
    public private(set) var count: UInt64 = 0

    /// Agrees on a key by an ephemeral one, which is gone when this returns.
    ///
    /// - Throws: `SealedBoxError.noKey` when no sound key could be made.
    public init(for recipient: P256PublicKey) throws(SealedBoxError) {
        try self.init(for: recipient, version: .session)
    }

    init(for recipient: P256PublicKey, version: BoxHeader.Version, count: UInt64 = 0) throws(SealedBoxError) {
        let own = try Self.ephemeralKey()
        let agreed = try SealKey(own, version, sender: own.publicKey, recipient: recipient, peer: recipient)
        key = agreed
        (self.version, self.count, ephemeral) = (version, count, own.publicKey.compressed)
    }

    private static func ephemeralKey() throws(SealedBoxError) -> P256PrivateKey {
        do { return try P256PrivateKey.generate() } catch { throw .noKey }
    }

    /// The next record.
    ///
    /// - Throws: `SealedBoxError.tooLong`, or `spent` after `recordsMax` records.
    public mutating func seal(
        _ plaintext: [UInt8], associatedData: [UInt8] = []
    ) throws(SealedBoxError) -> [UInt8] {
        guard plaintext.count <= SealedBox.plaintextCountMax else { throw .tooLong(plaintext.count) }
        guard let number = UInt32(exactly: count) else { throw .spent }
        count += 1
        let header = BoxHeader(version: version, ephemeral: ephemeral, number: number)
        return header.bytes + key.seal(plaintext, header, associatedData)
    }
}
