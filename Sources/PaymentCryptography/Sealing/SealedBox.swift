// SPDX-License-Identifier: Apache-2.0

/// What anybody can seal for the holder of a P-256 key, and only the holder can open: ECIES with an ephemeral key
/// agreement (NIST SP 800-56A 6.2.2.2), the key derivation of ANSI X9.63 with SHA-256 and AES-256-GCM.
///
///     0        version: 1 a box of its own, 2 a record of a session
///     1..34    the sender's ephemeral public key, compressed
///     34..38   version 2: the record's number in its session, from 0, big-endian
///     then     ciphertext, and a tag of 16 bytes
///
/// All of it is authenticated, with associated data of the caller's beside it. It proves no origin: what is inside has to.
public enum SealedBox {
    /// The longest plaintext, in bytes.
    public static let plaintextCountMax = 1 << 16

    /// How much longer a box is than its plaintext.
    public static let overhead = BoxHeader.Version.single.headerCount + AuthenticatedCipher.tagCount

    /// A box with an ephemeral key of its own. Many for one recipient: `SealSession`, which agrees once.
    ///
    /// - Throws: `SealedBoxError.tooLong`, `noKey`.
    public static func seal(
        _ plaintext: [UInt8], for recipient: P256PublicKey, associatedData: [UInt8] = []
    ) throws(SealedBoxError) -> [UInt8] {
        var session = try SealSession(for: recipient, version: .single)
        return try session.seal(plaintext, associatedData: associatedData)
    }

    /// The plaintext of a box, or of one record of a session. Many of one sender: `SealOpener`.
    ///
    /// - Throws: `SealedBoxError.malformed`, `notAuthentic`.
    public static func open(
        _ box: [UInt8], with key: borrowing P256PrivateKey, associatedData: [UInt8] = []
    ) throws(SealedBoxError) -> [UInt8] {
        guard let header = BoxHeader(box) else { throw .malformed }
        return try SealKey(header, receivedBy: key).open(box, header, associatedData)
    }
}
