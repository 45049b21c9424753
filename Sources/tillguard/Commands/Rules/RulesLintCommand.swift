// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import SecurityTriggers
import Vocabulary

struct RulesLintCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint", abstract: "Say what in a rule file is hardly meant so.",
        discussion: """
            Conditions that never or always hold, rules that a stronger one covers, what nothing asks for, and the \
            like: one a line, as FILE:LINE:COLUMN. Exit status 1 when there is any. docs/rules.md lists the kinds.
            """)
    @Argument(help: "The rule file.")
    var file: String
    @Flag(help: "Print the findings as one JSON array.")
    var json = false

    func run() throws {
        let text = try RuleFiles.text(file)
        _ = try RuleFiles.rules(text, of: file)
        let findings = RuleSet.findings(in: text)
        if json {
            print(JSON.array(findings.map(Self.json)).text)
        } else {
            for finding in findings { print("\(file):\(finding)") }
        }
        guard findings.isEmpty else { throw ExitCode.failure }
    }

    private static func json(_ finding: RuleFinding) -> JSON {
        var members: [JSON.Member] = [
            .init("kind", .string(finding.kind.rawValue)), .init("line", .integer(Int64(finding.line))),
            .init("column", .integer(Int64(finding.column))), .init("sentence", .string(finding.sentence)),
        ]
        if let hint = finding.hint { members.append(.init("hint", .string(hint))) }
        return .object(members)
    }
}
