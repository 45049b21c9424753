// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import PaymentCryptography
import Vocabulary

/// Components as they stand on a command line.
enum CryptoKeyParts {
    /// The exclusive or of two components or more.
    ///
    /// - Parameter each: hears every component with its number, from 1.
    static func sum(
        _ components: [CryptoInput], _ lengths: [Int], _ each: (Int, borrowing SecretKey) throws -> Void
    ) throws -> SecretKey {
        guard let first = components.first, components.count >= 2 else {
            throw ValidationError("a key has at least two components, got \(components.count)")
        }
        var key = try first.key("component 1", lengths)
        try each(1, key)
        for (index, text) in components.enumerated().dropFirst() {
            let name = "component \(index + 1)"
            let part = try text.key(name, lengths)
            guard let combined = key.combined(with: part) else {
                throw ValidationError("\(name): expected \(key.count) bytes as the first one, got \(part.count)")
            }
            try each(index + 1, part)
            key = combined
        }
        return key
    }
}

/// A key that is to be divided: given, or new.
struct DividedKey: ParsableArguments {
    @Option(help: "What the key is for.") var algorithm = CryptoKeyAlgorithm.tdes
    @Option(help: "The key; @file or - for the standard input.") var key: CryptoInput?
    @Option(help: "Instead of it, a new key of that many bytes.") var random: Int?

    func theKey() throws -> SecretKey {
        switch (key, random) {
        case (let key?, nil): return try key.key("--key", algorithm.lengths)
        case (nil, let count?):
            guard algorithm.lengths.contains(count) else {
                let lengths = CryptoInput.list(algorithm.lengths)
                throw ValidationError("--random: expected \(lengths) bytes for \(algorithm.rawValue), got \(count)")
            }
            return try algorithm.random(count: count)
        default: throw ValidationError("--key or --random: one of them is needed")
        }
    }
}

extension CryptoKeyAlgorithm {
    var divided: ComponentAlgorithm {
        switch self {
        case .tdes: .tdes
        case .aes: .aes
        case .sm4: .sm4
        }
    }
}

struct ComponentsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "components", abstract: "XOR components of a key: combine or split.",
        subcommands: [Combine.self, Split.self], defaultSubcommand: Combine.self)

    struct Combine: CryptoCalculator {
        static let configuration = CommandConfiguration(
            abstract: "Combine components: check values, and under --kbpk the key in a key block; never the key.",
            discussion: """
                Example: tillguard crypto components E09B073B4007541FAB76B04370451031 \
                4CBF5D51EA8525EF045EFED6E386D9D9 00000000000000000000000000000000

                With --custodian it is a ceremony of named people: each enters one component, which is checked by \
                its own check value; --verify is the key's. Its log has names, times and check values.

                Example: tillguard crypto components --verify 40D522 --kbpk @kbpk.hex --usage P0 \
                --custodian Ana=30062C:- --custodian Bo=01A4D8:-

                JSON: components (number, kcv), algorithm, bits, kcv, kcvOddParity (TDES), keyBlock (with \
                --kbpk), notes; \
                verified (with --verify; exit 1 when it is not). A ceremony: ceremony (at, event, custodian, kcv, \
                reason) and formed (exit 1 when it is not) in the place of components and verified.
                """)
        @OptionGroup var output: CryptoOutput
        @OptionGroup var target: KeyBlockTarget
        @OptionGroup var ceremony: CeremonyArguments
        @Option(help: "What the key is for.") var algorithm = CryptoKeyAlgorithm.tdes
        @Option(help: "The check value of the key to verify, 2 bytes or more.") var verify: CryptoInput?
        @Argument(help: "Two or more components; @file or - for a line of the standard input each.")
        var components: [CryptoInput] = []

        func answer() throws -> CryptoAnswer {
            guard !ceremony.isWanted else { return try ceremonyAnswer() }
            var rows: [(label: String, text: String, value: JSON)] = []
            let key = try CryptoKeyParts.sum(components, algorithm.lengths) { number, part in
                let value = Hex.text(try algorithm.checkValue(part))
                rows.append(
                    ("KCV component \(number)", value, ["number": .integer(Int64(number)), "kcv": .string(value)]))
            }
            var answer = CryptoAnswer()
            answer.add("components", rows: rows)
            try answer.add(key: key, algorithm)
            if algorithm == .tdes {
                answer.add("kcvOddParity", "KCV with odd parity", hex: KCV.tdes(key.withOddParity()))
            }
            if let verify {
                let value = try algorithm.checkValue(key)
                let given = try verify.bytes("--verify", Array(2...value.count))
                answer.add(
                    verified: constantTimeEquals(Array(value.prefix(given.count)), given), else: "another key")
            }
            try target.add(key, algorithm, to: &answer)
            var notes = algorithm.notes(key)
            let values = rows.map(\.text)
            if (1..<values.count).contains(where: { values[..<$0].contains(values[$0]) }) {
                notes.append("two components have the same check value: the same component twice cancels itself")
            }
            answer.add(notes: notes)
            return answer
        }

        private func ceremonyAnswer() throws -> CryptoAnswer {
            guard components.isEmpty else { throw ValidationError("--custodian: no components beside it") }
            var answer = CryptoAnswer()
            let key = try ceremony.key(.components, algorithm, verify: verify, into: &answer) {
                ceremony, custodian, part, checkValue in
                let component = try part.key("the component of \(custodian.name)", algorithm.lengths)
                try ceremony.enter(
                    component: component, checkValue: checkValue, by: custodian.name, at: CeremonyArguments.now)
            }
            guard let key else { return answer }
            try answer.add(key: key, algorithm)
            try target.add(key, algorithm, to: &answer)
            return answer
        }
    }

    struct Split: CryptoCalculator {
        static let configuration = CommandConfiguration(
            abstract: "Split a key into random components, and print them: that is what it is for.",
            discussion: """
                Whoever sees all components has the key.

                Example: tillguard crypto components split --key AD255B6BAB8370F1AE294F9492C2C8E9 --parts 3

                JSON: algorithm, bits, kcv, components (number, component, kcv).
                """)
        @OptionGroup var output: CryptoOutput
        @OptionGroup var divided: DividedKey
        @Option(help: "How many components, 2 to 9.") var parts = 2

        func answer() throws -> CryptoAnswer {
            guard (2...KeyComponents.countMax).contains(parts) else {
                throw ValidationError("--parts: expected 2 to \(KeyComponents.countMax), got \(parts)")
            }
            let algorithm = divided.algorithm
            let key = try divided.theKey()
            var answer = CryptoAnswer()
            try answer.add(key: key, algorithm)
            var rows: [(label: String, text: String, value: JSON)] = []
            try KeyComponents.split(key, algorithm: algorithm.divided, into: parts) { number, component, value in
                let check = Hex.text(value)
                let text = component.withBytes { Hex.text($0) }
                rows.append(
                    (
                        "component \(number)", "\(text)  KCV \(check)",
                        ["number": .integer(Int64(number)), "component": .string(text), "kcv": .string(check)]
                    ))
            }
            answer.add("components", rows: rows)
            return answer
        }
    }
}
