// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Vocabulary

@testable import tillguard

@Suite("The command line")
struct CommandLineTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var arguments: [String]
        /// What the one line names.
        var names: String
        var testDescription: String { arguments.joined(separator: " ") }

        init(_ arguments: String, names: String) {
            self.arguments = arguments.split(separator: " ").map(String.init)
            self.names = names
        }
    }

    static let cases = [
        Case("serve --data data --portt 1", names: "--portt"),
        Case("serve --data data --port 65536", names: "port"),
        Case("serve --data data --port -1", names: "port"),
        Case("serve --data data --port http", names: "http"),
        Case("serve --data data --console-port 70000", names: "port"),
        Case("serve --data data --port", names: "--port"),
        Case("serve --data data extra", names: "extra"),
        Case("serve --data data --log-level loud", names: "loud"),
        Case("serve --data data --host 999.1.1.1 --port 0 --console-port 0", names: "999.1.1.1"),
        Case("serve --data data --port 0 --console-port 0 --rules missing.rules", names: "missing.rules"),
        Case("serve --data data --port 0 --console-port 0 --rules .", names: "."),
        Case("serve --data a-file --port 0 --console-port 0", names: "a-file"),
        Case("serve --data /proc/nowhere --port 0 --console-port 0", names: "/proc/nowhere"),
        Case("rules check", names: "file"),
        Case("rules check missing.rules", names: "missing.rules"),
        Case("rules check a-file", names: "a-file:1"),
        Case("rules format a-file", names: "a-file:1"),
        Case("rules format a-file --write --check", names: "--write"),
        Case("rules eval a-file", names: "line 1"),
        Case("rules eval missing.jsonl", names: "missing.jsonl"),
        Case("rules eval --rules a-file", names: "a-file:1"),
        Case("module status TILL0001 --data missing", names: "missing"),
        Case("module fault TILL0001 --data missing", names: "fault"),
        Case("module break TILL0001", names: "break"),
        Case("terminal TILL0001 --data missing --card 4000000000000010 --amount 1.00", names: "missing"),
        Case("terminal TILL0001 --card 4000000000000010 --amount much", names: "much"),
        Case("terminal TILL0001 --amount 1.00", names: "--card"),
        Case("simulate --seed many", names: "many"),
        Case("nonsense", names: "nonsense"),
        Case("--nonsense", names: "--nonsense"),
    ]

    @Test("Wrong flags, files and ports: one clear line, a code that is not 0, and nothing started", arguments: cases)
    func wrong(_ wrong: Case) async throws {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            _ = try directory.write("no rules\n", to: "a-file")
            let (code, child) = try await Child.run(wrong.arguments, directory: directory.path)
            #expect(code != 0 && code != nil)
            #expect(child.output.isEmpty, "\(child.output)")
            let said = child.errors.split(separator: "\n")
            #expect(said.count == 1, "\(child.errors)")
            #expect(child.errors.contains(wrong.names), "\(child.errors)")
            #expect(!child.errors.contains("Domain=") && !child.errors.contains("(errno"), "\(child.errors)")
            let made = try FileManager.default.contentsOfDirectory(atPath: directory.path)
            #expect(made == ["a-file"])
        }
    }

    @Test(
        "A port that somebody has is named in one line, and the directory can be used afterwards",
        arguments: ["--port", "--console-port"])
    func takenPort(flag: String) async throws {
        try await ServerHouse.with { house in
            let directory = try TemporaryDirectory()
            let free = flag == "--port" ? "--console-port" : "--port"
            let (code, child) = try await Child.run([
                "serve", "--data", directory.path, flag, "\(house.port)", free, "0",
            ])
            #expect(code != 0 && code != nil)
            #expect(child.errors.split(separator: "\n").count == 1, "\(child.errors)")
            #expect(child.errors.contains("\(house.port)"), "\(child.errors)")
            let (again, _) = try await Child.serve(directory)
            again.interrupt()
            #expect(try await again.exit() == 0)
        }
    }

    @Test("Help and version are no errors", arguments: ["--help", "--version", "serve --help", "rules check --help"])
    func help(arguments: String) async throws {
        let (code, child) = try await Child.run(arguments.split(separator: " ").map(String.init))
        #expect(code == 0)
        #expect(!child.output.isEmpty && child.errors.isEmpty)
    }
}
