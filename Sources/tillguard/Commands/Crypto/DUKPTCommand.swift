// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import PaymentCryptography
import Vocabulary

struct DUKPTCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dukpt", abstract: "DUKPT of TDES (X9.24-1) and AES (X9.24-3).",
        discussion: """
            A KSN of 10 bytes is TDES, one of 12 bytes AES. Without a subcommand: transaction.
            """,
        subcommands: [Transaction.self, InitialKey.self, UpdateKey.self, NextKSN.self],
        defaultSubcommand: Transaction.self)

    /// From which the keys come.
    struct Keys: ParsableArguments {
        @Option(help: "The base derivation key; @file or - for the standard input.") var bdk: CryptoInput?
        @Option(help: "The initial key (IK, IPEK) instead of a base derivation key.") var ik: CryptoInput?
        @Option(help: "The key serial number: 10 bytes TDES, 12 bytes AES.") var ksn: CryptoInput

        func serialNumber() throws -> KSN {
            let bytes = try ksn.bytes("--ksn")
            guard let ksn = KSN(bytes: bytes) else {
                throw ValidationError("--ksn: expected 10 bytes (TDES) or 12 (AES), got \(bytes.count)")
            }
            return ksn
        }

        func initialKey(_ ksn: KSN) throws -> SecretKey {
            let lengths: [Int]
            if case .tdes = ksn { lengths = [16] } else { lengths = [16, 24, 32] }
            switch (bdk, ik) {
            case (nil, let ik?): return try ik.key("--ik", lengths)
            case (let bdk?, nil):
                let bdk = try bdk.key("--bdk", lengths)
                switch ksn {
                case .tdes(let ksn): return try TDESDUKPT.initialKey(bdk: bdk, ksn: ksn)
                case .aes(let ksn): return try AESDUKPT.initialKey(bdk: bdk, ksn: ksn)
                }
            default: throw ValidationError("--bdk or --ik: one of them is needed")
            }
        }
    }

    struct InitialKey: CryptoCalculator {
        static let configuration = CommandConfiguration(
            abstract: "The initial key of a device: its check value, and under --kbpk its key block.",
            discussion: """
                The key block has the usage B1 and carries the KSN (KS) or the initial key identifier (IK).

                Example: tillguard crypto dukpt initial-key --bdk 0123456789ABCDEFFEDCBA9876543210 \
                --ksn FFFF9876543210E00000

                JSON: scheme, initialKeyID, algorithm, bits, kcv, keyBlock (with --kbpk).
                """)
        @OptionGroup var output: CryptoOutput
        @OptionGroup var keys: Keys
        @OptionGroup var target: KeyBlockTarget

        func answer() throws -> CryptoAnswer {
            let ksn = try keys.serialNumber()
            let key = try keys.initialKey(ksn)
            var answer = CryptoAnswer()
            let algorithm: CryptoKeyAlgorithm
            let serial: KeyBlockHeader.OptionalBlock
            switch ksn {
            case .tdes(let ksn):
                algorithm = .tdes
                serial = .keySerialNumber(TDESKeySerialNumber(initialKeyID: ksn.initialKeyID) ?? ksn)
            case .aes(let ksn):
                algorithm = .aes
                serial = .initialKeyID(ksn)
            }
            answer.add("scheme", "scheme", algorithm == .tdes ? "TDES DUKPT" : "AES DUKPT")
            answer.add("initialKeyID", "initial key", Hex.text(ksn.initialKeyID))
            try answer.add(key: key, algorithm)
            try target.add(key, algorithm, usage: .initialDUKPT, mode: .derive, serial: serial, to: &answer)
            return answer
        }
    }

    struct NextKSN: CryptoCalculator {
        static let configuration = CommandConfiguration(
            commandName: "next-ksn",
            abstract: "The KSN that a device uses next: counters with too many ones are skipped.",
            discussion: """
                Example: tillguard crypto dukpt next-ksn --ksn FFFF9876543210E003FF

                JSON: ksn, counter, legal, next (an array), exhausted, transactionsMax.
                """)
        @OptionGroup var output: CryptoOutput
        @Option(help: "The key serial number: 10 bytes TDES, 12 bytes AES.") var ksn: CryptoInput
        @Option(help: "How many, 1 to 1000.") var count = 1

        func answer() throws -> CryptoAnswer {
            guard (1...1_000).contains(count) else {
                throw ValidationError("--count: expected 1 to 1000, got \(count)")
            }
            let bytes = try ksn.bytes("--ksn")
            guard let ksn = KSN(bytes: bytes) else {
                throw ValidationError("--ksn: expected 10 bytes (TDES) or 12 (AES), got \(bytes.count)")
            }
            var next: [KSN] = []
            while next.count < count, let following = Self.next(after: next.last ?? ksn) { next.append(following) }
            var answer = CryptoAnswer()
            answer.add("ksn", "KSN", hex: ksn.bytes)
            answer.add("counter", "counter", count: Int(ksn.counter))
            answer.add("legal", "a transaction may use it", flag: ksn.isLegal)
            answer.add("next", rows: next.map { ("next", Hex.text($0.bytes), .string(Hex.text($0.bytes))) })
            answer.add("exhausted", "exhausted", flag: next.count < count)
            let most: Int
            if case .tdes = ksn {
                most = TDESKeySerialNumber.transactionsMax
            } else {
                most = AESKeySerialNumber.transactionsMax
            }
            answer.add("transactionsMax", "transactions of an initial key", count: most)
            return answer
        }

        private static func next(after ksn: KSN) -> KSN? {
            switch ksn {
            case .tdes(let ksn): ksn.next.map { .tdes($0) }
            case .aes(let ksn): ksn.next.map { .aes($0) }
            }
        }
    }
}
