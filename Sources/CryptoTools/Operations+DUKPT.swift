// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

extension VectorRunner {
    /// TDES and AES DUKPT share the names of their operations; the KSN tells them apart.
    static let dukptOperations: [VectorOperation] = [
        VectorOperation("derive_ik") { check throws(VectorFailure) in
            let bdk = try check.key("bdk")
            if check.has("iksn") || check.has("ksn") {
                let name = check.has("iksn") ? "iksn" : "ksn"
                switch try ksn(check, name) {
                case .tdes(let ksn):
                    check.expect(
                        "ik",
                        key: try check.attempt { () throws(DUKPTError) in try TDESDUKPT.initialKey(bdk: bdk, ksn: ksn) }
                    )
                case .aes(let ksn):
                    check.expect(
                        "ik",
                        key: try check.attempt { () throws(DUKPTError) in try AESDUKPT.initialKey(bdk: bdk, ksn: ksn) })
                }
            } else {
                let ksn = AESKeySerialNumber(initialKeyID: try check.word("ikid"))
                check.expect(
                    "ik",
                    key: try check.attempt { () throws(DUKPTError) in try AESDUKPT.initialKey(bdk: bdk, ksn: ksn) })
            }
        },
        VectorOperation("derive_txn_key") { check throws(VectorFailure) in
            check.expect("txn_key", key: try transactionKey(&check))
        },
        VectorOperation("transaction") { check throws(VectorFailure) in try transaction(&check) },
        VectorOperation("transaction_random") { check throws(VectorFailure) in try transaction(&check) },
        VectorOperation("derive_working_key") { check throws(VectorFailure) in
            guard case .aes(let ksn) = try ksn(check) else { throw VectorFailure("a KSN of 12 bytes is needed") }
            let type = try keyType(check)
            let usage = UInt16(truncatingIfNeeded: try check.word("usage_code"))
            try expectWorkingKey(&check, "working_key", initialKey: "ik", ksn, usage, type)
            if let data = DUKPTCalculator.derivationData(ksn: ksn, usageCode: usage, type: type) {
                check.expect("derivation_data_block1", data)
            }
        },
        VectorOperation("derive_update_key") { check throws(VectorFailure) in
            let counter = UInt32(truncatingIfNeeded: try check.word("counter"))
            let ksn = AESKeySerialNumber(initialKeyID: try check.word("ikid"), counter: counter)
            try expectWorkingKey(&check, "update_key", initialKey: "ik", ksn, 0x0002, try keyType(check))
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
            let name = check.has("iksn") ? "iksn" : check.has("ksn") ? "ksn" : "ikid"
            let total =
                try check.bytes(name).count == TDESKeySerialNumber.byteCount
                ? TDESKeySerialNumber.transactionsMax : AESKeySerialNumber.transactionsMax
            check.expect("valid_transactions", .integer(Int64(total)))
        },
    ]

    // MARK: - Steps

    private static func ksn(_ check: VectorCheck, _ name: String = "ksn") throws(VectorFailure) -> KSN {
        guard let ksn = KSN(bytes: try check.bytes(name)) else {
            throw VectorFailure("a KSN has 10 bytes (TDES) or 12 (AES)")
        }
        return ksn
    }

    private static func keyType(_ check: VectorCheck) throws(VectorFailure) -> DUKPTCalculator.DerivedKeyType {
        let name = try check.text("key_type")
        guard let type = DUKPTCalculator.DerivedKeyType(rawValue: name) else {
            throw VectorFailure("unknown key type \"\(name)\"")
        }
        return type
    }

    private static func expectWorkingKey(
        _ check: inout VectorCheck, _ name: String, initialKey: String, _ ksn: AESKeySerialNumber, _ usage: UInt16,
        _ type: DUKPTCalculator.DerivedKeyType
    ) throws(VectorFailure) {
        let initial = try check.key(initialKey)
        let transaction = try check.attempt { () throws(DUKPTError) in
            try DUKPTCalculator.transactionKey(initialKey: initial, ksn: ksn)
        }
        let key = try check.attempt { () throws(DUKPTError) in
            try DUKPTCalculator.workingKey(transactionKey: transaction, ksn: ksn, usageCode: usage, type: type)
        }
        check.expect(name, key: try check.unwrap(key, "unknown key usage"))
    }

    private static func transactionKey(_ check: inout VectorCheck) throws(VectorFailure) -> SecretKey {
        switch try ksn(check) {
        case .tdes(let ksn):
            let initial = try tdesInitialKey(check, ksn)
            check.expect("ik", key: initial)
            return try check.attempt { () throws(DUKPTError) in
                try DUKPTCalculator.transactionKey(initialKey: initial, ksn: ksn)
            }
        case .aes(let ksn):
            let initial = try aesInitialKey(check, ksn)
            check.expect("ik", key: initial)
            return try check.attempt { () throws(DUKPTError) in
                try DUKPTCalculator.transactionKey(initialKey: initial, ksn: ksn)
            }
        }
    }

    static func tdesInitialKey(_ check: VectorCheck, _ ksn: TDESKeySerialNumber) throws(VectorFailure) -> SecretKey {
        if check.has("ik") { return try check.key("ik") }
        let bdk = try check.key("bdk")
        return try check.attempt { () throws(DUKPTError) in try TDESDUKPT.initialKey(bdk: bdk, ksn: ksn) }
    }

    static func aesInitialKey(_ check: VectorCheck, _ ksn: AESKeySerialNumber) throws(VectorFailure) -> SecretKey {
        if check.has("ik") { return try check.key("ik") }
        let bdk = try check.key("bdk")
        return try check.attempt { () throws(DUKPTError) in try AESDUKPT.initialKey(bdk: bdk, ksn: ksn) }
    }

    private static func transaction(_ check: inout VectorCheck) throws(VectorFailure) {
        check.expect("txn_key", key: try transactionKey(&check))
        switch try ksn(check) {
        case .tdes(let ksn): try tdesTransaction(&check, ksn)
        case .aes(let ksn): try aesTransaction(&check, ksn)
        }
    }
}
