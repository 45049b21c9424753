// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import Testing
import Vocabulary

@testable import tillguard

@Suite("The help of the calculators, and the page about them")
struct HelpTests {
    /// Every calculator, by the words that call it.
    static func commands(
        _ command: any ParsableCommand.Type = CryptoCommand.self, _ path: [String] = []
    ) -> [(path: [String], command: any ParsableCommand.Type)] {
        let children = command.configuration.subcommands
        guard !children.isEmpty else { return [(path, command)] }
        return children.flatMap { child in
            let name = child.configuration.commandName ?? child._commandName
            return commands(child, path + [name])
        }
    }

    @Test("Every calculator has help with an example and the members of its JSON")
    func examples() throws {
        let all = Self.commands()
        #expect(all.count >= 30)
        for (path, command) in all {
            let discussion = command.configuration.discussion
            let words = (["tillguard", "crypto"] + path).joined(separator: " ")
            #expect(discussion.contains("JSON:"), "\(words)")
            // A default subcommand may be called by its parent's name.
            let parent = (["tillguard", "crypto"] + path.dropLast()).joined(separator: " ")
            let isNamed = discussion.contains("Example: \(words)") || discussion.contains("Example: \(parent) ")
            #expect(isNamed, "\(words): \(discussion)")
        }
    }

    @Test("The list of calculators stays within the width of a terminal, one line each")
    func list() throws {
        let program = try Program.crypto("--help")
        #expect(program.code == 0 && program.errors.isEmpty)
        for child in CryptoCommand.configuration.subcommands {
            let abstract = child.configuration.abstract
            #expect(program.output.split(separator: "\n").contains { $0.hasSuffix(abstract) }, "\(abstract)")
        }
    }

    /// The commands that the page shows with their output.
    private static func shown() throws -> [(line: String, output: String)] {
        let page = try String(contentsOf: Program.root.appending(path: "docs/crypto.md"), encoding: .utf8)
        var shown: [(line: String, output: String)] = []
        var isInside = false
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isInside = line == "```console"
            } else if isInside, line.hasPrefix("$ ") {
                shown.append((String(line.dropFirst(2)), ""))
            } else if isInside, !shown.isEmpty {
                shown[shown.count - 1].output += line + "\n"
            }
        }
        return shown
    }

    @Test("The page about the calculators shows what they print")
    func page() throws {
        let shown = try Self.shown()
        #expect(shown.count >= 20)
        let folder = try Folder()
        for (line, output) in shown {
            let command = line.replacingOccurrences(of: "tillguard ", with: "'\(Program.path("tillguard"))' ")
            let program = try shell(command, folder)
            #expect(program == output, "\(line)")
        }
    }

    /// Through a shell, as somebody at a terminal would; both streams together, in the project's folder.
    private func shell(_ line: String, _ folder: Folder) throws -> String {
        let root = Program.root.path
        let script = try folder.write("cd '\(root)' && { \(line)\n} > '\(folder.file("said"))' 2>&1", to: "script")
        var pid: pid_t = 0
        let words = ["sh", script]
        var list: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in list { free(argument) } }
        guard posix_spawn(&pid, "/bin/sh", nil, nil, &list, environ) == 0 else { throw Program.NotStarted(code: errno) }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return try folder.read("said")
    }

    @Test("The page names every calculator")
    func names() throws {
        let page = try String(contentsOf: Program.root.appending(path: "docs/crypto.md"), encoding: .utf8)
        for (path, _) in Self.commands() {
            #expect(page.contains("`\(path.joined(separator: " "))`"), "\(path.joined(separator: " "))")
        }
    }
}
