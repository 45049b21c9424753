// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import SecurityTriggers

struct RulesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules", abstract: "Work with rule files.",
        subcommands: [
            Check.self, RulesLintCommand.self, RulesFormatCommand.self, RulesEvalCommand.self,
            RulesBackTestCommand.self, RulesScorecardCommand.self, RulesFeaturesCommand.self, RulesTrainCommand.self,
            RulesListsCommand.self, VersionsCommand<RuleVersions>.self, VersionsCommand<ModelVersions>.self,
            RulesTestCommand.self, Show.self,
        ])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read a rule file and say everything that is wrong with it.",
            discussion: """
                Exit status 1 when there is a mistake: one a line, as FILE:LINE:COLUMN. What is hardly meant so, and \
                no mistake, follows as a note; `tillguard rules lint` fails on it.
                """)
        @Argument(help: "The rule file.")
        var file: String

        func run() throws {
            let text = try RuleFiles.text(file)
            let errors = RuleSet.errors(in: text)
            for error in errors { FileHandle.standardError.write(Data("\(file):\(error)\n".utf8)) }
            guard errors.isEmpty else { throw ExitCode.failure }
            let rules = try RuleFiles.rules(text, of: file)
            let ids = rules.ruleIDs.joined(separator: ", ")
            for finding in RuleSet.findings(in: text) {
                FileHandle.standardError.write(Data("\(file):\(finding)\n".utf8))
            }
            print("\(file): \(rules.name) version \(rules.version), \(rules.ruleIDs.count) rules: \(ids)")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the shipped rule file.")
        func run() throws { print(RuleFiles.shipped, terminator: "") }
    }
}
