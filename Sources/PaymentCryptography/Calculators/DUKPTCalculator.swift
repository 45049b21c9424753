// SPDX-License-Identifier: Apache-2.0

/// The keys on the way of DUKPT, each by itself: for known answers and calculators with test keys.
package enum DUKPTCalculator {
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
    ///
    /// - Returns: nil for a usage that TDES DUKPT does not have.
    package static func workingKey(_ usage: DUKPTUsage, of keys: borrowing TDESTransactionKeys) -> SecretKey? {
        guard let usage = TDESTransactionKeys.Usage(usage) else { return nil }
        return keys.copy(usage)
    }

    /// The transaction key (intermediate derivation key) of AES DUKPT.
    package static func transactionKey(
        initialKey: borrowing SecretKey, ksn: AESKeySerialNumber
    ) throws(DUKPTError) -> SecretKey {
        // The counter of all ones is the one of update keys, which no transaction uses.
        guard ksn.isLegal || ksn.counter == .max else { throw .illegalCounter(ksn.counter) }
        return try AESDUKPT.transactionKey(initialKey, ksn, AESBlockCipher())
    }

    /// The derived key of any usage and type from a transaction key.
    package static func workingKey(
        transactionKey: borrowing SecretKey, ksn: AESKeySerialNumber, usage: DUKPTUsage, type: DUKPTKeyType
    ) throws(DUKPTError) -> SecretKey {
        try AESDUKPT.workingKey(transactionKey: transactionKey, ksn: ksn, usage: usage, type: type)
    }

    /// The 16 bytes of the first derivation data block.
    package static func derivationData(ksn: AESKeySerialNumber, usage: DUKPTUsage, type: DUKPTKeyType) -> [UInt8] {
        AESDUKPT.derivationData(usage, type, ksn: ksn).bytes
    }
}
