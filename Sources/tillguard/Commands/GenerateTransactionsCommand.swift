// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import Scenarios
import Vocabulary

struct GenerateTransactionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Make up transactions: honest customers, attacks for each trigger, and honest look-alikes.",
        discussion: """
            CSV: the seven columns of the Fraud Detection Handbook, then merchant, place, entry, PIN, goods and \
            what the row is. `tillguard replay` sends such a file to a host. The same seed gives the same file.
            """)
    @Option(help: "tillguard, or handbook for the Handbook's own simulator.")
    var like = ScenarioPlan.Kind.tillguard
    @Option(help: "Any number.")
    var seed: UInt64 = 1
    @Option(help: "How many cards.")
    var customers = 5_000
    @Option(help: "How many terminals.")
    var terminals = 10_000
    @Option(help: "How many days.")
    var days = 183
    @Option(help: "The first day, such as 2018-04-01.")
    var start = "2018-04-01"
    @Option(help: "Attacks of each kind in a hundred days.")
    var attacks = 100
    @Option(help: "Look-alikes of each kind in a hundred days.")
    var lookAlikes = 300
    @Option(help: "The file to write; the standard output if not given.")
    var out: String?

    func run() throws {
        let plan: ScenarioPlan
        do throws(ScenarioPlanError) {
            plan = try ScenarioPlan(
                kind: like, seed: seed, customers: customers, terminals: terminals, days: days,
                start: try Self.midnight(start), attacks: attacks, lookAlikes: lookAlikes)
        } catch { throw ValidationError("\(error)") }
        if let out {
            let descriptor = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
            guard descriptor >= 0 else {
                throw DeploymentError.refused("\(out): \(String(cString: strerror(errno)))")
            }
            dup2(descriptor, STDOUT_FILENO)
            close(descriptor)
        }
        var generator = ScenarioGenerator(plan)
        print(ScenarioRow.header)
        while let rows = generator.nextDay() {
            print(rows.map { $0.line + "\n" }.joined(), terminator: "")
        }
    }

    private static func midnight(_ day: String) throws(ScenarioPlanError) -> Int64 {
        let parts = day.split(separator: "-").compactMap { Int($0) }
        guard parts.count == 3 else { throw .start }
        let time = CalendarTime(year: parts[0], month: parts[1], day: parts[2])
        guard CalendarTime(time.instant) == time else { throw .start }
        return time.instant.seconds
    }
}

extension ScenarioPlan.Kind: ExpressibleByArgument {}
