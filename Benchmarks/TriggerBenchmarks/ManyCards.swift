// SPDX-License-Identifier: Apache-2.0
import SecurityTriggers
import Vocabulary

/// An issuer of millions of cards: memory, decisions, and a start from a snapshot with what came after it.
struct ManyCards {
    /// Of each card on average, in a day.
    static let events = 4
    static let decisions = 400_000
    /// Transactions between the snapshot and the stop.
    static let tail = 250_000
    /// With the snapshot, which is made and read in memory, and what doubles on its way.
    static let bytesPerCardWanted = 1_200

    static func run(cards: Int) throws -> [JSON] {
        let available = Memory.available
        guard cards * bytesPerCardWanted <= available else {
            return [
                [
                    "peer": "tillguard", "task": .string("\(cards) cards"),
                    "left out": .string("needs \(cards * bytesPerCardWanted >> 20) MiB, \(available >> 20) are free"),
                ]
            ]
        }
        let traffic = Traffic(cards: cards, perDay: cards * events)
        let rules = try FiveCounters.silent()
        let before = Memory.resident
        var triggers = Triggers(rules: rules)
        let start = nanoseconds()
        let preload = cards * events
        for index in 0..<preload { triggers.apply(WindowEvent(facts: traffic.facts(index), outcome: .approved)) }
        let built = nanoseconds() - start
        let bytes = Memory.resident - before
        let snapshot = write(triggers)
        let (rate, latencies) = decide(&triggers, traffic, from: preload)
        let cardCount = triggers.cardCount
        let lines: [JSON] = [
            [
                "peer": "tillguard", "task": .string("\(cards) cards"), "cards": .integer(Int64(cardCount)),
                "perSecond": .integer(rate), "p50": .integer(Int64(latencies.quantile(perMille: 500))),
                "p99": .integer(Int64(latencies.quantile(perMille: 990))),
                "p999": .integer(Int64(latencies.quantile(perMille: 999))),
                "bytesPerCard": .integer(Int64(bytes / cardCount)),
                "buildPerSecond": .integer(FiveCounters.rate(preload, built)),
            ]
        ]
        triggers = Triggers(rules: rules)
        return lines + [try restart(snapshot, traffic, rules, from: preload, cards: cards)]
    }

    private static func decide(_ triggers: inout Triggers, _ traffic: Traffic, from first: Int) -> (Int64, Latencies) {
        var latencies = Latencies(capacity: decisions)
        let start = nanoseconds()
        for index in first..<first + decisions {
            let facts = traffic.facts(index)
            let isSample = index % Latencies.every == 0
            let began = isSample ? nanoseconds() : 0
            let evaluation = triggers.evaluate(facts)
            triggers.apply(WindowEvent(facts: facts, outcome: .approved), after: evaluation)
            if isSample { latencies.add(nanoseconds() - began) }
            precondition(evaluation.action == .approve, "no card reaches the limits")
        }
        return (FiveCounters.rate(decisions, nanoseconds() - start), latencies)
    }

    private static func write(_ triggers: Triggers) -> (bytes: [UInt8], nanoseconds: UInt64) {
        let start = nanoseconds()
        var writer = ByteWriter()
        triggers.snapshot(to: &writer)
        return (writer.bytes, nanoseconds() - start)
    }

    private static func restart(
        _ snapshot: (bytes: [UInt8], nanoseconds: UInt64), _ traffic: Traffic, _ rules: RuleSet, from first: Int,
        cards: Int
    ) throws -> JSON {
        let start = nanoseconds()
        var reader = ByteReader(snapshot.bytes)
        var triggers = try Triggers(snapshot: &reader, rules: rules)
        let read = nanoseconds()
        for index in first..<first + tail {
            triggers.apply(WindowEvent(facts: traffic.facts(index), outcome: .approved))
        }
        let end = nanoseconds()
        return [
            "peer": "tillguard", "task": .string("\(cards) cards, start"),
            "snapshotBytes": .integer(Int64(snapshot.bytes.count)), "writeMS": milliseconds(snapshot.nanoseconds),
            "readMS": milliseconds(read - start), "tail": .integer(Int64(tail)), "tailMS": milliseconds(end - read),
        ]
    }

    private static func milliseconds(_ nanoseconds: UInt64) -> JSON { .integer(Int64(nanoseconds / 1_000_000)) }
}
