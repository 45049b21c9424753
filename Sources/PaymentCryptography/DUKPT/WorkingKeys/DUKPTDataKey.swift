// SPDX-License-Identifier: Apache-2.0

/// A key of one transaction's data, in CBC; which of encryption and decryption it does follows from its direction and
/// from who holds it.
public struct DUKPTDataKey: ~Copyable, Sendable {
    /// TDES or AES.
    public let type: DUKPTKeyType
    /// Whose data it is for.
    public let direction: DUKPTDirection
    /// Who holds it.
    public let party: DUKPTParty
    private let key: SecretKey

    init(_ key: consuming SecretKey, type: DUKPTKeyType, direction: DUKPTDirection, party: DUKPTParty) {
        self.key = key
        self.type = type
        self.direction = direction
        self.party = party
    }

    /// The bytes of a block and of an initialisation vector: 8 or 16.
    public var blockCount: Int { type.isAES ? AESBlockCipher.blockBytes : TripleDES.blockBytes }

    /// - Parameter vector: the initialisation vector; zeros if not given.
    /// - Throws: `notPermitted` when the holder has this key for decryption only, `partialBlocks`.
    public borrowing func encrypt(_ data: [UInt8], vector: [UInt8]? = nil) throws(DUKPTError) -> [UInt8] {
        guard direction.isMade(by: party) else { throw .notPermitted }
        return try transform(data, vector, encrypting: true)
    }

    /// - Parameter vector: the initialisation vector; zeros if not given.
    /// - Throws: `notPermitted` when the holder has this key for encryption only, `partialBlocks`.
    public borrowing func decrypt(_ data: [UInt8], vector: [UInt8]? = nil) throws(DUKPTError) -> [UInt8] {
        guard direction.isTaken(by: party) else { throw .notPermitted }
        return try transform(data, vector, encrypting: false)
    }

    private borrowing func transform(
        _ data: [UInt8], _ vector: [UInt8]?, encrypting: Bool
    ) throws(DUKPTError) -> [UInt8] {
        let vector = vector ?? [UInt8](repeating: 0, count: blockCount)
        let output =
            type.isAES
            ? CipherCalculator.aes(data, key: key, vector: vector, encrypting: encrypting)
            : CipherCalculator.tdes(data, key: key, vector: vector, encrypting: encrypting)
        guard let output else { throw .partialBlocks }
        return output
    }
}
