// SPDX-License-Identifier: Apache-2.0

/// One transaction of AES DUKPT, and any working key of it (X9.24-3:2017 6.3.2): each is derived when it is asked for,
/// can do what its usage says, and never comes out as bytes. Nor does the transaction key, which goes with this value.
///
/// ```
/// let transaction = try AESDUKPT.transaction(initialKey: initialKey, ksn: ksn)
/// let codes = try transaction.macKey(.bothWays, type: .hmac128)
/// ```
public struct AESDUKPTTransaction: ~Copyable, Sendable {
    /// The KSN of the transaction.
    public let ksn: AESKeySerialNumber
    /// Who holds the keys.
    public let party: DUKPTParty
    private let key: SecretKey

    init(ksn: AESKeySerialNumber, transactionKey: consuming SecretKey, party: DUKPTParty) {
        self.ksn = ksn
        self.party = party
        key = transactionKey
    }

    /// The PIN key (1000), of TDES or AES.
    ///
    /// - Throws: `unsuitableType`, `strongerThanParent`.
    public borrowing func pinKey(type: DUKPTKeyType) throws(DUKPTError) -> DUKPTPINKey {
        DUKPTPINKey(try workingKey(.pinEncryption, type), type: type, party: party)
    }

    /// A MAC key (2000, 2001, 2002): CMAC by TDES or AES, or HMAC-SHA-256.
    ///
    /// - Throws: `strongerThanParent`.
    public borrowing func macKey(
        _ direction: DUKPTDirection, type: DUKPTKeyType
    ) throws(DUKPTError) -> DUKPTMACKey {
        let algorithm: DUKPTMACKey.Algorithm = type.isHMAC ? .hmacSHA256 : type.isAES ? .aesCMAC : .tdesCMAC
        return DUKPTMACKey(try workingKey(.mac(direction), type), algorithm, direction: direction, party: party)
    }

    /// A data key (3000, 3001, 3002), of TDES or AES.
    ///
    /// - Throws: `unsuitableType`, `strongerThanParent`.
    public borrowing func dataKey(
        _ direction: DUKPTDirection, type: DUKPTKeyType
    ) throws(DUKPTError) -> DUKPTDataKey {
        DUKPTDataKey(try workingKey(.data(direction), type), type: type, direction: direction, party: party)
    }

    /// The key-encryption key (0002), of TDES or AES.
    ///
    /// - Throws: `unsuitableType`, `strongerThanParent`.
    public borrowing func keyEncryptionKey(type: DUKPTKeyType) throws(DUKPTError) -> DUKPTKeyEncryptionKey {
        DUKPTKeyEncryptionKey(try workingKey(.keyEncryption, type), type: type)
    }

    private borrowing func workingKey(_ usage: DUKPTUsage, _ type: DUKPTKeyType) throws(DUKPTError) -> SecretKey {
        guard usage.admits(type) else { throw .unsuitableType(type) }
        return try AESDUKPT.workingKey(transactionKey: key, ksn: ksn, usage: usage, type: type)
    }
}
