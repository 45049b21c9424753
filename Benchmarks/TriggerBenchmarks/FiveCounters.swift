// SPDX-License-Identifier: Apache-2.0
import CAllocations
import Glibc
import RiskModels
import SecurityTriggers
import Vocabulary

/// The task that a velocity engine is measured by: 50,000 cards, a million events in 24 hours, five exact counters. The
/// decision is `evaluate` and `apply`, and no rule hits.
struct FiveCounters {
    static let cards = 50_000
    static let preload = 1_000_000
    /// Decisions of a round, and of each pipeline of a peer: a tenth of a day.
    static let decisions = 100_000
    static let rounds = 7
    static let traffic = Traffic(cards: cards, perDay: preload)

    static let velocities = """
        tillguard-rules 1
        ruleset five version 1
        velocity n10    = count(attempts) by card over 10m
        velocity sum24  = sum(amount) by card over 24h
        velocity nterm  = distinct(terminal) by card over 1h
        velocity pins   = count(attempts where pin == wrong) by card over 15m
        velocity nlarge = distinct(terminal) by card over 24h where amount >= 500.00 EUR

        """

    /// All five are found, and none is beyond what any card reaches.
    static func silent() throws -> RuleSet {
        try RuleSet(
            parsing: velocities
                + "rule quiet { when n10 >= 200 or sum24 >= 900000.00 EUR or nterm >= 200 or pins >= 200 or nlarge >= 200\n"
                + "    then decline }\n")
    }

    /// All five are shown with every decision.
    static func spoken() throws -> RuleSet {
        try RuleSet(
            parsing: velocities
                + "rule loud { when n10 >= 1 and sum24 >= 0.00 EUR and nterm >= 1 and pins >= 0 and nlarge >= 0\n"
                + "    then decline }\n")
    }

    static func preloaded(_ rules: RuleSet) -> Triggers {
        var triggers = Triggers(rules: rules)
        for index in 0..<preload { triggers.apply(WindowEvent(facts: traffic.facts(index), outcome: .approved)) }
        return triggers
    }

    static func run() throws -> [JSON] {
        let rules = try silent()
        var (best, wall, bytes) = (UInt64.max, UInt64.max, 0)
        var allocations: UInt64 = 0
        var latencies = Latencies(capacity: decisions * rounds)
        var hits = 0
        for round in 0..<rounds {
            let before = Memory.resident
            var triggers = preloaded(rules)
            if round == 0 { bytes = Memory.resident - before }
            let asked = callocations_common()
            let (cpu, start) = (processorNanoseconds(), nanoseconds())
            for index in preload..<preload + decisions {
                let facts = traffic.facts(index)
                let isSample = index % Latencies.every == 0
                let began = isSample ? nanoseconds() : 0
                let evaluation = triggers.evaluate(facts)
                triggers.apply(WindowEvent(facts: facts, outcome: .approved), after: evaluation)
                if isSample { latencies.add(nanoseconds() - began) }
                if evaluation.action != .approve { hits += 1 }
            }
            (best, wall) = (min(best, processorNanoseconds() - cpu), min(wall, nanoseconds() - start))
            allocations = callocations_common() - asked
        }
        precondition(hits == 0, "no card reaches the limits")
        return [
            [
                "peer": "tillguard", "task": "five counters", "decisions": .integer(Int64(decisions * rounds)),
                "perSecond": .integer(rate(decisions, wall)), "perSecondCPU": .integer(rate(decisions, best)),
                "p50": .integer(Int64(latencies.quantile(perMille: 500))),
                "p99": .integer(Int64(latencies.quantile(perMille: 990))),
                "p999": .integer(Int64(latencies.quantile(perMille: 999))),
                "bytesPerCard": .integer(Int64(bytes / cards)),
            ],
            noHit(rules, allocations),
        ]
    }

    /// Ends the process unless evaluations without a hit, those of cards never seen among them, ask for no memory at all.
    ///
    /// - Parameter model: trees for the score of the thirty rules.
    static func checkAllocations(_ model: RiskModel) throws {
        let traffic = Traffic(cards: 1_000, perDay: 20_000)
        var quiet = try RuleSet(parsing: ManyRules.quiet)
        try quiet.bind([RuleSet.NamedModel(name: "trees", model: model)])
        for (name, rules) in [("five counters", try silent()), ("thirty rules with a score", quiet)] {
            var triggers = Triggers(rules: rules)
            for index in 0..<10_000 { triggers.apply(WindowEvent(facts: traffic.facts(index), outcome: .approved)) }
            // What a process makes once and for all, such as its types' descriptions, is made by the first ones.
            _ = hits(triggers, traffic, 9_000..<10_000)
            let before = callocations_common()
            let hits = hits(triggers, traffic, 10_000..<20_000)
            let asked = callocations_common() - before
            if hits > 0 || asked > 0 {
                print("\(name), evaluations without a hit: \(asked) blocks of memory asked for, \(hits) hits")
                exit(1)
            }
        }
    }

    private static func hits(_ triggers: Triggers, _ traffic: Traffic, _ events: Range<Int>) -> Int {
        var hits = 0
        for index in events {
            var facts = traffic.facts(index)
            // A card that was never seen.
            if index % 10 == 0 { facts.card.high = UInt64(index) }
            if !triggers.evaluate(facts).results.isEmpty { hits += 1 }
        }
        return hits
    }

    /// Blocks of memory that decisions ask for when no rule hits: evaluating alone, and with what the windows take in, which
    /// grow now and then.
    private static func noHit(_ rules: RuleSet, _ withApply: UInt64) -> JSON {
        let triggers = preloaded(rules)
        var hits = 0
        let before = callocations_common()
        for index in preload..<preload + decisions where triggers.evaluate(traffic.facts(index)).action != .approve {
            hits += 1
        }
        let asked = callocations_common() - before
        precondition(hits == 0, "no card reaches the limits")
        precondition(asked == 0, "an evaluation without a hit asks for no memory")
        return [
            "peer": "tillguard", "task": "no hit: blocks of memory a decision",
            "evaluate": .double(Double(asked) / Double(decisions)),
            "evaluateAndApply": .double(Double(withApply) / Double(decisions)),
        ]
    }

    /// The sums of all five counters over each of two stretches of decisions, which the peers must come to as well.
    static func totals() throws -> [JSON] {
        var triggers = preloaded(try spoken())
        var lines: [JSON] = []
        for part in 0..<2 {
            var sums = [Int64](repeating: 0, count: 5)
            for index in preload + part * decisions..<preload + (part + 1) * decisions {
                let facts = traffic.facts(index)
                let figures = triggers.evaluate(facts).results[0].figures
                for place in sums.indices { sums[place] += figures[place].value.low }
                triggers.apply(WindowEvent(facts: facts, outcome: .approved))
            }
            lines.append([
                "peer": "tillguard", "task": .string("totals, part \(part + 1)"),
                "totals": .array(sums.map { .integer($0) }),
            ])
        }
        return lines
    }

    static func rate(_ count: Int, _ nanoseconds: UInt64) -> Int64 {
        Int64(Double(count) * 1e9 / Double(max(nanoseconds, 1)))
    }
}
