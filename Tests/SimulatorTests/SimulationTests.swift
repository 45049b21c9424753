// SPDX-License-Identifier: Apache-2.0
import Foundation
import SecurityTriggers
import Simulator
import Testing
import Vocabulary

enum SimulationFixture {
    static let rules: RuleSet? = {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Rules/default.rules")
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
        return try? RuleSet(parsing: text)
    }()

    static func run(
        seed: UInt64, terminals: Int = 3, hours: Int = 30, sabotage: Sabotage? = nil, hasClone: Bool = false
    ) throws -> SimulationReport {
        var options = SimulationOptions(seed: seed)
        options.terminals = terminals
        options.hours = hours
        options.sabotage = sabotage
        options.hasClone = hasClone
        let rules = try #require(rules)
        return try #require(Simulation(options, rules: rules)).run()
    }

    /// `SIMULATION_SEEDS` says how many; a debug build is some forty times slower than a release one.
    static var seeds: ClosedRange<UInt64> {
        1...(ProcessInfo.processInfo.environment["SIMULATION_SEEDS"].flatMap(UInt64.init) ?? 6)
    }
}

@Suite("Simulation")
struct SimulationTests {
    @Test("every seed keeps every invariant, with every kind of trade, settlements, crashes, faults and a liar")
    func everySeedHolds() throws {
        var sum = SimulationReport(seed: 0)
        for seed in SimulationFixture.seeds {
            let report = try SimulationFixture.run(seed: seed)
            #expect(report.violations == [], "seed \(seed)")
            sum.approved += report.approved
            sum.reversed += report.reversed
            sum.hostRestarts += report.hostRestarts
            sum.terminalRestarts += report.terminalRestarts
            sum.faults += report.faults
            sum.rogueRefused += report.rogueRefused
            sum.otherKinds += report.otherKinds
            sum.settled += report.settled
            sum.ruleChanges += report.ruleChanges
            sum.shadowVerdicts += report.shadowVerdicts
            sum.labels += report.labels
        }
        // A run in which nothing went wrong would prove nothing.
        #expect(sum.approved > 100 && sum.reversed > 5 && sum.hostRestarts > 5 && sum.terminalRestarts > 5)
        #expect(sum.faults > 5 && sum.rogueRefused > 5)
        #expect(sum.otherKinds > 30 && sum.settled > 20)
        #expect(sum.ruleChanges > 30 && sum.shadowVerdicts > 10 && sum.labels > 10)
    }

    @Test("the same seed gives the same run twice, and another seed another")
    func runsRepeat() throws {
        let first = try SimulationFixture.run(seed: 42, hours: 8)
        let second = try SimulationFixture.run(seed: 42, hours: 8)
        let other = try SimulationFixture.run(seed: 43, hours: 8)
        #expect(first.digest == second.digest)
        #expect(first.digest != other.digest)
    }

    @Test(
        "a cloned terminal is stopped by the first contradiction, and everybody else trades on",
        arguments: [1, 2, 3, 4])
    func cloneIsStopped(seed: UInt64) throws {
        let report = try SimulationFixture.run(seed: seed, hours: 12, hasClone: true)
        #expect(report.violations == [])
        #expect(report.isCloneFound && report.contradictions > 1 && report.rogueRefused > 5)
    }

    @Test("each sabotage turns some seed red", arguments: Sabotage.allCases)
    func sabotageIsFound(sabotage: Sabotage) throws {
        for seed in UInt64(1)...12 {
            let report = try SimulationFixture.run(seed: seed, sabotage: sabotage)
            if !report.violations.isEmpty { return }
        }
        Issue.record("\(sabotage.rawValue) went unseen in twelve seeds")
    }
}
