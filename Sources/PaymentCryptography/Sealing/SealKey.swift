// SPDX-License-Identifier: Apache-2.0

/// What stands before the ciphertext of a box.
struct BoxHeader {
    enum Version: UInt8, CaseIterable {
        /// A box of its own.
        case single = 1
        /// A record of a session, with its number.
        case session = 2

        var headerCount: Int { 1 + P256PublicKey.compressedCount + (self == .session ? 4 : 0) }
    }

    let version: Version
    let ephemeral: [UInt8]
    let number: UInt32

    init(version: Version, ephemeral: [UInt8], number: UInt32) {
        (self.version, self.ephemeral, self.number) = (version, ephemeral, number)
    }

    /// - Returns: nil for an unknown version, and for lengths that no box has.
    init?(_ box: [UInt8]) {
        guard let version = box.first.flatMap(Version.init) else { return nil }
        let plaintextCount = box.count - version.headerCount - AuthenticatedCipher.tagCount
        guard (0...SealedBox.plaintextCountMax).contains(plaintextCount) else { return nil }
        let end = 1 + P256PublicKey.compressedCount
        self.init(
            version: version, ephemeral: Array(box[1..<end]),
            number: box[end..<version.headerCount].reduce(0) { $0 << 8 | UInt32($1) })
    }

    var bytes: [UInt8] {
        [version.rawValue] + ephemeral + (version == .session ? Self.bigEndian(number) : [])
    }

    static func bigEndian(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }
}

/// The key of one key agreement: AES-256 and the nonce that the records' numbers are put to.
struct SealKey: ~Copyable, Sendable {
    private static let keyCount = 32

    private let cipher: AuthenticatedCipher
    private let nonce: [UInt8]

    /// X9.63 over the agreed secret; the shared information binds version, ephemeral key and recipient.
    ///
    /// - Throws: `SealedBoxError.notAuthentic` for a peer that agrees on nothing.
    init(
        _ own: borrowing P256PrivateKey, _ version: BoxHeader.Version, sender: P256PublicKey,
        recipient: P256PublicKey, peer: P256PublicKey
    ) throws(SealedBoxError) {
        let info = Array("sealed box".utf8) + [version.rawValue] + sender.compressed + recipient.bytes
        let derived = X963KDF.derive(
            secret: try Self.secret(own, peer), sharedInfo: info, digest: .sha256,
            count: Self.keyCount + AuthenticatedCipher.nonceCount)
        let key = derived.withBytes { derived in
            SecretKey(count: Self.keyCount) {
                $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: derived[..<Self.keyCount]))
            }
        }
        cipher = AuthenticatedCipher(key: key)
        nonce = derived.withBytes { Array($0[Self.keyCount...]) }
    }

    /// - Throws: `SealedBoxError.notAuthentic` for an ephemeral key that is not on the curve.
    init(_ header: BoxHeader, receivedBy own: borrowing P256PrivateKey) throws(SealedBoxError) {
        guard let sender = try? P256PublicKey(header.ephemeral) else { throw .notAuthentic }
        try self.init(own, header.version, sender: sender, recipient: own.publicKey, peer: sender)
    }

    private static func secret(
        _ own: borrowing P256PrivateKey, _ peer: P256PublicKey
    ) throws(SealedBoxError) -> SecretKey {
        do { return try own.sharedSecret(with: peer) } catch { throw .notAuthentic }
    }

    /// Ciphertext and tag.
    borrowing func seal(_ plaintext: [UInt8], _ header: BoxHeader, _ associatedData: [UInt8]) -> [UInt8] {
        cipher.seal(
            plaintext: plaintext, nonce: nonce(header.number), associatedData: header.bytes + associatedData)
    }

    borrowing func open(
        _ box: [UInt8], _ header: BoxHeader, _ associatedData: [UInt8]
    ) throws(SealedBoxError) -> [UInt8] {
        guard
            let plaintext = cipher.open(
                Array(box[header.version.headerCount...]), nonce: nonce(header.number),
                associatedData: header.bytes + associatedData)
        else { throw .notAuthentic }
        return plaintext
    }

    /// The derived nonce with the number put to its end by exclusive or, as TLS 1.3 does (RFC 8446 5.3).
    private func nonce(_ number: UInt32) -> [UInt8] {
        let start = nonce.count - 4
        return nonce[..<start] + zip(nonce[start...], BoxHeader.bigEndian(number)).map { $0 ^ $1 }
    }
}
