// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import SecurityTriggers

struct RulesFormatCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "format", abstract: "Print a rule file in the one form, or write it so.",
        discussion: "Nothing but the space between words changes. A file with a mistake is not touched.")
    @Argument(help: "The rule file.")
    var file: String
    @Flag(help: "Write the file in place of printing it.")
    var write = false
    @Flag(help: "Only say whether the file has its form: exit status 1 when it has not.")
    var check = false

    func validate() throws {
        guard !(write && check) else { throw ValidationError("--write and --check exclude one another") }
    }

    func run() throws {
        let text = try RuleFiles.text(file)
        let formatted: String
        do throws(RuleFileError) { formatted = try RuleSet.formatted(text) } catch {
            throw DeploymentError.rulesRefused(file, "\(error)")
        }
        if check {
            guard formatted == text else {
                print("\(file): not in its form")
                throw ExitCode.failure
            }
        } else if write {
            if formatted != text { try formatted.write(toFile: file, atomically: true, encoding: .utf8) }
        } else {
            print(formatted, terminator: "")
        }
    }
}
