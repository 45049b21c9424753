// SPDX-License-Identifier: Apache-2.0

/// The keys on the way of DUKPT, each by itself: for known answers and calculators with test keys.
package enum DUKPTCalculator {
    /// The working keys of a TDES transaction (ANSI X9.24-1:2009 A.4.1).
    package enum TDESWorkingKey: String, Sendable, CaseIterable {
        case pin, requestMAC, responseMAC, requestData, responseData

        fileprivate var usage: TDESTransactionKeys.Usage {
            switch self {
            case .pin: .pin
            case .requestMAC: .requestMAC
            case .responseMAC: .responseMAC
            case .requestData: .requestData
            case .responseData: .responseData
            }
        }
    }

    /// The types of derived key (X9.24-3:2017 table 4).
    package enum DerivedKeyType: String, Sendable, CaseIterable {
        case tdes2 = "TDES2"
        case tdes3 = "TDES3"
        case aes128 = "AES128"
        case aes192 = "AES192"
        case aes256 = "AES256"
        case hmac128 = "HMAC128"
        case hmac192 = "HMAC192"
        case hmac256 = "HMAC256"

        fileprivate var indicator: UInt16 {
            switch self {
            case .tdes2: 0
            case .tdes3: 1
            case .aes128: 2
            case .aes192: 3
            case .aes256: 4
            case .hmac128, .hmac192, .hmac256: 5
            }
        }

        /// The bytes of such a key.
        package var byteCount: Int {
            switch self {
            case .tdes2, .aes128, .hmac128: 16
            case .tdes3, .aes192, .hmac192: 24
            case .aes256, .hmac256: 32
            }
        }
    }

    /// The transaction key of TDES DUKPT, before its variants.
    package static func transactionKey(
        initialKey: borrowing SecretKey, ksn: TDESKeySerialNumber
    ) throws(DUKPTError) -> SecretKey {
        guard initialKey.count == TDESDUKPT.keyBytes else { throw .wrongKeyLength(initialKey.count) }
        guard ksn.isLegal else { throw .illegalCounter(ksn.counter) }
        var scratch = TDESDUKPTScratch()
        initialKey.withBytes { scratch.load($0) }
        scratch.descend(ksn)
        return scratch.withKey { key in SecretKey(count: key.count) { $0.copyMemory(from: key) } }
    }

    /// One working key of a TDES transaction; a data key is encrypted once more under itself.
    package static func workingKey(_ key: TDESWorkingKey, of keys: borrowing TDESTransactionKeys) -> SecretKey {
        switch key {
        case .requestData, .responseData: keys.dataKey(key.usage)
        default: keys.withKey(key.usage) { key in SecretKey(count: key.count) { $0.copyMemory(from: key) } }
        }
    }

    /// The transaction key (intermediate derivation key) of AES DUKPT.
    package static func transactionKey(
        initialKey: borrowing SecretKey, ksn: AESKeySerialNumber
    ) throws(DUKPTError) -> SecretKey {
        guard let length = AESKeyLength(rawValue: initialKey.count) else { throw .wrongKeyLength(initialKey.count) }
        // The counter of all ones is the one of update keys, which no transaction uses.
        guard ksn.isLegal || ksn.counter == .max else { throw .illegalCounter(ksn.counter) }
        return AESDUKPT.transactionKey(initialKey, ksn, length, AESBlockCipher())
    }

    /// Derivation data and derived key of any usage and type from a transaction key.
    ///
    /// - Returns: nil for a usage code that X9.24-3 table 3 does not list.
    package static func workingKey(
        transactionKey: borrowing SecretKey, ksn: AESKeySerialNumber, usageCode: UInt16, type: DerivedKeyType
    ) throws(DUKPTError) -> SecretKey? {
        guard AESKeyLength(rawValue: transactionKey.count) != nil else { throw .wrongKeyLength(transactionKey.count) }
        guard let data = derivationBlock(ksn: ksn, usageCode: usageCode, type: type) else { return nil }
        let cipher = transactionKey.withBytes { AESBlockCipher(key: $0) }
        return SecretKey(count: type.byteCount) { AESDUKPT.derive(data, $0.count, cipher: cipher, into: $0) }
    }

    /// The 16 bytes of the first derivation data block.
    package static func derivationData(
        ksn: AESKeySerialNumber, usageCode: UInt16, type: DerivedKeyType
    ) -> [UInt8]? {
        derivationBlock(ksn: ksn, usageCode: usageCode, type: type)?.bytes
    }

    private static func derivationBlock(ksn: AESKeySerialNumber, usageCode: UInt16, type: DerivedKeyType) -> Block? {
        guard let usage = AESDUKPT.Usage(rawValue: usageCode) else { return nil }
        return AESDUKPT.derivationData(
            usage, algorithm: type.indicator, bits: UInt16(type.byteCount * 8), initialKeyID: ksn.initialKeyID,
            counter: ksn.counter)
    }
}
