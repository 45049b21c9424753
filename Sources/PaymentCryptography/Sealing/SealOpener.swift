// SPDX-License-Identifier: Apache-2.0

/// Opens boxes and records with one private key, and keeps the key of the session seen last: the records of one session
/// cost one key agreement together.
public struct SealOpener: ~Copyable, Sendable {
    private let key: P256PrivateKey
    private var session: SealKey?
    private var sessionHeader: [UInt8] = []

    public init(key: consuming P256PrivateKey) {
        self.key = key
        session = nil
    }

    /// The key that senders seal for.
    public var publicKey: P256PublicKey { key.publicKey }

    /// The plaintext of a box or a record.
    ///
    /// - Throws: `SealedBoxError.malformed`, `notAuthentic`.
    public mutating func open(
        _ box: [UInt8], associatedData: [UInt8] = []
    ) throws(SealedBoxError) -> [UInt8] {
        guard let header = BoxHeader(box) else { throw .malformed }
        let own = [header.version.rawValue] + header.ephemeral
        if own != sessionHeader {
            sessionHeader = []
            session = try SealKey(header, receivedBy: key)
            sessionHeader = own
        }
        switch session {
        case .some(let session): return try session.open(box, header, associatedData)
        case .none: throw .notAuthentic
        }
    }
}
