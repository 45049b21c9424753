// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import SecurityTriggers

struct RulesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules", abstract: "Work with rule files.", subcommands: [Check.self, Show.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Read a rule file and say what is wrong with it.")
        @Argument(help: "The rule file.")
        var file: String

        func run() throws {
            let (_, rules) = try RuleFiles.read(file)
            let ids = rules.ruleIDs.joined(separator: ", ")
            print("\(file): \(rules.name) version \(rules.version), \(rules.ruleIDs.count) rules: \(ids)")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the shipped rule file.")
        func run() throws { print(RuleFiles.shipped, terminator: "") }
    }
}
