// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import SecurityTriggers
import Vocabulary

struct RulesEvalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval", abstract: "Judge transactions, one a line of JSON, and print the decisions.",
        discussion: """
            Members of a line: card, at, amount, currency, terminal; and, if known, id, merchant, mcc, goods, pin \
            (absent, untried, right, wrong, locked), kind (purchase, cash, refund, other), status (active, lost, \
            stolen), notice, outcome (approved, declined, pending).

            {"id":"1","card":"A","at":"2026-08-14T09:30:00Z","amount":"12.50","currency":"EUR","terminal":"T1"}

            A line that is none is named on the error output and left out; the exit status is then 1.
            """)
    @Option(help: "The rule file; the shipped one if not given.")
    var rules: String?
    @OptionGroup var outside: OutsideOptions
    @Argument(help: "The transactions; the standard input if not given.")
    var file: String?

    func run() throws {
        var evaluator = LineEvaluator(rules: try outside.bound(try RuleFiles.orShipped(rules)))
        if let file {
            let descriptor = open(file, O_RDONLY)
            guard descriptor >= 0 else {
                throw DeploymentError.rulesUnreadable(file, String(cString: strerror(errno)))
            }
            dup2(descriptor, STDIN_FILENO)
            close(descriptor)
        }
        var (number, refused) = (0, 0)
        while let line = readLine() {
            number += 1
            guard line.contains(where: { !$0.isWhitespace }) else { continue }
            do throws(TransactionLineError) {
                print(evaluator.evaluate(try TransactionLine(parsing: Array(line.utf8))).text)
            } catch {
                refused += 1
                FileHandle.standardError.write(Data("line \(number): \(error)\n".utf8))
            }
        }
        guard refused == 0 else { throw ExitCode.failure }
    }
}
