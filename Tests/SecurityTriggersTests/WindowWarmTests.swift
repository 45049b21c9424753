// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import SecurityTriggers

/// Windows of terminals and merchants under rules that come later than the transactions.
@Suite struct WindowWarmTests {
    private static let velocities = """
        velocity seen = count(attempts) by terminal over 24h
        velocity ok = count(approved) by merchant over 7d
        velocity spent = sum(amount where approved) by terminal over 3d
        velocity average = mean(amount where approved) by merchant over 2d
        velocity cards = distinct(card) by terminal over 2h
        velocity back = share(refunds) by merchant over 24h
        velocity odd = count(confirmed) by terminal over 7d
        velocity oldest = first(confirmed) by terminal over 7d
        velocity newest = last(confirmed) by terminal over 7d
        """
    private static let names = [
        "seen", "ok", "spent", "average", "cards", "back", "odd", "oldest", "newest",
    ]

    /// Transactions, reversals and labels as they come, the same for every engine that takes them.
    private struct Traffic {
        var random: SeededRandom
        var clock = morning
        private var done: [WindowEvent] = []
        private var labelled: [TransactionLabel] = []

        init(seed: UInt64) { random = SeededRandom(seed: seed) }

        mutating func step(_ engines: inout [Triggers]) {
            clock = clock + .minutes(Int64(1 + random.below(90)))
            var facts = facts()
            facts.at = random.chance(perMille: 100) ? clock - .hours(Int64(random.below(30))) : clock
            let event = WindowEvent(facts: facts, outcome: WindowOutcome.allCases[random.below(3)])
            for index in engines.indices { engines[index].apply(event) }
            done.append(event)
            // Also of what came before the rules did.
            if random.chance(perMille: 300) {
                let event = done[random.below(done.count)]
                for index in engines.indices {
                    engines[index].markReversed(
                        card: event.card, at: event.at, terminal: event.terminal, amount: event.amount)
                }
            }
            if random.chance(perMille: 300) {
                let event = done[random.below(done.count)]
                let label = TransactionLabel(
                    card: event.card, terminal: event.terminal, at: event.at, known: clock, verdict: .fraud,
                    isPlain: true, merchant: event.merchant, amount: event.amount)
                for index in engines.indices { engines[index].label(label) }
                labelled.append(label)
            }
            if random.chance(perMille: 200), !labelled.isEmpty {
                var label = labelled.remove(at: random.below(labelled.count))
                label.verdict = .withdrawn
                for index in engines.indices { engines[index].label(label) }
            }
        }

        mutating func facts() -> TransactionFacts {
            let number = random.below(5)
            return purchase(at: clock + .seconds(30)) {
                $0.card = CardKey(high: 1, low: UInt64(random.below(6)))
                $0.terminal = terminal(number)
                $0.merchant = MerchantID(number: UInt64(70 + number / 2))
                $0.amount = euros(Int64(random.below(9_000)) + 1)
                $0.kind = random.chance(perMille: 850) ? .purchase : .refund
            }
        }
    }

    @Test(
        "a window that began before anybody counted has bounds that hold what was, and is never silently low",
        arguments: [1, 2, 3, 4] as [UInt64])
    func bounds(seed: UInt64) throws {
        let (asking, silent) = (try ruleSet(Self.velocities), try ruleSet(""))
        var traffic = Traffic(seed: seed)
        var engines = [Triggers(asking), Triggers(silent)]
        for _ in 0..<120 { traffic.step(&engines) }
        engines[1].replaceRules(asking)
        let since = try #require(engines[1].countedSince)
        #expect(engines[0].countedSince == nil)
        for step in 0..<400 {
            traffic.step(&engines)
            let facts = traffic.facts()
            for name in Self.names {
                let (whole, part) = (engines[0].figure(name, facts), engines[1].figure(name, facts))
                #expect(part.agrees(with: whole), "seed \(seed), step \(step), \(name): \(part) of \(whole)")
                // Once the window lies behind the beginning nothing is missing.
                if facts.at - since > .days(9) { #expect(part == whole, "seed \(seed), step \(step), \(name)") }
            }
        }
    }

    @Test("with all tiles kept a rule that comes later finds its window full, and a snapshot keeps it so")
    func warm() throws {
        let (asking, silent) = (try ruleSet(Self.velocities), try ruleSet(""))
        var traffic = Traffic(seed: 9)
        var engines = [
            Triggers(rules: asking, seed: 1, keepsAll: true), Triggers(rules: silent, seed: 2, keepsAll: true),
        ]
        for _ in 0..<200 { traffic.step(&engines) }
        #expect(engines[1].countedSince == nil)
        #expect(engines[0].snapshotBytes == engines[1].snapshotBytes)
        var reader = ByteReader(engines[1].snapshotBytes)
        var read = try Triggers(snapshot: &reader, rules: silent, seed: 3, keepsAll: true)
        #expect(read.countedSince == nil)
        engines[1].replaceRules(asking)
        read.replaceRules(asking)
        for _ in 0..<40 {
            let facts = traffic.facts()
            for name in Self.names {
                #expect(engines[1].figure(name, facts) == engines[0].figure(name, facts), "\(name)")
                #expect(read.figure(name, facts) == engines[0].figure(name, facts), "\(name)")
            }
        }
    }

    @Test("a reversal of what nobody counted takes nothing from what was counted since")
    func reversedBefore() throws {
        let rules = try ruleSet("velocity ok = count(approved) by terminal over 3h")
        var triggers = Triggers(try ruleSet(""))
        let early = WindowEvent(facts: purchase(), outcome: .approved)
        triggers.apply(early)
        triggers.apply(WindowEvent(facts: purchase(at: morning + .minutes(5)), outcome: .approved))
        triggers.replaceRules(rules)
        for minute in [6, 7, 8] as [Int64] {
            triggers.apply(WindowEvent(facts: purchase(at: morning + .minutes(minute)), outcome: .approved))
        }
        triggers.markReversed(card: card, at: morning, terminal: early.terminal, amount: early.amount)
        let late = purchase(at: morning + .hours(3) + .minutes(5) + .seconds(30))
        // The hour's tile is cut; three approvals and the transaction in hand lie in the window.
        #expect(triggers.figure("ok", late).high >= 4)
    }
}

extension FigureValue {
    /// Whether one value can be what both say: neither is sure of less than the other is sure of, or of more than it allows.
    fileprivate func agrees(with other: FigureValue) -> Bool {
        if isUnknown || other.isUnknown { return true }
        if form == .double { return lowDouble <= other.highDouble && highDouble >= other.lowDouble }
        return low <= other.high && high >= other.low
    }
}
