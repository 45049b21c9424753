// SPDX-License-Identifier: Apache-2.0
import CryptoTools
import Glibc
import PaymentCryptography
import Vocabulary

/// The project's side of the differential tests, on the cores alone: runs vectors that others computed, and answers
/// requests whose answers others read. For test keys only.
@main
enum CryptoDifferential {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        guard let command = arguments.first, let path = arguments.dropFirst().first, arguments.count == 2 else {
            fail("usage: CryptoDifferential vectors FILE | answer FILE")
        }
        guard let text = contents(path) else { fail("\(path) cannot be read") }
        switch command {
        case "vectors": run(text, path)
        case "answer": answer(text, path)
        default: fail("unknown command \"\(command)\"")
        }
    }

    private static func run(_ text: [UInt8], _ path: String) {
        let report: VectorReport
        do { report = try VectorRunner.run(text) } catch { fail("\(path): \(error)") }
        print("vectors the project computes: \(report.passed) passed, \(report.failed) failed")
        for outcome in report.outcomes where !outcome.passed {
            print("\(outcome.id) \(outcome.operation): \(outcome.failures.joined(separator: "; "))")
        }
        if report.failed > 0 { exit(1) }
    }

    private static func answer(_ text: [UInt8], _ path: String) {
        guard let requests = (try? JSON(parsing: text))?["requests"]?.array else { fail("\(path) has no requests") }
        let answers = requests.map { request -> JSON in
            var answer: [JSON.Member] = [JSON.Member("id", request["id"] ?? .null)]
            do {
                answer.append(JSON.Member("output", try DifferentialRequest(request).output()))
            } catch {
                answer.append(JSON.Member("error", .string("\(error)")))
            }
            return .object(answer)
        }
        print(JSON.object([JSON.Member("answers", .array(answers))]).text)
    }

    private static func contents(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { return output }
            output += buffer[..<count]
        }
    }

    private static func fail(_ reason: String) -> Never {
        let line = Array((reason + "\n").utf8)
        _ = write(STDERR_FILENO, line, line.count)
        exit(2)
    }
}
