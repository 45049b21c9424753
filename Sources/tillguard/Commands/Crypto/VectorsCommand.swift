// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import CryptoTools
import Foundation
import Vocabulary

struct VectorsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vectors", abstract: "Run files of known answers.",
        discussion: """
            Exit 1 unless every vector of every file passes. A file is an object with "vectors": each has id, \
            op, inputs and expected. An unknown operation fails, and so \
            does an expected value that nothing computes.

            Example: tillguard crypto vectors Tests/Vectors/crypto/kcv.json

            JSON: an array, each with file and topic, passed, failed, failures (id, op, reasons), or error.
            """)
    @OptionGroup var output: CryptoOutput
    @Argument(help: "Vector files in JSON.")
    var files: [String]

    func run() throws {
        var isSound = true
        var answers: [JSON] = []
        for file in files {
            var answer: [JSON.Member] = [.init("file", .string(file))]
            let result = Self.report(file)
            switch result {
            case .success(let report):
                if report.failed > 0 { isSound = false }
                answer += report.json.members ?? []
                if !output.json { show(report, file) }
            case .failure(let failure):
                isSound = false
                answer.append(.init("error", .string(failure.description)))
                if !output.json { LineWriter.output.write("\(file): \(failure.description)\n") }
            }
            answers.append(.object(answer))
        }
        if output.json { LineWriter.output.write(JSON.array(answers).text + "\n") }
        if !isSound { throw ExitCode(1) }
    }

    private static func report(_ file: String) -> Result<VectorReport, CryptoRefusal> {
        guard let text = FileManager.default.contents(atPath: file) else {
            return .failure(CryptoRefusal(description: "cannot be read"))
        }
        do throws(VectorFileError) {
            return .success(try VectorRunner.run(Array(text)))
        } catch { return .failure(CryptoRefusal(description: error.description)) }
    }

    private func show(_ report: VectorReport, _ file: String) {
        LineWriter.output.write("\(file): \(report.passed) passed, \(report.failed) failed\n")
        for outcome in report.outcomes where !outcome.passed {
            LineWriter.output.write(
                "  \(outcome.id) \(outcome.operation): \(outcome.failures.joined(separator: "; "))\n")
        }
    }
}
