// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import PaymentCryptography
import Vocabulary

struct KCVCommand: CryptoCalculator {
    static let configuration = CommandConfiguration(
        commandName: "kcv", abstract: "Check value of a key, and what weakens the key.",
        discussion: """
            TDES and SM4: the first three bytes of an encrypted zero block. AES: the first five of the CMAC of a zero \
            block, and those of an encrypted zero block, which older systems show.

            Example: tillguard crypto kcv --algorithm aes --key 3F419E1CB7079442AA37474C2EFBF8B8

            JSON: algorithm, bits, kcv, kcvEncryptedZeros (AES), oddParity (TDES), notes; verified (with \
            --verify; exit 1 \
            when it is not).
            """)
    @OptionGroup var output: CryptoOutput
    @Option(help: "What the key is for.") var algorithm = CryptoKeyAlgorithm.tdes
    @Option(help: "The key; @file or - for the standard input.") var key: CryptoInput
    @Option(help: "A check value to verify, 2 bytes or more.") var verify: CryptoInput?

    func answer() throws -> CryptoAnswer {
        let key = try key.key("--key", algorithm == .tdes ? [8, 16, 24] : algorithm.lengths)
        var answer = CryptoAnswer()
        try answer.add(key: key, algorithm)
        if algorithm == .aes {
            let zeros = [UInt8](repeating: 0, count: 16)
            let block = try algorithm.transform(zeros, key: key, vector: nil, encrypting: true, name: "--key")
            answer.add("kcvEncryptedZeros", "KCV by encrypted zeros", hex: Array(block.prefix(3)))
        }
        if algorithm == .tdes { answer.add("oddParity", "odd parity", flag: key.equals(key.withOddParity())) }
        if let verify {
            let value = try algorithm.checkValue(key)
            let given = try verify.bytes("--verify", Array(2...value.count))
            answer.add(
                verified: constantTimeEquals(Array(value.prefix(given.count)), given), else: "another check value")
        }
        answer.add(notes: algorithm.notes(key))
        return answer
    }
}

struct GenerateCommand: CryptoCalculator {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "A new key: check value and key block.",
        discussion: """
            The key leaves in a key block alone; `components split --random` gives it to custodians.

            Example: tillguard crypto generate --algorithm aes --bytes 16 \
            --kbpk 88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6 --usage P0 --mode E

            JSON: algorithm, bits, kcv, keyBlock.
            """)
    @OptionGroup var output: CryptoOutput
    @OptionGroup var target: KeyBlockTarget
    @Option(help: "What the key is for: tdes or aes.") var algorithm = CryptoKeyAlgorithm.aes
    @Option(help: "The bytes of the key.") var bytes = 16

    func answer() throws -> CryptoAnswer {
        guard target.kbpk != nil else {
            throw ValidationError("--kbpk: a new key leaves in a key block; components split --random shows components")
        }
        guard algorithm.lengths.contains(bytes) else {
            let lengths = CryptoInput.list(algorithm.lengths)
            throw ValidationError("--bytes: expected \(lengths) for \(algorithm.rawValue), got \(bytes)")
        }
        let key = try algorithm.random(count: bytes)
        var answer = CryptoAnswer()
        try answer.add(key: key, algorithm)
        try target.add(key, algorithm, to: &answer)
        return answer
    }
}

struct RandomCommand: CryptoCalculator {
    static let configuration = CommandConfiguration(
        commandName: "random", abstract: "Random bytes or digits for test data.",
        discussion: """
            Not for keys: those come from generate.

            Example: tillguard crypto random --bytes 4

            JSON: random.
            """)
    @OptionGroup var output: CryptoOutput
    @Option(help: "How many bytes, 1 to 1024.") var bytes: Int?
    @Option(help: "How many decimal digits, 1 to 1024.") var digits: Int?

    func answer() throws -> CryptoAnswer {
        var answer = CryptoAnswer()
        switch (bytes, digits) {
        case (let count?, nil):
            guard (1...1_024).contains(count) else {
                throw ValidationError("--bytes: expected 1 to 1024, got \(count)")
            }
            answer.add("random", "random", hex: RandomBytes.bytes(count))
        case (nil, let count?):
            guard (1...1_024).contains(count) else {
                throw ValidationError("--digits: expected 1 to 1024, got \(count)")
            }
            var values: [UInt8] = []
            while values.count < count {
                // 250 is the largest multiple of ten: what lies above would favour the low digits.
                values += RandomBytes.bytes(count).filter { $0 < 250 }.map { $0 % 10 }
            }
            answer.add("random", "random", digits: Array(values.prefix(count)))
        default: throw ValidationError("--bytes or --digits: one of them is needed")
        }
        return answer
    }
}
