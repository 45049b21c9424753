// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import SecurityTriggers

@Suite("Where a card was, and since when it is known")
struct WindowTravelTests {
    private static let berlin = Position(latitude: 52_520_008, longitude: 13_404_954)
    private static let munich = Position(latitude: 48_137_154, longitude: 11_576_124)

    @Test(
        "the way on a sphere of 6,371,009 m",
        arguments: [
            // 90° of a great circle, half of one, one degree along the equator, across the date line, nothing.
            (Position(latitude: 0, longitude: 0), Position(latitude: 90_000_000, longitude: 0), 10_007_557.2),
            (Position(latitude: 0, longitude: 0), Position(latitude: 0, longitude: 180_000_000), 20_015_114.4),
            (Position(latitude: 0, longitude: 10_000_000), Position(latitude: 0, longitude: 11_000_000), 111_195.08),
            (Position(latitude: 0, longitude: 179_500_000), Position(latitude: 0, longitude: -179_500_000), 111_195.08),
            (Position(latitude: 90_000_000, longitude: 7), Position(latitude: -90_000_000, longitude: 9), 20_015_114.4),
            (berlin, munich, 504_301.5), (berlin, berlin, 0),
        ] as [(Position, Position, Double)])
    func metres(_ here: Position, _ there: Position, _ wanted: Double) {
        #expect((here.metres(to: there) - wanted).magnitude <= wanted * 1e-5 + 0.01, "\(here.metres(to: there))")
        #expect(here.metres(to: there) == there.metres(to: here))
    }

    private struct Known {
        var kilometres, speed, idle, age: FigureValue
        var isFirst: Truth
    }

    private func known(_ triggers: Triggers, _ facts: TransactionFacts) -> Known {
        triggers.scan(facts, triggers.rules.program) { scan in
            Known(
                kilometres: scan.travelKilometres, speed: scan.travelSpeed, idle: scan.idleDays, age: scan.ageDays,
                isFirst: scan.isFirstUse)
        }
    }

    @Test("kilometres and speed are those from where the card last was, and unknown where a place is missing")
    func travel() throws {
        var triggers = Triggers(try ruleSet("velocity n = count(attempts) by card over 1h"))
        let there = purchase { $0.place = Self.munich }
        #expect(known(triggers, there).speed.isUnknown)
        triggers.apply(WindowEvent(facts: there, outcome: .approved))
        let here = purchase(at: morning + .minutes(30)) { $0.place = Self.berlin }
        #expect(known(triggers, here).kilometres.isUnknown, "the card need not have been there")
        triggers.apply(
            WindowEvent(
                facts: purchase(at: morning + .minutes(1)) {
                    $0.place = Self.munich
                    $0.entry = .chip
                }, outcome: .declined))
        let later = purchase(at: morning + .minutes(31)) { $0.place = Self.berlin }
        #expect(known(triggers, later).kilometres == FigureValue(504))
        #expect(known(triggers, later).speed == FigureValue(1_008))
        let nowhere = purchase(at: morning + .minutes(31))
        #expect(known(triggers, nowhere).speed.isUnknown)
        let earlier = purchase { $0.place = Self.berlin }
        #expect(known(triggers, earlier).speed.isUnknown, "the card was not there yet")
        triggers.apply(
            WindowEvent(
                facts: purchase(at: morning + .minutes(40)) {
                    $0.place = Self.berlin
                    $0.pin = .right
                }, outcome: .approved))
        #expect(
            known(triggers, purchase(at: morning + .minutes(41)) { $0.place = Self.berlin }).speed == FigureValue(0))
    }

    @Test("first use, idle days and age of a card count from what is kept of it")
    func age() throws {
        var triggers = Triggers(try ruleSet("velocity n = count(attempts) by card over 1h"))
        #expect(known(triggers, purchase()).isFirst == .yes)
        #expect(known(triggers, purchase()).idle.isUnknown)
        #expect(known(triggers, purchase()).age == FigureValue(0))
        triggers.apply(WindowEvent(facts: purchase(), outcome: .approved))
        let later = purchase(at: morning + .days(12) + .hours(3))
        #expect(known(triggers, later).isFirst == .no)
        #expect(known(triggers, later).idle == FigureValue(12))
        #expect(known(triggers, later).age == FigureValue(12))
        let night = purchase(at: morning + .hours(14)) { $0.offset = 8 }
        #expect(known(triggers, night).age == FigureValue(1), "two hours east of UTC the next day has begun")
    }

    @Test("the hour is that of the place where the terminal stands")
    func localHour() throws {
        let rules = try rule(
            when: "hour == 3 and nights == 2", "velocity nights = count(attempts where hour < 6) by card over 24h")
        var triggers = Triggers(rules)
        let facts = purchase(at: morning + .hours(16)) { $0.offset = 8 }
        #expect(triggers.evaluate(facts).action == .approve)
        triggers.apply(WindowEvent(facts: facts, outcome: .approved))
        // 01:30 UTC, two hours east of it 03:30; and the one at 10:30 in the morning of another place does not count.
        triggers.apply(WindowEvent(facts: purchase(at: morning + .hours(15)) { $0.offset = 40 }, outcome: .approved))
        #expect(
            triggers.evaluate(purchase(at: morning + .hours(16) + .minutes(5)) { $0.offset = 8 }).action == .decline)
    }
}
