// SPDX-License-Identifier: Apache-2.0

/// Why a key block was not written or read. Once the MAC is reached, there is one reason only until it matches.
public enum KeyBlockError: Error, Equatable, Sendable {
    /// The text is not a key block; the offset counts characters.
    case malformed(offset: Int, expected: String)
    /// The protection key does not fit the version: TDES of 16 or 24 bytes for A, B, C; AES of 16, 24 or 32 for D, E.
    case wrongProtectionKey(version: KeyBlockVersion, byteCount: Int)
    /// The MAC does not match: another protection key, or a changed block.
    case notAuthentic
    /// Versions A and C are read, not written.
    case readOnlyVersion(KeyBlockVersion)
    /// The protection key is weaker than the key (`KeyStrength`).
    case weakerThanKey
    /// An attribute that the header cannot carry, or a key that is none of its algorithm.
    case attribute(String)
    /// The block would be longer than 9999 characters.
    case tooLong(Int)
    /// Authentic, or well written, but against the standard's rules: see `KeyBlockPolicy`.
    case refused(KeyBlockFinding)
}
