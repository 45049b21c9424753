// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import SecurityTriggers

@Suite("Time that cannot be right")
struct WindowClockTests {
    private static let rules = "velocity day = count(attempts) by card over 24h before"

    @Test("one event days ahead empties no window and evicts no card")
    func oneJump() throws {
        var triggers = Triggers(try ruleSet(Self.rules))
        for minute in Int64(0)..<10 {
            triggers.apply(WindowEvent(facts: purchase(at: morning + .minutes(minute)), outcome: .approved))
        }
        for ahead in [Interval.days(2), .days(50), .days(20_000)] {
            triggers.apply(WindowEvent(facts: purchase(at: morning + ahead), outcome: .approved))
            triggers.apply(
                WindowEvent(
                    facts: purchase(at: morning + ahead) { $0.card = CardKey(high: 3, low: 3) }, outcome: .approved))
            let facts = purchase(at: morning + .minutes(10))
            #expect(triggers.figure("day", facts) == FigureValue(10))
            triggers.apply(
                WindowEvent(facts: purchase(at: morning) { $0.card = CardKey(high: 9, low: 9) }, outcome: .approved))
        }
        #expect(triggers.store.clock.time == (morning + .minutes(9)).milliseconds)
        #expect(triggers.cardCount == 3)
        #expect(triggers.checkInvariants() == [])
    }

    @Test("a time more than a day ahead, or of no century, is suspect; eight in a row are believed")
    func suspicion() throws {
        var triggers = Triggers(try ruleSet(Self.rules))
        func isSuspect(_ at: Instant) -> Bool {
            triggers.scan(purchase(at: at), triggers.rules.program) { $0.isClockSuspect }
        }
        #expect(!isSuspect(morning), "before the first event any time will do")
        #expect(isSuspect(Instant(microseconds: -1)))
        #expect(isSuspect(morning + .days(80_000)))
        triggers.apply(WindowEvent(facts: purchase(), outcome: .approved))
        #expect(!isSuspect(morning + .days(1)))
        #expect(isSuspect(morning + .days(1) + .milliseconds(1)))
        for second in Int64(0)..<8 {
            #expect(isSuspect(morning + .days(3)), "after \(second) events")
            triggers.apply(WindowEvent(facts: purchase(at: morning + .days(3) + .seconds(second)), outcome: .approved))
        }
        #expect(!isSuspect(morning + .days(3)))
        #expect(triggers.store.clock.time == (morning + .days(3)).milliseconds)
    }

    @Test("a clock that began in the wrong year is put right by 64 events that agree")
    func wrongYear() throws {
        var triggers = Triggers(try ruleSet(Self.rules))
        triggers.apply(WindowEvent(facts: purchase(at: morning + .days(70_000)), outcome: .approved))
        for second in Int64(0)..<64 {
            triggers.apply(WindowEvent(facts: purchase(at: morning + .seconds(second)), outcome: .approved))
        }
        #expect(triggers.store.clock.time == (morning + .seconds(63)).milliseconds)
        #expect(triggers.checkInvariants() == [])
        let facts = purchase(at: morning + .seconds(64))
        let figure = triggers.figure("day", facts)
        #expect(figure.low <= 64 && figure.high >= 64, "\(figure)")
    }

    @Test("events of 48 hours give the same figures in whatever order they come", arguments: [1, 2, 3] as [UInt64])
    func shuffled(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let rules = try ruleSet(WindowModel.velocities)
        var events = (0..<60).map { index in
            WindowEvent(
                facts: purchase(at: morning + .minutes(Int64(index) * 47) + .seconds(Int64(index))) {
                    $0.amount = euros(Int64(index % 7) * 9_000 + 100)
                    $0.terminal = terminal(index % 5)
                    $0.pin = PINFact.allCases[index % 5]
                }, outcome: WindowOutcome.allCases[index % 3])
        }
        var ordered = Triggers(rules)
        for event in events { ordered.apply(event) }
        for index in events.indices.reversed() { events.swapAt(index, random.below(index + 1)) }
        var shuffled = Triggers(rules)
        for event in events { shuffled.apply(event) }
        for minute in [Int64(1), 600, 1_800, 2_820] {
            let facts = purchase(at: morning + .minutes(minute))
            for name in WindowModel.names {
                #expect(ordered.figure(name, facts) == shuffled.figure(name, facts), "seed \(seed), \(name)")
            }
        }
    }

    @Test(
        "fixed windows of 15 minutes miss two bursts in five of three wrong PINs in six minutes; sliding ones miss none"
    )
    func fixedWindowsMissWhatSlidingOnesSee() throws {
        let rules = try ruleSet("velocity wrong_pins = count(attempts where pin == wrong) by card over 15m")
        let window = Int64(900)
        var (missedByFixed, missedBySliding) = (0, 0)
        for phase in 0..<window {
            var triggers = Triggers(rules)
            var fixed: [Int64: Int] = [:]
            var seen = Int64(0)
            for offset in [Int64(0), 180, 360] {
                let facts = purchase(at: morning + .seconds(phase + offset)) { $0.pin = .wrong }
                seen = triggers.figure("wrong_pins", facts).low
                triggers.apply(WindowEvent(facts: facts, outcome: .declined))
                fixed[(phase + offset) / window, default: 0] += 1
            }
            if fixed.values.max() != 3 { missedByFixed += 1 }
            if seen != 3 { missedBySliding += 1 }
        }
        #expect(missedByFixed == 360, "s/W of 900 phases: 40 %")
        #expect(missedBySliding == 0)
    }
}
