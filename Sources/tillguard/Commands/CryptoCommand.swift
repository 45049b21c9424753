// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import CryptoTools
import Foundation
import PaymentCryptography
import Vocabulary

struct CryptoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crypto",
        abstract: "Calculators of payment cryptography, and known answers.",
        discussion: """
            For test keys only: what stands on a command line is kept by the shell and seen by every process. Keys and \
            data are hexadecimal; a calculator prints check values, never a key.
            """,
        subcommands: [
            PINBlockCommand.self, DUKPTCommand.self, KeyBlockCommand.self, KCVCommand.self, MACCommand.self,
            PVVCommand.self, OffsetCommand.self, CVVCommand.self, SM3Command.self, SM4Command.self,
            ComponentsCommand.self, ARQCCommand.self, SignOnCommand.self, TranslateCommand.self,
            VectorsCommand.self,
        ])

    /// What every calculator can do with its answer.
    struct Output: ParsableArguments {
        @Flag(help: "Print the answer as JSON.")
        var json = false

        func show(_ answer: JSON) {
            guard !json else { return print(answer.text) }
            for member in answer.members ?? [] {
                let text = member.value.string ?? member.value.text
                print("\(member.name.padding(toLength: 20, withPad: " ", startingAt: 0)) \(text)")
            }
        }
    }

    // MARK: - Reading arguments

    static func key(_ hex: String, _ name: String, _ lengths: [Int]) throws -> SecretKey {
        guard let key = SecretKey(hex: hex) else { throw ValidationError("--\(name) is not hexadecimal") }
        guard lengths.contains(key.count) else {
            let list = lengths.map { String($0) }.joined(separator: ", ")
            throw ValidationError("--\(name) has \(key.count) bytes, not \(list)")
        }
        return key
    }

    static func bytes(_ hex: String, _ name: String) throws -> [UInt8] {
        guard let bytes = Hex.bytes(hex) else { throw ValidationError("--\(name) is not hexadecimal") }
        return bytes
    }

    static func pan(_ text: String) throws -> PANDigits {
        guard let pan = PANDigits(text) else { throw ValidationError("--pan has 1 to 19 digits") }
        return pan
    }

    static func pin(_ text: String) throws -> ClearPIN {
        guard !text.isEmpty, text.utf8.count <= ClearPIN.countMax,
            let pin = ClearPIN(digits: SecretKey(count: text.utf8.count) { $0.copyBytes(from: text.utf8) })
        else { throw ValidationError("--pin has 4 to 12 digits") }
        return pin
    }

    static func format(_ number: UInt8) throws -> PINBlockFormat {
        guard let format = PINBlockFormat(rawValue: number) else { throw ValidationError("--format is 0 to 4") }
        return format
    }

    static func digits(_ values: [UInt8]) -> JSON { .string(values.map { String($0) }.joined()) }
    static func hex(_ bytes: [UInt8]) -> JSON { .string(Hex.text(bytes)) }
}

/// `data` in hexadecimal or `text` as it stands.
struct CryptoMessage: ParsableArguments {
    @Option(help: "The data in hexadecimal.")
    var data: String?
    @Option(help: "The data as text.")
    var text: String?

    var isGiven: Bool { data != nil || text != nil }

    func bytes() throws -> [UInt8] {
        switch (data, text) {
        case (let data?, nil): return try CryptoCommand.bytes(data, "data")
        case (nil, let text?): return Array(text.utf8)
        default: throw ValidationError("give either --data or --text")
        }
    }
}

struct VectorsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vectors", abstract: "Run files of known answers; exit 1 unless every vector passes.",
        discussion: "An unknown operation fails, and so does an expected value that nothing computes.")
    @OptionGroup var output: CryptoCommand.Output
    @Argument(help: "Vector files in JSON.")
    var files: [String]

    func run() throws {
        var sound = true
        var answers: [JSON] = []
        for file in files {
            do {
                guard let text = FileManager.default.contents(atPath: file) else {
                    throw ValidationError("cannot be read")
                }
                let report = try VectorRunner.run(Array(text))
                if report.failed > 0 { sound = false }
                answers.append(.object([.init("file", .string(file))] + (report.json.members ?? [])))
                if !output.json { show(report, file) }
            } catch {
                sound = false
                answers.append(["file": .string(file), "error": .string("\(error)")])
                if !output.json { print("\(file): \(error)") }
            }
        }
        if output.json { print(JSON.array(answers).text) }
        if !sound { throw ExitCode(1) }
    }

    private func show(_ report: VectorReport, _ file: String) {
        print("\(file): \(report.passed) passed, \(report.failed) failed")
        for outcome in report.outcomes where !outcome.passed {
            print("  \(outcome.id) \(outcome.operation): \(outcome.failures.joined(separator: "; "))")
        }
    }
}
