// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Demo
import Foundation
import Host
import SecurityTriggers
import Storage
import Vocabulary

/// What changes the lists of a running server: by its console, in an analyst's name.
extension RulesListsCommand {
    struct Put: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a list's file in force in a running server.",
            discussion: """
                The file is what `import` writes. It is copied beside the journal, named by its SHA-256, and is in \
                force with the next decision. What was added and taken out by hand stays over it, unless --discard \
                says no.
                """)
        @OptionGroup var console: ConsoleVisit.Options
        @Option(help: "The data directory of the running server.") var data = "data"
        @Option(help: "Where the entries come from; the file's name if not given.") var source: String?
        @Flag(help: "Discard what was changed by hand since the last file.") var discard = false
        @Argument(help: "The list's file.") var file: String

        func run() throws {
            // Whoever may not change lists puts no file anywhere.
            var visit = try console.visit()
            _ = try visit.get("/api/lists")
            let opened: OpenedList
            do { opened = try ListFiles(data: data).put(try ListFiles.open(file).bytes) } catch let error as ListError {
                throw RulesListsCommand.refusal(error, file)
            }
            let source = source ?? URL(filePath: file).lastPathComponent
            let fields: JSON = [
                "digest": .string(opened.digest.description), "source": .string(source), "discard": .bool(discard),
            ]
            try visit.post("/api/lists/load", fields)
            print("\(opened.list.name): \(opened.list.importedCount) entries in force, sha256 \(opened.digest)")
        }
    }

    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say which lists a running server has in force.")
        @OptionGroup var console: ConsoleVisit.Options
        @Flag(help: "Print JSON.") var json = false

        func run() throws {
            var visit = try console.visit()
            let answer = try visit.get("/api/lists")
            guard !json else { return print(answer.text) }
            for list in answer["lists"]?.array ?? [] {
                func text(_ name: String) -> String {
                    list[name]?.string ?? list[name]?.integer.map { String($0) } ?? "-"
                }
                let contents = "\(text("entries")) entries of kind \(text("kind")), \(text("changes")) changed by hand"
                let origin = "from \(text("source")), loaded \(text("at")) by \(text("by")), sha256 \(text("digest"))"
                print("\(text("name")): \(contents), \(origin)")
            }
        }
    }

    /// An entry that is added or taken out.
    struct Entry: ParsableArguments {
        @Option(help: "Why, for people; never a card's number.") var reason: String
        @Argument(help: "The list's name.") var list: String
        @Argument(help: "The value. A card's number is better left out: it is then read from the standard input.")
        var value: String?

        func validate() throws { try RulesListsCommand.requireName(list) }

        func text() throws -> String { try value ?? ConsoleVisit.Options.ask("Value") }
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Add an entry to a list of a running server.")
        @OptionGroup var console: ConsoleVisit.Options
        @OptionGroup var entry: Entry
        @Option(help: "Where it comes from.") var source = "desk"
        @Option(help: "When it expires, such as 2026-12-31.") var expires: String?

        func run() throws {
            var visit = try console.visit()
            let fields: JSON = [
                "value": .string(try entry.text()), "reason": .string(entry.reason), "source": .string(source),
                "expires": .string(expires ?? ""),
            ]
            try visit.post("/api/lists/\(entry.list)/add", fields)
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take an entry out of a list of a running server.")
        @OptionGroup var console: ConsoleVisit.Options
        @OptionGroup var entry: Entry

        func run() throws {
            var visit = try console.visit()
            let fields: JSON = ["value": .string(try entry.text()), "reason": .string(entry.reason)]
            try visit.post("/api/lists/\(entry.list)/remove", fields)
        }
    }

    struct Drop: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Drop a list that no rules of a running server name.")
        @OptionGroup var console: ConsoleVisit.Options
        @Option(help: "Why, for people.") var reason: String
        @Argument(help: "The list's name.") var list: String

        func validate() throws { try RulesListsCommand.requireName(list) }

        func run() throws {
            var visit = try console.visit()
            try visit.post("/api/lists/\(list)/drop", ["reason": .string(reason)])
        }
    }

    private static func requireName(_ text: String) throws {
        guard ListStore.isName(text) else { throw ValidationError("\(text) is no list's name") }
    }
}
