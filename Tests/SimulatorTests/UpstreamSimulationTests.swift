// SPDX-License-Identifier: Apache-2.0
import Simulator
import Testing
import Vocabulary

@Suite("Simulation of another issuer")
struct UpstreamSimulationTests {
    private func run(seed: UInt64, forgetsIntents: Bool = false) throws -> UpstreamSimulation.Report {
        var options = UpstreamSimulation.Options(seed: seed)
        options.standsIn = seed % 2 == 0
        options.forgetsIntents = forgetsIntents
        let rules = try #require(SimulationFixture.rules)
        return try #require(UpstreamSimulation(options, rules: rules)).run()
    }

    @Test(
        "over a line that loses, repeats, reorders and goes dead, and a host that dies, three books agree to the cent")
    func everySeedHolds() throws {
        var sum = UpstreamSimulation.Report()
        for seed in SimulationFixture.seeds {
            let report = try run(seed: seed)
            #expect(report.violations == [], "seed \(seed)")
            sum.approved += report.approved
            for kind in report.kinds.indices { sum.kinds[kind] += report.kinds[kind] }
            sum.requests += report.requests
            sum.advices += report.advices
            sum.reversals += report.reversals
            sum.repeats += report.repeats
            sum.late += report.late
            sum.stopped += report.stopped
            sum.keysOffered += report.keysOffered
            sum.keysTaken += report.keysTaken
            sum.hostRestarts += report.hostRestarts
            sum.partitions += report.partitions
        }
        #expect(sum.kinds.allSatisfy { $0 > 1 }, "every kind was approved: \(sum.kinds)")
        #expect(sum.keysOffered > 3 && sum.keysTaken > 3, "keys changed by both sides: \(sum)")
        // A run in which nothing went wrong would prove nothing.
        #expect(sum.approved > 50 && sum.requests > 50 && sum.reversals > 10 && sum.hostRestarts > 5, "\(sum)")
        #expect(sum.advices > 2 && sum.repeats > 5 && sum.late > 0 && sum.stopped > 0 && sum.partitions > 5, "\(sum)")
    }

    @Test("a host that forgets after a crash what it had asked for is found")
    func forgettingIsFound() throws {
        let found = try SimulationFixture.seeds.contains { try !run(seed: $0, forgetsIntents: true).violations.isEmpty }
        #expect(found)
    }
}
