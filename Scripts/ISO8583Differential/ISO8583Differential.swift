// SPDX-License-Identifier: Apache-2.0
import Glibc
import ISO8583
import ISO8583Tools
import Vocabulary

/// The project's side of the differential tests, on the cores alone: decodes messages that others encoded, and encodes
/// messages that others decode.
@main
enum ISO8583Differential {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        guard let command = arguments.first, let path = arguments.dropFirst().first, arguments.count == 2 else {
            fail("usage: ISO8583Differential vectors FILE | answer FILE")
        }
        guard let text = contents(path) else { fail("\(path) cannot be read") }
        switch command {
        case "vectors": run(text, path)
        case "answer": answer(text, path)
        default: fail("unknown command \"\(command)\"")
        }
    }

    private static func run(_ text: [UInt8], _ path: String) {
        let report: MessageVectorReport
        do { report = try MessageVectorRunner.run(text) } catch { fail("\(path): \(error)") }
        print("messages and specifications the project reads: \(report.passed) passed, \(report.failed) failed")
        for line in report.lines { print(line) }
        if report.failed > 0 { exit(1) }
    }

    /// Encodes `fields` of each request; its file holds the specifications.
    private static func answer(_ text: [UInt8], _ path: String) {
        guard let requests = (try? JSON(parsing: text))?["requests"]?.array else { fail("\(path) has no requests") }
        var library = SpecLibrary()
        do { try library.add(json: text) } catch { fail("\(path): \(error)") }
        let answers = requests.map { request -> JSON in
            var answer: [JSON.Member] = [JSON.Member("id", request["id"] ?? .null)]
            do {
                answer.append(JSON.Member("output", .string(Hex.text(try encoded(request, library)))))
            } catch {
                answer.append(JSON.Member("error", .string("\(error)")))
            }
            return .object(answer)
        }
        print(JSON.object([JSON.Member("answers", .array(answers))]).text)
    }

    private struct Missing: Error { let name: String }

    private static func encoded(_ request: JSON, _ library: SpecLibrary) throws -> [UInt8] {
        guard let fields = request["fields"]?.members, let mti = request["fields"]?["0"]?.string.flatMap({ MTI($0) })
        else { throw Missing(name: "fields") }
        guard let spec = try library.spec(named: request["spec"]?.string ?? "") else { throw Missing(name: "spec") }
        var builder = MessageBuilder(mti, spec: spec)
        for member in fields {
            guard let field = Int(member.name), field > 1, let text = member.value.string else { continue }
            switch spec.field(field)?.encoding {
            case .binary: builder.set(field, bytes: Hex.bytes(text) ?? [])
            case .hex: builder.set(field, bytes: Array(text.utf8))
            default: builder.set(field, text: text)
            }
        }
        return try builder.encode().bytes
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
