// SPDX-License-Identifier: Apache-2.0
import Dispatch
import SecurityTriggers
import Synchronization
import Vocabulary

/// Two engines, each with the half of the cards whose key says so, on two threads: what a second core is worth.
enum TwoThreads {
    static let shards = 2

    static func run() throws -> JSON {
        let rules = try FiveCounters.silent()
        let traffic = FiveCounters.traffic
        let range = FiveCounters.preload..<FiveCounters.preload + 4 * FiveCounters.decisions
        var made = (0..<shards).map { shard -> Triggers? in
            var triggers = Triggers(rules: rules)
            for index in 0..<FiveCounters.preload {
                let facts = traffic.facts(index)
                if isIn(shard, facts) { triggers.apply(WindowEvent(facts: facts, outcome: .approved)) }
            }
            return triggers
        }
        // Each thread takes its engine away: one that is held by an array too is copied with every change.
        let engines = Mutex(made)
        made = []
        // What is in a queue before its thread begins is no part of the decision.
        let queues = (0..<shards).map { shard in range.filter { isIn(shard, traffic.facts($0)) } }
        let start = nanoseconds()
        DispatchQueue.concurrentPerform(iterations: shards) { shard in
            guard var triggers = engines.withLock({ $0[shard].take() }) else { return }
            for index in queues[shard] {
                let facts = traffic.facts(index)
                let evaluation = triggers.evaluate(facts)
                triggers.apply(WindowEvent(facts: facts, outcome: .approved), after: evaluation)
                precondition(evaluation.action == .approve, "no card reaches the limits")
            }
        }
        return [
            "peer": "tillguard", "task": "five counters, two threads by card",
            "perSecond": .integer(FiveCounters.rate(range.count, nanoseconds() - start)),
        ]
    }

    private static func isIn(_ shard: Int, _ facts: TransactionFacts) -> Bool {
        Int(truncatingIfNeeded: facts.card.low >> 40) % shards == shard
    }
}
