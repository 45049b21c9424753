// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Catalogue

/// The warning catalogue on the command line.
struct WarningsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "warnings", abstract: "The warnings of security modules: what each means, and what to do.",
        discussion: "Without a code all of them, a line each.")

    @Argument(help: "A code, such as T01: its runbook.")
    var code: String?
    @Flag(help: "The whole catalogue as a page in Markdown.")
    var page = false

    func run() throws {
        if page { return print(WarningCatalogue.page, terminator: "") }
        guard let code else {
            for entry in WarningCatalogue.entries {
                print("\(entry.code.rawValue)  \(entry.severity.name)  \(entry.title.en)  \(entry.title.zh)")
            }
            return
        }
        guard let found = WarningCode(rawValue: code.uppercased()) else {
            throw ValidationError("There is no warning \(code); `tillguard module warnings` lists them.")
        }
        print(found.entry.section, terminator: "")
    }
}
