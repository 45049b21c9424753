// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import PaymentCryptography
import SecurityModule
import SecurityTriggers
import Vocabulary

struct RulesListsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lists", abstract: "Lists of cards, terminals, merchants, categories, goods and countries.",
        discussion: """
            import and show work on files; the others on the lists of a running server, by its console and in an \
            analyst's name.
            """,
        subcommands: [
            Import.self, Show.self, Put.self, Status.self, Add.self, Remove.self, Drop.self,
        ])

    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a list of a text or CSV file, plain or gzip.",
            discussion: """
                A value a line, or CSV whose header names value and any of source, reason and expires (2026-12-31). \
                Cards are numbers, which become keys before anything is written, or keys in 32 hexadecimal figures; \
                merchants are numbers, categories four figures, countries two letters.

                Lines that are not taken are named on the error output; the exit status is then 1, and the list holds \
                the others. The file is replaced at once or not at all.
                """)
        @Option(help: "The list's name, as rules name it.") var name: String
        @Option(help: "card, terminal, merchant, mcc, goods or country.") var kind = "card"
        @Option(help: "Where lines without a source come from.") var source: String
        @Option(help: "The reason of lines without one.") var reason = ""
        @Option(help: "When lines without an expiry expire, such as 2026-12-31.") var expires: String?
        @Option(help: "The data directory whose keys hash cards.") var data = "data"
        @Option(help: "The list's file.") var out: String
        @Argument(help: "The values.") var file: String

        func run() throws {
            guard let kind = ListKind(name: kind) else {
                throw DeploymentError.refused(
                    "--kind is one of \(ListKind.allCases.map(\.name).joined(separator: ", "))")
            }
            let expiry = try expires.map { text in
                guard let instant = Instant(iso8601: text.utf8.count == 10 ? text + "T00:00:00Z" : text) else {
                    throw DeploymentError.refused("--expires is a date such as 2026-12-31")
                }
                return instant
            }
            let module = kind == .card ? try HostKeys.open(in: data).module : nil
            var importer: ListImporter
            do {
                importer = try ListImporter(
                    name: name, kind: kind, origin: ListOrigin(source: source, reason: reason), expires: expiry
                ) { module?.cardKey($0) ?? CardKey(high: 0, low: 0) }
            } catch { throw RulesListsCommand.refusal(error, "the options") }
            let input = try RecordedFile(path: file)
            var told = 0
            while let piece = try input.next() {
                importer.add(Array(piece))
                guard importer.lines - told >= 1_000_000 else { continue }
                told = importer.lines
                RulesListsCommand.say("\(told) lines")
            }
            let result = importer.finish()
            for problem in result.problems { RulesListsCommand.say("\(file): \(problem)") }
            let further = result.duplicates + result.refused - result.problems.count
            if further > 0 { RulesListsCommand.say("\(file): \(further) further lines are not taken") }
            let digest = try RulesListsCommand.write(result.list, to: out)
            print(
                "\(out): \(result.list.importedCount) of \(result.lines) lines, \(result.duplicates) repeated, "
                    + "\(result.refused) refused, sha256 \(digest)")
            guard result.duplicates + result.refused == 0 else { throw ExitCode.failure }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say what a list's file holds.")
        @Flag(help: "Every entry too, as CSV: key, source, reason, expires.") var entries = false
        @Argument(help: "The list's file.") var file: String

        func run() throws {
            guard let data = FileManager.default.contents(atPath: file) else {
                throw DeploymentError.refused("\(file): cannot be read")
            }
            let list: SecurityList
            do { list = try SecurityList(reading: Array(data)) } catch { throw RulesListsCommand.refusal(error, file) }
            guard entries else {
                print(
                    "\(list.name): \(list.importedCount) entries of kind \(list.kind.name), "
                        + "sha256 \(Hex.text(SHA256.hash(Array(data))))")
                return
            }
            print("key,source,reason,expires")
            list.forEach { entry in
                let key = Hex.text(entry.key.high) + Hex.text(entry.key.low)
                let expires = entry.expires.map(\.iso8601) ?? ""
                print("\(key),\(entry.origin.source),\(entry.origin.reason),\(expires)")
            }
        }
    }

    /// Writes beside the file, and puts it in the file's place when all of it is there.
    ///
    /// - Returns: the SHA-256 of what was written.
    private static func write(_ list: SecurityList, to path: String) throws -> String {
        let partial = path + ".partial"
        guard FileManager.default.createFile(atPath: partial, contents: nil),
            let handle = FileHandle(forWritingAtPath: partial)
        else { throw DeploymentError.refused("\(partial): cannot be written") }
        var hash = SHA256()
        do {
            try list.write { (piece: [UInt8]) throws(any Error) in
                hash.update(piece)
                try handle.write(contentsOf: Data(piece))
            }
            try handle.synchronize()
            try handle.close()
        } catch {
            try? FileManager.default.removeItem(atPath: partial)
            throw DeploymentError.refused("\(partial): \(error.localizedDescription)")
        }
        guard rename(partial, path) == 0 else {
            throw DeploymentError.refused("\(path): \(String(cString: strerror(errno)))")
        }
        return Hex.text(hash.finalize())
    }

    private static func say(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

    static func refusal(_ error: ListError, _ what: String) -> DeploymentError {
        switch error {
        case .name: .refused("--name is a letter, then letters, figures and low lines, 64 at most")
        case .origin: .refused("\(what): a source or reason that is too long or could hold a card's number")
        case .expiry: .refused("\(what): an expiry that is not between 1970 and 2106")
        case .damaged(let offset): .refused("\(what): no list, or damaged at byte \(offset)")
        default: .refused("\(what): \(error)")
        }
    }
}
