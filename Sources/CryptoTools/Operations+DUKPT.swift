// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

extension VectorRunner {
    /// TDES and AES DUKPT share the names of their operations; the KSN tells them apart.
    static let dukptOperations: [VectorOperation] = [
        VectorOperation("derive_ik") { check throws(VectorFailure) in
            let ksn = try initialKSN(check)
            check.expect("ik", key: try initialKey(fromBaseKey: check, ksn))
        },
        VectorOperation("derive_txn_key") { check throws(VectorFailure) in
            check.expect("txn_key", key: try transactionKey(&check))
        },
        VectorOperation("transaction") { check throws(VectorFailure) in try transaction(&check) },
        VectorOperation("transaction_random") { check throws(VectorFailure) in try transaction(&check) },
        VectorOperation("derive_working_key") { check throws(VectorFailure) in try workingKey(&check) },
        VectorOperation("derive_update_key") { check throws(VectorFailure) in
            guard case .aes(let ksn) = try initialKSN(check) else { throw VectorFailure("TDES has no update key") }
            let counter = check.has("counter") ? UInt32(truncatingIfNeeded: try check.word("counter")) : .max
            let update = AESKeySerialNumber(initialKeyID: ksn.initialKeyID, counter: counter)
            let initial = try initialKey(check, .aes(ksn))
            let transaction = try check.attempt { () throws(DUKPTError) in
                try DUKPTCalculator.transactionKey(initialKey: initial, ksn: update)
            }
            let type = try keyType(check, ownOf: initial)
            check.expect("update_key", key: try derived(check, transaction, update, .keyEncryption, type))
        },
        VectorOperation("ksn_next") { check throws(VectorFailure) in
            let next: [UInt8]? =
                switch try ksn(check) {
                case .tdes(let ksn): ksn.next?.bytes
                case .aes(let ksn): ksn.next?.bytes
                }
            check.expect("exhausted", .bool(next == nil))
            check.expect("next_ksn", next.map { .string(Hex.text($0)) } ?? .null)
        },
        VectorOperation("ksn_total") { check throws(VectorFailure) in
            let total =
                switch try initialKSN(check) {
                case .tdes: TDESKeySerialNumber.transactionsMax
                case .aes: AESKeySerialNumber.transactionsMax
                }
            check.expect("valid_transactions", .integer(Int64(total)))
        },
    ]

    // MARK: - Inputs

    static func ksn(_ check: VectorCheck, _ name: String = "ksn") throws(VectorFailure) -> KSN {
        guard let ksn = KSN(bytes: try check.bytes(name)) else {
            throw VectorFailure("a KSN has 10 bytes (TDES) or 12 (AES)")
        }
        return ksn
    }

    /// The KSN that names an initial key: `iksn` or `ksn` of either scheme, or AES's `ikid` of eight bytes.
    private static func initialKSN(_ check: VectorCheck) throws(VectorFailure) -> KSN {
        if check.has("iksn") { return try ksn(check, "iksn") }
        if check.has("ksn") { return try ksn(check) }
        let bytes = try check.bytes("ikid")
        guard let ksn = AESKeySerialNumber(bytes + [0, 0, 0, 0]) else { throw VectorFailure("an ikid has 8 bytes") }
        return .aes(ksn)
    }

    /// `key_type`, or AES as long as the key.
    private static func keyType(
        _ check: VectorCheck, ownOf key: borrowing SecretKey
    ) throws(VectorFailure) -> DUKPTKeyType {
        guard check.has("key_type") else {
            return DUKPTKeyType(try check.unwrap(AESKeyLength(rawValue: key.count), "no length of an AES key"))
        }
        return try keyType(check, "key_type")
    }

    static func keyType(_ check: VectorCheck, _ name: String) throws(VectorFailure) -> DUKPTKeyType {
        let text = try check.text(name)
        return try check.unwrap(DUKPTKeyType(rawValue: text), "unknown key type \"\(text)\"")
    }

    // MARK: - Steps

    private static func initialKey(
        fromBaseKey check: VectorCheck, _ ksn: KSN
    ) throws(VectorFailure) -> SecretKey {
        let bdk = try check.key("bdk")
        switch ksn {
        case .tdes(let ksn):
            return try check.attempt { () throws(DUKPTError) in try TDESDUKPT.initialKey(bdk: bdk, ksn: ksn) }
        case .aes(let ksn):
            let length = check.has("ik_type") ? AESKeyLength(rawValue: try keyType(check, "ik_type").byteCount) : nil
            return try check.attempt { () throws(DUKPTError) in
                try AESDUKPT.initialKey(bdk: bdk, ksn: ksn, length: length)
            }
        }
    }

    /// `ik`, or derived from `bdk`.
    static func initialKey(_ check: VectorCheck, _ ksn: KSN) throws(VectorFailure) -> SecretKey {
        check.has("ik") ? try check.key("ik") : try initialKey(fromBaseKey: check, ksn)
    }

    static func derived(
        _ check: VectorCheck, _ transactionKey: borrowing SecretKey, _ ksn: AESKeySerialNumber, _ usage: DUKPTUsage,
        _ type: DUKPTKeyType
    ) throws(VectorFailure) -> SecretKey {
        do throws(DUKPTError) {
            return try DUKPTCalculator.workingKey(transactionKey: transactionKey, ksn: ksn, usage: usage, type: type)
        } catch { throw VectorFailure("\(error)") }
    }

    /// A working key of either scheme; TDES DUKPT has keys of one type, by the usages that it shares with AES.
    private static func workingKey(_ check: inout VectorCheck) throws(VectorFailure) {
        let code = UInt16(truncatingIfNeeded: try check.word("usage_code"))
        let usage = try check.unwrap(DUKPTUsage(rawValue: code), "unknown key usage")
        let transaction = try transactionKey(&check)
        switch try ksn(check) {
        case .tdes(let ksn):
            let initial = try initialKey(check, .tdes(ksn))
            let keys = try check.attempt { () throws(DUKPTError) in
                try TDESDUKPT.transactionKeys(initialKey: initial, ksn: ksn)
            }
            let key = DUKPTCalculator.workingKey(usage, of: keys)
            check.expect("working_key", key: try check.unwrap(key, "no key usage of TDES DUKPT"))
        case .aes(let ksn):
            let type = try keyType(check, ownOf: transaction)
            check.expect("working_key", key: try derived(check, transaction, ksn, usage, type))
            check.expect(
                "derivation_data_block1", DUKPTCalculator.derivationData(ksn: ksn, usage: usage, type: type))
        }
        check.expect("txn_key", key: transaction)
    }

    private static func transactionKey(_ check: inout VectorCheck) throws(VectorFailure) -> SecretKey {
        let ksn = try ksn(check)
        let initial = try initialKey(check, ksn)
        check.expect("ik", key: initial)
        return try check.attempt { () throws(DUKPTError) in
            switch ksn {
            case .tdes(let ksn): try DUKPTCalculator.transactionKey(initialKey: initial, ksn: ksn)
            case .aes(let ksn): try DUKPTCalculator.transactionKey(initialKey: initial, ksn: ksn)
            }
        }
    }

    private static func transaction(_ check: inout VectorCheck) throws(VectorFailure) {
        let transaction = try transactionKey(&check)
        check.expect("txn_key", key: transaction)
        switch try ksn(check) {
        case .tdes(let ksn): try tdesTransaction(&check, ksn)
        case .aes(let ksn): try aesTransaction(&check, ksn, transaction)
        }
    }
}
