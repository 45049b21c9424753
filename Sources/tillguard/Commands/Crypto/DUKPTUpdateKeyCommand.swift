// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import PaymentCryptography
import Vocabulary

extension DUKPTCommand {
    struct UpdateKey: CryptoCalculator {
        static let configuration = CommandConfiguration(
            commandName: "update-key",
            abstract: "The key under which a device's next initial key travels: its check value.",
            discussion: """
                AES DUKPT only: the key-encryption key at the counter of all ones (X9.24-3 6.5.4). \
                The counter of --ksn does not count.

                Example: tillguard crypto dukpt update-key --ik 1273671EA26AC29AFA4D1084127652A1 \
                --ksn 123456789012345600000000

                JSON: scheme, initialKeyID, type, algorithm, bits, kcv.
                """)
        @OptionGroup var output: CryptoOutput
        @OptionGroup var keys: Keys
        @Option(help: "The type of the key, no stronger than the initial key; its own if not given.")
        var type: DUKPTKeyType?

        func answer() throws -> CryptoAnswer {
            guard case .aes(let ksn) = try keys.serialNumber() else {
                throw ValidationError("--ksn: TDES DUKPT has no update key; expected 12 bytes")
            }
            let initial = try keys.initialKey(.aes(ksn))
            guard let length = AESKeyLength(rawValue: initial.count) else {
                throw DUKPTError.wrongKeyLength(initial.count)
            }
            let type = type ?? DUKPTKeyType(length)
            guard DUKPTUsage.keyEncryption.admits(type), let algorithm = type.algorithm else {
                throw DUKPTError.unsuitableType(type)
            }
            let last = AESKeySerialNumber(initialKeyID: ksn.initialKeyID, counter: .max)
            let transaction = try DUKPTCalculator.transactionKey(initialKey: initial, ksn: last)
            let key = try DUKPTCalculator.workingKey(
                transactionKey: transaction, ksn: last, usage: .keyEncryption, type: type)
            var answer = CryptoAnswer()
            answer.add("scheme", "scheme", "AES DUKPT")
            answer.add("initialKeyID", "initial key", Hex.text(ksn.initialKeyID))
            answer.add("type", "type", type.rawValue)
            try answer.add(key: key, algorithm)
            return answer
        }
    }
}
