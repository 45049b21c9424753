// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Vocabulary

@testable import tillguard

@Suite("Rules and models of a running server by command", .serialized)
struct VersionsCommandTests {
    /// A server with two analysts, and how each gives a command.
    private struct Desk {
        let child: Child
        let port: Int
        let passwords: [String: String]

        init(_ directory: TemporaryDirectory) async throws {
            (child, _) = try await Child.serve(directory)
            let started = try await child.event("started")
            port = Int(try #require(started["console"]?.integer))
            let users = try #require(started["users"]?.array)
            passwords = Dictionary(
                uniqueKeysWithValues: try users.map { user in
                    (
                        try #require(user["name"]?.string ?? user["user"]?.string),
                        try #require(user["password"]?.string)
                    )
                })
        }

        func run(_ words: String, as user: String, _ files: [String] = []) async throws -> (code: Int32?, said: Child) {
            let words = ["rules"] + words.split(separator: " ").map { String($0) } + files
            let child = try Child(
                words + ["--user", user, "--console-port", "\(port)"],
                limits: "export TILLGUARD_PASSWORD='\(passwords[user] ?? "")' &&")
            return (try await child.exit(), child)
        }
    }

    private static let rules = """
        tillguard-rules 1
        ruleset tiny version 9
        rule much { when amount > 900.00 EUR then decline say en "{amount}" }

        """

    @Test("a rule file is proposed, watched, approved by another analyst, put in force, and what was there comes back")
    func rules() async throws {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            let desk = try await Desk(directory)
            let file = try directory.write(Self.rules, to: "tiny.rules")
            let (code, proposed) = try await desk.run("versions propose", as: "desk1", [file])
            #expect(code == 0, "\(proposed.errors)")
            let number = try #require(proposed.output.split(separator: ":").first.map { String($0) })
            #expect(proposed.output.hasPrefix("\(number): proposed; proposed desk1 "), "\(proposed.output)")
            let (_, watched) = try await desk.run("versions shadow \(number)", as: "desk1")
            #expect(watched.output.contains(": proposed, watched; "), "\(watched.output) \(watched.errors)")
            // Nobody approves what is their own.
            let (own, refused) = try await desk.run("versions approve \(number)", as: "desk1")
            #expect(own != 0 && refused.output.isEmpty && !refused.errors.isEmpty)
            #expect(try await desk.run("versions approve \(number)", as: "desk2").code == 0)
            let (_, live) = try await desk.run("versions activate \(number)", as: "desk1")
            #expect(live.output.hasPrefix("\(number): live; "), "\(live.output) \(live.errors)")
            let (_, status) = try await desk.run("versions status --json", as: "desk2")
            let versions = try #require(try JSON(parsing: Array(status.output.utf8))["rules"]?.array)
            let before = try #require(versions.first { $0["state"]?.string == "retired" }?["version"]?.integer)
            // That takes two as well: one asks for it, and another does the same.
            let (_, asked) = try await desk.run("versions rollback \(before)", as: "desk2")
            #expect(asked.output.hasPrefix("\(before): retired; "), "\(asked.output) \(asked.errors)")
            let (_, back) = try await desk.run("versions rollback \(before)", as: "desk1")
            #expect(back.output.hasPrefix("\(before): live; "), "\(back.output) \(back.errors)")
        }
    }

    @Test("a model is proposed with its drift and withdrawn; a file that is none and a wrong number change nothing")
    func models() async throws {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            let desk = try await Desk(directory)
            let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appending(path: "Rules").path
            let (code, proposed) = try await desk.run(
                "models propose --name spare --drift \(root)/default.drift.json", as: "desk1",
                [root + "/default.scorecard.json"])
            #expect(code == 0, "\(proposed.errors)")
            let number = try #require(proposed.output.split(separator: " ").first.map { String($0) })
            #expect(proposed.output.contains("\(number) spare: proposed; "), "\(proposed.output)")
            let (_, withdrawn) = try await desk.run("models withdraw \(number)", as: "desk1")
            #expect(withdrawn.output.hasPrefix("\(number) spare: withdrawn; "), "\(withdrawn.errors)")
            let wrong = try directory.write("no model", to: "wrong.model")
            for words in ["models propose --name spare \(wrong)", "models activate 999", "models activate \(number)"] {
                let (code, child) = try await desk.run(words, as: "desk1")
                #expect(code != 0 && child.output.isEmpty, "\(words)")
                #expect(child.errors.split(separator: "\n").count == 1, "\(child.errors)")
            }
            let stranger = try await desk.run("versions status", as: "oper1")
            #expect(stranger.code != 0 && stranger.said.output.isEmpty)
        }
    }
}
