// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import SecurityTriggers
import TriggerTools

struct RulesTestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Judge the examples beside a rule file, and say where the rules differ.",
        discussion: """
            A file of examples holds transactions and what the rules are to say of them; docs/rules.md has the form, \
            Rules/default.tests those of the shipped rules. What differs is printed as FILE:LINE, and the exit \
            status is then 1. Rules that hit in no example are named as a note.
            """)
    @Option(help: "The rule file; the shipped one if not given.")
    var rules: String?
    @OptionGroup var outside: OutsideOptions
    @Argument(help: "The examples.")
    var file: String

    func run() throws {
        let rules = try outside.bound(try RuleFiles.orShipped(rules))
        let text = try RuleFiles.text(file)
        let examples: RuleExamples
        do throws(RuleExamplesError) { examples = try RuleExamples(parsing: text) } catch {
            throw DeploymentError.refused("\(file):\(error)")
        }
        let report = examples.run(rules)
        for failure in report.failures { print("\(file):\(failure)") }
        if !report.neverHit.isEmpty {
            let ids = report.neverHit.joined(separator: ", ")
            FileHandle.standardError.write(Data("\(file): no example of \(ids)\n".utf8))
        }
        print(
            "\(file): \(report.tests) tests, \(report.transactions) transactions, \(report.checked) expectations, "
                + "\(report.failures.count) differences")
        guard report.failures.isEmpty else { throw ExitCode.failure }
    }
}
