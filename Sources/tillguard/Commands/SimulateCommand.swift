// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import SecurityTriggers
import Simulator
import Vocabulary

struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Run the whole system in one thread and virtual time, and check its invariants.",
        discussion: "The same seed gives the same run and the same digest. Exit code 1 if an invariant broke.")

    @Option(help: "The first seed.")
    var seed: UInt64 = 1
    @Option(help: "How many seeds, from the first on.")
    var seeds: UInt64 = 1
    @Option(help: "Terminals in the estate.")
    var terminals = 3
    @Option(help: "Virtual hours.")
    var hours = 30
    @Option(help: "Break something on purpose: \(Sabotage.allCases.map(\.rawValue).joined(separator: ", ")).")
    var sabotage: String?
    @Flag(help: "Print every message and event.")
    var trace = false
    @Flag(help: "Print the summary as JSON.")
    var json = false

    func validate() throws {
        guard (1...SimulationOptions.terminalsMax).contains(terminals) else {
            throw ValidationError("--terminals is 1 to \(SimulationOptions.terminalsMax)")
        }
        guard (1...SimulationOptions.hoursMax).contains(hours) else {
            throw ValidationError("--hours is 1 to \(SimulationOptions.hoursMax)")
        }
        guard seeds >= 1 else { throw ValidationError("--seeds is at least 1") }
        if let sabotage, Sabotage(rawValue: sabotage) == nil {
            throw ValidationError("--sabotage is one of \(Sabotage.allCases.map(\.rawValue).joined(separator: ", "))")
        }
    }

    func run() throws {
        let rules = try RuleSet(parsing: RuleFiles.shipped)
        var broken = 0
        for number in 0..<seeds {
            var options = SimulationOptions(seed: seed &+ number)
            options.terminals = terminals
            options.hours = hours
            options.sabotage = sabotage.flatMap { Sabotage(rawValue: $0) }
            if trace { options.trace = { print($0) } }
            guard let simulation = Simulation(options, rules: rules) else {
                throw DeploymentError.refused("the simulation could not be set up")
            }
            let report = simulation.run()
            if !report.violations.isEmpty { broken += 1 }
            show(report)
        }
        if broken > 0 { throw ExitCode(1) }
    }

    private func show(_ report: SimulationReport) {
        if json {
            let summary: JSON = [
                "seed": .string("\(report.seed)"), "digest": .string(Hex.text(report.digest)),
                "violations": .array(report.violations.map { .string($0) }), "sales": .integer(Int64(report.sales)),
                "approved": .integer(Int64(report.approved)), "declined": .integer(Int64(report.declined)),
                "reversed": .integer(Int64(report.reversed)), "commits": .integer(Int64(report.commits)),
                "hostRestarts": .integer(Int64(report.hostRestarts)),
                "terminalRestarts": .integer(Int64(report.terminalRestarts)), "faults": .integer(Int64(report.faults)),
            ]
            return print(summary.text)
        }
        let verdict = report.violations.isEmpty ? "holds" : "BROKEN"
        print(
            "seed \(report.seed) \(verdict)  digest \(Hex.text(report.digest.prefix(8)))  sales \(report.sales): "
                + "\(report.approved) approved, \(report.declined) declined, \(report.reversed) reversed; "
                + "\(report.commits) commits, \(report.hostRestarts) host and \(report.terminalRestarts) terminal "
                + "restarts, \(report.faults) faults")
        for violation in report.violations { print("  \(violation)") }
    }
}
