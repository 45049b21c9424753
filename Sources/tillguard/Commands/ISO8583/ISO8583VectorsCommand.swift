// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import ISO8583Tools
import Vocabulary

struct ISO8583VectorsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vectors", abstract: "Run files of known answers.",
        discussion: """
            Exit 1 unless every vector of every file passes. A file names its format: iso8583-vectors/1, \
            field-encoding/1, framing/1, malformed/1, unionpay-keys/1, unionpay-mac/1, unionpay-pin/1 or \
            response-codes/1. Specifications are looked for in the file, in specs.json beside it, in --specs, and \
            among those that come along.

            Example: tillguard iso8583 vectors Tests/Vectors/iso8583/malformed.json

            JSON: an array, each with file and format, passed, failed, failures (id, reasons), notes (id, notes), or \
            error.
            """)
    @OptionGroup var output: CryptoOutput
    @Option(help: "A file of specifications.")
    var specs: String?
    @Argument(help: "Vector files in JSON.")
    var files: [String]

    func run() throws {
        var library = SpecLibrary()
        if let specs {
            let file = try ISO8583File.bytes(specs)
            do { try library.add(json: file) } catch { throw ValidationError("--specs: \(error)") }
        }
        var isSound = true
        var answers: [JSON] = []
        for file in files {
            var answer: [JSON.Member] = [.init("file", .string(file))]
            switch Self.report(file, library) {
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

    private static func report(_ file: String, _ library: SpecLibrary) -> Result<MessageVectorReport, CryptoRefusal> {
        guard let text = FileManager.default.contents(atPath: file) else {
            return .failure(CryptoRefusal(description: "cannot be read"))
        }
        let folder = URL(filePath: file).deletingLastPathComponent()
        do throws(MessageVectorFileError) {
            let report = try MessageVectorRunner.run(Array(text), library: library) { name in
                FileManager.default.contents(atPath: folder.appending(path: name).path).map { Array($0) }
            }
            return .success(report)
        } catch { return .failure(CryptoRefusal(description: error.description)) }
    }

    private func show(_ report: MessageVectorReport, _ file: String) {
        LineWriter.output.write("\(file): \(report.passed) passed, \(report.failed) failed\n")
        LineWriter.output.write(report.lines.map { "  \($0)\n" }.joined())
    }
}
