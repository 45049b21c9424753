// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import PaymentCryptography
import Vocabulary

struct SharesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shares", abstract: "m-of-n shares of a key: combine or split.",
        discussion: "A share is written as its custodian's number, a colon, and its value in hexadecimal.",
        subcommands: [Combine.self, Split.self])

    struct Combine: CryptoCalculator {
        static let configuration = CommandConfiguration(
            abstract: "Form a key of shares: its check value, and under --kbpk its key block; never the key.",
            discussion: """
                Without --verify nothing tells a wrong share from a right one.

                Example: tillguard crypto shares combine --verify 40D522 1:… 3:…

                With --custodian it is a ceremony of named people, of whom as many come as --threshold says: each \
                enters one share, which is checked by its own check value. Its log has names, times and check values.

                Example: tillguard crypto shares combine --verify 40D522 --threshold 2 --custodian Ana=8CA64D:- \
                --custodian Bo --custodian Cem=01A4D8:-

                JSON: algorithm, bits, kcv, keyBlock (with --kbpk). Exit 1 for a weak key or another check value. A \
                ceremony: also ceremony (at, event, custodian, kcv, reason) and formed (exit 1 when it is not).
                """)
        @OptionGroup var output: CryptoOutput
        @OptionGroup var target: KeyBlockTarget
        @OptionGroup var ceremony: CeremonyArguments
        @Option(help: "What the key is for.") var algorithm = CryptoKeyAlgorithm.tdes
        @Option(help: "The check value that the key is to have, 2 bytes or more.") var verify: CryptoInput?
        @Option(help: "How many custodians of a ceremony form the key.") var threshold: UInt8?
        @Argument(help: "As many shares as the threshold; @file or - for a line of the standard input each.")
        var shares: [CryptoInput] = []

        func answer() throws -> CryptoAnswer {
            guard !ceremony.isWanted else { return try ceremonyAnswer() }
            guard (2...255).contains(shares.count), let first = shares.first else {
                throw ValidationError("a key has at least two shares, got \(shares.count)")
            }
            let threshold = UInt8(shares.count)
            let begin = try Self.share(first, "share 1", threshold, algorithm)
            var collected = try KeyShares(
                algorithm: algorithm.divided, keyCount: begin.value.count, threshold: threshold)
            try collected.enter(begin, checkValue: nil)
            for (index, text) in shares.enumerated().dropFirst() {
                try collected.enter(try Self.share(text, "share \(index + 1)", threshold, algorithm), checkValue: nil)
            }
            let key = try collected.form(checkValue: nil)
            let value = try algorithm.checkValue(key)
            if let verify {
                let given = try verify.bytes("--verify", Array(2...value.count))
                guard constantTimeEquals(Array(value.prefix(given.count)), given) else {
                    throw KeyComponentError.wrongKey
                }
            }
            var answer = CryptoAnswer()
            try answer.add(key: key, algorithm)
            try target.add(key, algorithm, to: &answer)
            return answer
        }

        private func ceremonyAnswer() throws -> CryptoAnswer {
            guard shares.isEmpty else { throw ValidationError("--custodian: no shares beside it") }
            guard let threshold else { throw ValidationError("--threshold: a ceremony of shares needs it") }
            var answer = CryptoAnswer()
            let key = try ceremony.key(.shares(threshold: threshold), algorithm, verify: verify, into: &answer) {
                ceremony, custodian, part, checkValue in
                let share = try Self.share(part, "the share of \(custodian.name)", threshold, algorithm)
                try ceremony.enter(share: share, checkValue: checkValue, by: custodian.name, at: CeremonyArguments.now)
            }
            guard let key else { return answer }
            try answer.add(key: key, algorithm)
            try target.add(key, algorithm, to: &answer)
            return answer
        }

        private static func share(
            _ input: CryptoInput, _ name: String, _ threshold: UInt8, _ algorithm: CryptoKeyAlgorithm
        ) throws -> KeyShare {
            let characters = try input.characters(name)
            let colon = characters.withBytes { $0.firstIndex(of: 0x3A) }
            guard let colon, colon > 0, colon < characters.count - 1 else {
                throw ValidationError("\(name): expected a number, a colon and hexadecimal digits")
            }
            let number = characters.withBytes { UInt8(String(decoding: $0[..<colon], as: UTF8.self)) }
            guard let number, number > 0 else { throw ValidationError("\(name): expected a number from 1 to 255") }
            let rest = characters.withBytes { bytes in
                SecretKey(count: bytes.count - colon - 1) {
                    $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[(colon + 1)...]))
                }
            }
            let value = try CryptoInput.decode(rest, name)
            guard algorithm.lengths.contains(value.count) else {
                let lengths = CryptoInput.list(algorithm.lengths)
                throw ValidationError("\(name): expected \(lengths) bytes in hexadecimal, got \(value.count)")
            }
            return try KeyShare(number: number, threshold: threshold, value: value)
        }
    }

    struct Split: CryptoCalculator {
        static let configuration = CommandConfiguration(
            abstract: "Split a key into shares, and print them: that is what it is for.",
            discussion: """
                Whoever sees as many shares as the threshold has the key.

                Example: tillguard crypto shares split --key AD255B6BAB8370F1AE294F9492C2C8E9 --threshold 2 --parts 3

                JSON: algorithm, bits, kcv, threshold, shares (number, share, kcv).
                """)
        @OptionGroup var output: CryptoOutput
        @OptionGroup var divided: DividedKey
        @Option(help: "How many shares form the key, 2 or more.") var threshold: UInt8 = 2
        @Option(help: "How many shares there are, up to 255.") var parts: UInt8 = 3

        func answer() throws -> CryptoAnswer {
            guard threshold >= 2, parts >= threshold else {
                throw ValidationError("--threshold: expected 2 to \(parts) of --parts \(parts), got \(threshold)")
            }
            let algorithm = divided.algorithm
            let key = try divided.theKey()
            var answer = CryptoAnswer()
            try answer.add(key: key, algorithm)
            answer.add("threshold", "shares that form it", count: Int(threshold))
            var rows: [(label: String, text: String, value: JSON)] = []
            try KeyShares.split(key, algorithm: algorithm.divided, threshold: threshold, count: parts) { share, value in
                let check = Hex.text(value)
                let text = share.value.withBytes { "\(share.number):\(Hex.text($0))" }
                rows.append(
                    (
                        "share \(share.number)", "\(text)  KCV \(check)",
                        ["number": .integer(Int64(share.number)), "share": .string(text), "kcv": .string(check)]
                    ))
            }
            answer.add("shares", rows: rows)
            return answer
        }
    }
}
