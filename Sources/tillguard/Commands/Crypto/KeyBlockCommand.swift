// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import PaymentCryptography
import Vocabulary

struct KeyBlockCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key-block", abstract: "Key blocks (X9.143, TR-31): read and write.",
        discussion: "Versions A to E are read, ISO 20038's E among them; B, D and E are written.",
        subcommands: [Read.self, Write.self])

    struct Read: CryptoCalculator {
        static let configuration = CommandConfiguration(
            abstract: "The header in words, and under --kbpk the proof of it and the key's check value.",
            discussion: """
                Without --kbpk nothing proves what the header says. The key itself is never shown.

                Example: tillguard crypto key-block read --kbpk DD7515F2BFC17F85CE48F3CA25CB21F6 \
                B0080P0TE00E000094B420079CC80BA3461F86FE26EFC4A3B8E4FA4C5F5341176EED7B727B8A248E

                JSON: version, usage, algorithm, modeOfUse, keyVersion, exportability, context, each with \
                …Meaning beside \
                it, optionalBlocks (id, meaning, data), authentic; with --kbpk bits, kcv, and in notes what \
                is against \
                the standard. Exit 1 for a block that is not authentic, or refused.
                """,
            aliases: ["inspect", "unwrap"])
        @OptionGroup var output: CryptoOutput
        @Option(help: "The key block protection key; @file or - for the standard input.") var kbpk: CryptoInput?
        @Flag(help: "Refuse what is against X9.143 instead of noting it.") var strict = false
        @Argument(help: "The key block; @file or - for the standard input.") var block: CryptoInput

        func answer() throws -> CryptoAnswer {
            let text = try block.string("the key block")
            var answer = CryptoAnswer()
            guard let kbpk else {
                answer.add(header: try KeyBlockCalculator.header(text))
                answer.add("authentic", "authentic", .null, text: "not checked: no --kbpk")
                return answer
            }
            let protection = try kbpk.key("--kbpk", [16, 24, 32])
            do {
                let policy = strict ? KeyBlockPolicy.strict : .lenient
                let unwrapped = try KeyBlock.unwrap(text, under: protection, policy: policy.acceptingWeakKeys())
                let (header, findings) = (unwrapped.header, unwrapped.findings)
                answer.add(header: header)
                answer.add("authentic", verified: true, else: "")
                try answer.add(blockKey: unwrapped.takeKey(), header.algorithm)
                answer.add(notes: findings.map(KeyBlockWords.finding))
            } catch KeyBlockError.notAuthentic {
                answer.add(header: try KeyBlockCalculator.header(text))
                answer.add(
                    "authentic", verified: false, else: "another protection key, or the key block was changed")
            }
            return answer
        }
    }

    struct Write: CryptoCalculator {
        static let configuration = CommandConfiguration(
            abstract: "A key block of a test key, of its components, or of a new key.",
            discussion: """
                Example: tillguard crypto key-block write --kbpk DD7515F2BFC17F85CE48F3CA25CB21F6 --block-version B \
                --key 3F419E1CB7079442AA37474C2EFBF8B8 --algorithm T --usage P0 --mode E --exportability E

                JSON: bits, kcv, keyBlock, notes. The padding is random: another block each time.
                """,
            aliases: ["wrap"])
        @OptionGroup var output: CryptoOutput
        @OptionGroup var target: KeyBlockTarget
        @Option(help: "The key; @file or - for the standard input.") var key: CryptoInput?
        @Option(parsing: .singleValue, help: "A component of the key; again for each.") var component: [CryptoInput] =
            []
        @Option(help: "A new key of that many bytes.") var random: Int?
        @Option(help: "The algorithm: A (AES), T (TDES), H (HMAC) or another letter of X9.143.") var algorithm = "A"

        func answer() throws -> CryptoAnswer {
            guard target.kbpk != nil else { throw ValidationError("--kbpk: the protection key is needed") }
            let letter = KeyAlgorithm(rawValue: algorithm.uppercased())
            let key = try theKey(letter)
            var answer = CryptoAnswer()
            try answer.add(blockKey: key, letter)
            try target.add(key, letter: letter, to: &answer)
            if let algorithm = CryptoKeyAlgorithm(letter), algorithm.lengths.contains(key.count) {
                answer.add(notes: algorithm.notes(key))
            }
            return answer
        }

        private func theKey(_ letter: KeyAlgorithm) throws -> SecretKey {
            let lengths = CryptoKeyAlgorithm(letter)?.lengths ?? []
            switch (key, component.isEmpty, random) {
            case (let key?, true, nil): return try key.key("--key", lengths)
            case (nil, false, nil):
                return try CryptoKeyParts.sum(component, lengths) { _, _ in }
            case (nil, true, let count?):
                let known = lengths.isEmpty ? Array(16...64) : lengths
                guard known.contains(count) else {
                    throw ValidationError("--random: expected \(CryptoInput.list(known)) bytes, got \(count)")
                }
                return try CryptoKeyAlgorithm(letter)?.random(count: count) ?? SecretKey.random(count: count)
            default: throw ValidationError("--key, --component or --random: one of them is needed")
            }
        }
    }
}

extension CryptoKeyAlgorithm {
    /// Nil for letters whose keys have no check value here.
    init?(_ letter: KeyAlgorithm) {
        switch letter {
        case .tdes: self = .tdes
        case .aes: self = .aes
        default: return nil
        }
    }
}

extension CryptoAnswer {
    /// The letters of a header and what they stand for.
    mutating func add(header: KeyBlockHeader) {
        func row(_ name: String, _ label: String, _ code: String, _ words: String, _ answer: inout CryptoAnswer) {
            answer.add(name, label, .string(code), text: "\(code)  \(words)")
            answer.add(name + "Meaning", "", .string(words))
        }
        row("version", "version", header.version.rawValue, KeyBlockWords.version(header.version), &self)
        row("usage", "key usage", header.usage.rawValue, KeyBlockWords.usage(header.usage), &self)
        row("algorithm", "algorithm", header.algorithm.rawValue, KeyBlockWords.algorithm(header.algorithm), &self)
        row("modeOfUse", "mode of use", header.modeOfUse.rawValue, KeyBlockWords.mode(header.modeOfUse), &self)
        row("keyVersion", "key version", header.keyVersion, KeyBlockWords.keyVersion(header.keyVersion), &self)
        row(
            "exportability", "exportability", header.exportability.rawValue,
            KeyBlockWords.exportability(header.exportability), &self)
        row("context", "context", header.context, KeyBlockWords.context(header.context), &self)
        let rows = header.optionalBlocks.map { block -> (String, String, JSON) in
            let words = KeyBlockWords.optionalBlock(block.id)
            return (
                "optional block", "\(block.id)  \(words): \(block.text)",
                ["id": .string(block.id), "meaning": .string(words), "data": .string(block.text)]
            )
        }
        add("optionalBlocks", rows: rows.map { (label: $0.0, text: $0.1, value: $0.2) })
    }

    /// Length and check value of a key of a key block; null where its algorithm has no check value.
    mutating func add(blockKey key: borrowing SecretKey, _ letter: KeyAlgorithm) throws {
        let count = key.count
        add("bits", "bits", count: count * 8)
        if let algorithm = CryptoKeyAlgorithm(letter),
            algorithm.lengths.contains(count) || (algorithm == .tdes && count == 8)
        {
            add("kcv", "key check value", hex: try algorithm.checkValue(key))
        } else {
            add("kcv", "key check value", .null, text: "none for this algorithm")
        }
    }
}
