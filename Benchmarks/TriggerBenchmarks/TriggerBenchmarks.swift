// SPDX-License-Identifier: Apache-2.0
import Foundation
import RiskModels
import Vocabulary

/// Measures the triggers through their public interface; a line of JSON for each task.
///
///     TriggerBenchmarks [five|rules|threads|backtest|cards COUNT|lists COUNT|totals]…     the first four when none is named
///     TriggerBenchmarks allocations                                  fails where the path without a hit asks for memory
///     TriggerBenchmarks export FILE                                  the events, for the peers' programs
@main
enum TriggerBenchmarks {
    static func main() throws {
        var words = Array(CommandLine.arguments.dropFirst())
        if words.isEmpty { words = ["five", "rules", "threads", "backtest"] }
        var rest = words[...]
        while let word = rest.popFirst() {
            switch word {
            case "five": try FiveCounters.run().forEach(line)
            case "rules": try ManyRules.run().forEach(line)
            case "threads": line(try TwoThreads.run())
            case "backtest":
                let rules = try String(contentsOfFile: "Rules/default.rules", encoding: .utf8)
                try BackTests.run(rules: rules).forEach(line)
            case "totals": try FiveCounters.totals().forEach(line)
            case "cards": try ManyCards.run(cards: rest.popFirst().flatMap { Int($0) } ?? 10_000_000).forEach(line)
            case "lists": try Lists.run(entries: rest.popFirst().flatMap { Int($0) } ?? 10_000_000).forEach(line)
            case "allocations":
                let trees = try [UInt8](Data(contentsOf: URL(filePath: "Rules/default.model")))
                try FiveCounters.checkAllocations(try RiskModel(reading: trees))
            case "export":
                let count = FiveCounters.preload + 2 * FiveCounters.decisions
                guard let path = rest.popFirst(), FiveCounters.traffic.export(count, to: path) else {
                    preconditionFailure("the events cannot be written")
                }
            default: preconditionFailure("no such task: \(word)")
            }
        }
    }

    private static func line(_ json: JSON) { print(json.text) }
}
