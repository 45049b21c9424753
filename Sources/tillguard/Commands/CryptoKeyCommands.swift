// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import PaymentCryptography
import Vocabulary

/// The ciphers that check values are made with.
enum CryptoKeyAlgorithm: String, ExpressibleByArgument, CaseIterable {
    case tdes, aes, sm4

    var lengths: [Int] {
        switch self {
        case .tdes: [16, 24]
        case .aes: [16, 24, 32]
        case .sm4: [16]
        }
    }

    func checkValue(_ key: borrowing SecretKey) throws -> [UInt8] {
        switch self {
        case .tdes: KCV.tdes(key)
        case .aes: KCV.aes(key)
        case .sm4: try SM4.kcv(key)
        }
    }
}

struct KCVCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kcv", abstract: "The check value of a key: zero block (TDES, SM4) or CMAC (AES).")
    @OptionGroup var output: CryptoCommand.Output
    @Option(help: "The key.") var key: String
    @Option(help: "What the key is for: tdes, aes or sm4.") var algorithm = CryptoKeyAlgorithm.tdes

    func run() throws {
        let key = try CryptoCommand.key(key, "key", algorithm.lengths)
        let bits = key.count * 8
        output.show([
            "algorithm": .string(algorithm.rawValue), "bits": .integer(Int64(bits)),
            "kcv": CryptoCommand.hex(try algorithm.checkValue(key)),
        ])
    }
}

struct ComponentsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "components", abstract: "Combine key components by exclusive or; prints check values only.")
    @OptionGroup var output: CryptoCommand.Output
    @Option(help: "What the key is for: tdes, aes or sm4.") var algorithm = CryptoKeyAlgorithm.tdes
    @Argument(help: "Two or more components.") var components: [String]

    func run() throws {
        guard let first = components.first, components.count >= 2 else {
            throw ValidationError("a key has at least two components")
        }
        var key = try CryptoCommand.key(first, "component", algorithm.lengths)
        var values = [CryptoCommand.hex(try algorithm.checkValue(key))]
        for text in components.dropFirst() {
            let part = try CryptoCommand.key(text, "component", algorithm.lengths)
            values.append(CryptoCommand.hex(try algorithm.checkValue(part)))
            guard let combined = key.combined(with: part) else { throw ValidationError("components differ in length") }
            key = combined
        }
        var answer: [JSON.Member] = [
            .init("algorithm", .string(algorithm.rawValue)), .init("componentKCVs", .array(values)),
            .init("kcv", CryptoCommand.hex(try algorithm.checkValue(key))),
        ]
        if algorithm == .tdes {
            answer.append(.init("kcvOddParity", CryptoCommand.hex(KCV.tdes(key.withOddParity()))))
        }
        output.show(.object(answer))
    }
}

struct KeyBlockCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key-block", abstract: "Key blocks of X9.143, TR-31 and ISO 20038.",
        subcommands: [Inspect.self, Unwrap.self, Wrap.self])

    static func describe(_ header: KeyBlockHeader) -> [JSON.Member] {
        [
            .init("version", .string(header.version.rawValue)), .init("usage", .string(header.usage.rawValue)),
            .init("algorithm", .string(header.algorithm.rawValue)),
            .init("modeOfUse", .string(header.modeOfUse.rawValue)), .init("keyVersion", .string(header.keyVersion)),
            .init("exportability", .string(header.exportability.rawValue)),
            .init("context", .string(header.context)),
            .init(
                "optionalBlocks",
                .array(header.optionalBlocks.map { ["id": .string($0.id), "data": .string($0.text)] })),
        ]
    }

    struct Inspect: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a header, which nothing has authenticated.")
        @OptionGroup var output: CryptoCommand.Output
        @Argument(help: "The key block.") var block: String

        func run() throws {
            output.show(.object(KeyBlockCommand.describe(try KeyBlockCalculator.header(block))))
        }
    }

    struct Unwrap: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Authenticate a key block; shows its header and the key's length and check value.")
        @OptionGroup var output: CryptoCommand.Output
        @Option(help: "The key block protection key.") var kbpk: String
        @Argument(help: "The key block.") var block: String

        func run() throws {
            let protection = try CryptoCommand.key(kbpk, "kbpk", [16, 24, 32])
            let unwrapped = try KeyBlock.unwrap(block, under: protection)
            let header = unwrapped.header
            let key = unwrapped.takeKey()
            var answer = KeyBlockCommand.describe(header)
            let bits = key.count * 8
            answer.append(.init("bits", .integer(Int64(bits))))
            answer.append(.init("kcv", try KeyBlockCommand.checkValue(key, header.algorithm)))
            output.show(.object(answer))
        }
    }

    /// Null where the algorithm has no check value of this kind.
    static func checkValue(_ key: borrowing SecretKey, _ algorithm: KeyBlockAlgorithm) throws -> JSON {
        let cipher: CryptoKeyAlgorithm
        switch algorithm {
        case .tdes: cipher = .tdes
        case .aes: cipher = .aes
        default: return .null
        }
        guard cipher.lengths.contains(key.count) else { return .null }
        return CryptoCommand.hex(try cipher.checkValue(key))
    }

    struct Wrap: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Write a key block of version B, D or E.")
        @OptionGroup var output: CryptoCommand.Output
        @Option(help: "The key block protection key.") var kbpk: String
        @Option(help: "The key to wrap.") var key: String
        @Option(name: .customLong("block-version"), help: "The version: B, D or E.") var version = "D"
        @Option(help: "The key usage, such as P0.") var usage: String
        @Option(help: "The algorithm: A, T, H.") var algorithm = "A"
        @Option(help: "The mode of use, such as E or N.") var mode = "N"
        @Option(help: "The key version, two characters.") var keyVersion = "00"
        @Option(help: "The exportability: E, N or S.") var exportability = "N"

        func run() throws {
            guard let version = KeyBlockVersion(rawValue: version) else {
                throw ValidationError("--block-version is B, D or E")
            }
            guard let exportability = KeyExportability(rawValue: exportability) else {
                throw ValidationError("--exportability is E, N or S")
            }
            let header = KeyBlockHeader(
                version: version, usage: KeyUsage(rawValue: usage), algorithm: KeyBlockAlgorithm(rawValue: algorithm),
                modeOfUse: KeyModeOfUse(rawValue: mode), keyVersion: keyVersion, exportability: exportability)
            let protection = try CryptoCommand.key(kbpk, "kbpk", [16, 24, 32])
            let key = try CryptoCommand.key(key, "key", [16, 24, 32, 48, 64])
            let block = try KeyBlock.wrap(key, header: header, under: protection)
            output.show([
                "keyBlock": .string(block), "kcv": try KeyBlockCommand.checkValue(key, header.algorithm),
            ])
        }
    }
}
