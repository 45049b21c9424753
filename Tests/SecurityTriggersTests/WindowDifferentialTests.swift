// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import SecurityTriggers

@Suite struct WindowDifferentialTests {
    private struct Run {
        var random: SeededRandom
        var triggers: Triggers
        var model = WindowModel()
        var clock = morning

        init(seed: UInt64) throws {
            random = SeededRandom(seed: seed)
            triggers = Triggers(try ruleSet(WindowModel.velocities))
        }

        /// Times on a grid of minutes, so that events often lie exactly at t − W; now and then off the grid.
        mutating func facts(foreign: Bool, missing: Bool) -> TransactionFacts {
            var time = clock
            if random.chance(perMille: 100) { time = time - .minutes(Int64(random.below(72 * 60))) }
            if random.chance(perMille: 50) {
                time = Instant(microseconds: time.microseconds + Int64(random.below(5_000)))
            }
            var facts = purchase(at: time)
            facts.card = CardKey(high: 1, low: UInt64(random.below(3)))
            facts.terminal = terminal(random.below(6))
            let currency = foreign && random.chance(perMille: 60) ? Currency.usd : .eur
            facts.amount = Money(
                minorUnits: Int64([100, 499, 500, 49_999, 50_000, 50_001, 90_000][random.below(7)]), currency)
            facts.merchant =
                missing && random.chance(perMille: 60) ? nil : MerchantID(number: UInt64(75 + random.below(5)))
            facts.mcc =
                missing && random.chance(perMille: 60)
                ? nil : MCC([4_999, 5_000, 5_411, 5_999, 6_000][random.below(5)])
            facts.pin = PINFact.allCases[random.below(PINFact.allCases.count)]
            facts.kind = random.chance(perMille: 850) ? .purchase : .refund
            return facts
        }

        mutating func step(foreign: Bool, missing: Bool) {
            clock = clock + .minutes([0, 1, 5, 10, 15, 45, 60, 600, 1_440][random.below(9)])
            let facts = facts(foreign: foreign, missing: missing)
            compare(facts)
            let outcome = WindowOutcome.allCases[random.below(3)]
            triggers.apply(WindowEvent(facts: facts, outcome: outcome))
            model.apply(facts, outcome)
            if random.chance(perMille: 100) { reverse() }
            if random.chance(perMille: 20) {
                triggers.resetWrongPINs(card: facts.card)
                for index in model.events.indices
                where model.events[index].facts.card == facts.card && model.events[index].facts.pin == .wrong {
                    model.events[index].facts.pin = .untried
                }
            }
        }

        mutating func reverse() {
            let event = model.events[random.below(model.events.count)].facts
            let isMarked = triggers.markReversed(
                card: event.card, at: event.at, terminal: event.terminal, amount: event.amount)
            let twin = model.events.lastIndex {
                $0.facts.card == event.card && $0.facts.terminal == event.terminal && $0.facts.amount == event.amount
                    && $0.milliseconds == WindowModel.milliseconds(event.at) && !$0.isReversed
            }
            if let twin, isMarked { model.events[twin].isReversed = true }
            // An event may have been dropped since, or late beyond keeping when it came.
            #expect(!isMarked || twin != nil)
        }

        /// With the whole window at hand the figures agree to the unit; with part of it forgotten they enclose.
        func compare(_ facts: TransactionFacts) {
            let window = triggers.store.find(facts.card).map { triggers.store.window($0) }
            for name in WindowModel.names {
                let figure = triggers.figure(name, facts)
                let wanted = model.bounds(name, facts)
                let low = figure.low == .min ? nil : figure.low
                let high = figure.high == .max ? nil : figure.high
                let isWhole = window.map { $0.forgotten <= facts.at.milliseconds - WindowStore.retention } ?? true
                if isWhole {
                    #expect(WindowModel.Bounds(low: low, high: high) == wanted, "\(name) at \(facts.at.iso8601)")
                } else {
                    let isEnclosed = (low ?? .min) <= (wanted.low ?? .min) || wanted.low == nil && low == 0
                    #expect(
                        isEnclosed && (high ?? .max) >= (wanted.high ?? (high ?? .max)), "\(name): \(figure) \(wanted)")
                }
            }
        }
    }

    @Test(arguments: UInt64(1)...12) func theWindowsAgreeWithAListOfAllEvents(_ seed: UInt64) throws {
        var run = try Run(seed: seed)
        for _ in 0..<200 { run.step(foreign: seed % 2 == 0, missing: seed % 3 == 0) }
        #expect(run.triggers.checkInvariants() == [])
    }

    @Test(arguments: UInt64(1)...3) func anOverflowingRingNeverCountsTooMuch(_ seed: UInt64) throws {
        var run = try Run(seed: seed)
        for round in 0..<700 {
            run.clock = run.clock + .seconds(Int64(run.random.below(40)))
            var facts = run.facts(foreign: false, missing: false)
            if round % 7 != 0 { facts.at = run.clock }
            facts.card = card
            if round % 11 == 0 { run.compare(facts) }
            run.triggers.apply(WindowEvent(facts: facts, outcome: .approved))
            run.model.apply(facts, .approved)
        }
        #expect(run.triggers.checkInvariants() == [])
    }

    @Test(arguments: UInt64(1)...3) func aSnapshotReadBackGoesOnAsIfNothingHadHappened(_ seed: UInt64) throws {
        var run = try Run(seed: seed)
        for _ in 0..<80 { run.step(foreign: true, missing: true) }
        let bytes = run.triggers.snapshotBytes
        var reader = ByteReader(bytes)
        let copy = try Triggers(snapshot: &reader, rules: run.triggers.rules, seed: 99)
        #expect(reader.isAtEnd)
        #expect(copy.snapshotBytes == bytes)
        #expect(copy.checkInvariants() == [])
        var twin = run
        twin.triggers = copy
        for _ in 0..<80 {
            run.step(foreign: true, missing: true)
            twin.step(foreign: true, missing: true)
        }
        #expect(twin.triggers.snapshotBytes == run.triggers.snapshotBytes)
    }
}
