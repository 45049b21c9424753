// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Testing
import Vocabulary

@testable import Estate

/// What happens by time alone.
@Suite("The clock")
struct ClockTests {
    @Test("when nothing is due there is no record, however often the clock is asked")
    func quiet() throws {
        var desk = try Desk.active()
        #expect(desk.tick() == nil)
        desk.now = desk.now + .hours(24) - .seconds(1)
        #expect(desk.tick() == nil)
        desk.now = desk.now + .seconds(1)
        #expect(desk.tick() != nil)
        #expect(desk.tick() == nil)
    }

    @Test("a silent terminal is missing after a day, with its lease over as well, and the next message ends the search")
    func missing() throws {
        var desk = try Desk.active()
        desk.now = desk.now + .hours(20)
        desk.report([.h05])
        desk.now = desk.now + .hours(24)
        desk.tick()
        #expect(desk.severity(.p03) == .s3 && desk.severity(.a02) == .s2)
        #expect(try desk.terminal.lifecycle == .halted)
        for code in [WarningCode.p03, .a02] {
            #expect(throws: EstateRefusal.clearanceNotHere(.auto)) {
                try desk.estate.decideClearance(Desk.id, code, by: Desk.alice)
            }
        }
        #expect(isGranted(desk.signOn()))
        #expect(desk.severity(.p03) == nil && desk.severity(.a02) == nil)
        #expect(try desk.terminal.lifecycle == .active)
    }

    @Test("a missing terminal whose lease an outage extends is only missing")
    func missingInOutage() throws {
        var desk = try Desk.active()
        try desk.order(.extendLeases(until: desk.now + .hours(72)))
        desk.now = desk.now + .hours(25)
        desk.tick()
        #expect(try desk.severity(.p03) == .s3 && desk.severity(.a02) == nil && desk.terminal.lifecycle == .active)
        var usage = desk.usage()
        usage.selfTestNumber += 1
        desk.estate.apply(usage, at: desk.now)
        #expect(desk.severity(.p03) == nil)
    }

    @Test("an advisory with a time grows graver when it is over, and whoever cleared the lesser one clears anew")
    func promotions() throws {
        for code in [WarningCode.t04, .p04] {
            var desk = try Desk.active()
            desk.report([code], event: code == .t04)
            if code == .t04 { try desk.clear(code, by: [Desk.alice]) }
            desk.now = desk.now + .hours(23)
            desk.estate.apply(desk.usage(), at: desk.now)
            desk.tick()
            #expect(desk.severity(code) == .s3)
            desk.now = desk.now + .hours(1)
            desk.tick()
            #expect(try desk.severity(code) == .s2 && desk.terminal.lifecycle == .halted)
            #expect(try desk.terminal.warnings.first?.clearedBy == [])
        }
        var desk = try Desk.active()
        desk.report([.s04])
        desk.evidence.openWarnings = []
        let warning = try #require(try desk.terminal.warnings.first)
        #expect(warning.deadline == nil, "what no time promotes has no deadline")
    }

    @Test("every level of the catalogue with a time is reached by the clock, from the level before it")
    func everyTime() throws {
        let timed = WarningCode.allCases.filter { code in code.entry.levels.contains { $0.after != nil } }
        #expect(timed.count >= 3)
        for code in timed {
            for (level, next) in zip(code.entry.levels, code.entry.levels.dropFirst()) {
                guard let after = next.after else { continue }
                let raised = RaisedWarning(code, level.severity)
                #expect(OpenWarning.deadline(of: raised, graded: .epoch) == .epoch + after)
                #expect(OpenWarning.promotion(of: raised)?.severity == next.severity)
            }
        }
    }

    @Test("firmware below the recommended one: an advisory, no sale in the last week or below the minimum, then a stop")
    func releases() throws {
        var desk = try Desk.active()
        let deadline = desk.now + .days(20)
        func policy(_ minimum: SoftwareVersion) -> ReleasePolicy {
            ReleasePolicy(recommended: SoftwareVersion(1, 4, 0), minimum: minimum, deadline: deadline)
        }
        #expect(throws: EstateRefusal.emptyRange) {
            try desk.estate.decideAct(.setReleases(model: 0, policy(SoftwareVersion(1, 5, 0))), by: Desk.alice)
        }
        try desk.act(.setReleases(model: 0, policy(SoftwareVersion(1, 2, 0))))
        desk.tick()
        #expect(desk.severity(.a03) == .s4)
        #expect(isGranted(desk.signOn()))
        #expect(desk.severity(.a03) == .s4, "attesting the old version ends nothing")
        #expect(desk.refusal == nil)
        desk.now = deadline - .days(7)
        desk.estate.apply(desk.usage(), at: desk.now)
        desk.tick()
        #expect(desk.severity(.a03) == .s3 && desk.refusal == .moduleHalted)
        desk.now = deadline
        desk.estate.apply(desk.usage(), at: desk.now)
        desk.tick()
        #expect(try desk.severity(.a03) == .s2 && desk.terminal.lifecycle == .halted)
        #expect(raised(desk.signOn()) == [.a03])
        #expect(throws: EstateRefusal.clearanceNotHere(.auto)) {
            try desk.estate.decideClearance(Desk.id, .a03, by: Desk.alice)
        }
        desk.evidence.firmware = SoftwareVersion(1, 4, 0)
        #expect(isGranted(desk.signOn()))
        #expect(desk.severity(.a03) == nil && desk.refusal == nil)
        var old = try Desk.active()
        try old.act(.setReleases(model: 0, policy(SoftwareVersion(1, 3, 0))))
        old.tick()
        #expect(old.severity(.a03) == .s3, "below the minimum at once")
    }

    @Test("a key set that ends is told of at 90, 30 and 7 days, stops at its end, and new keys end that")
    func keySetEnd() throws {
        var desk = try Desk.active()
        let end = desk.now + .days(100)
        try desk.act(.setKeySetEnd(3, until: end))
        #expect(desk.tick() == nil)
        for (days, reminders) in [(90, UInt8(1)), (30, 2), (7, 3)] {
            desk.now = end - .days(Int64(days))
            desk.estate.apply(desk.usage(), at: desk.now)
            desk.tick()
            desk.tick()
            #expect(desk.severity(.k03) == .s4)
            #expect(try desk.terminal.warnings.first { $0.code == .k03 }?.reminders == reminders)
            #expect(desk.tick() == nil)
        }
        #expect(isGranted(desk.signOn()))
        #expect(desk.severity(.k03) == .s4)
        desk.now = end
        desk.estate.apply(desk.usage(), at: desk.now)
        desk.tick()
        #expect(try desk.severity(.k03) == .s2 && desk.terminal.lifecycle == .halted)
        #expect(raised(desk.signOn()) == [.k03])
        try desk.issueKeys(4)
        #expect(isGranted(desk.signOn()))
        #expect(desk.severity(.k03) == nil)
        var renewed = try Desk.active()
        try renewed.act(.setKeySetEnd(3, until: renewed.now + .days(60)))
        renewed.tick()
        #expect(renewed.severity(.k03) == .s4)
        try renewed.act(.setKeySetEnd(3, until: renewed.now + .days(600)))
        renewed.tick()
        #expect(renewed.severity(.k03) == nil)
    }

    @Test("three months without a sale ask for the merchant to be verified, twelve stop; verified, it counts anew")
    func dormant() throws {
        var desk = try Desk.active()
        func wait(_ days: Int64) {
            desk.now = desk.now + .days(days)
            desk.estate.apply(desk.usage(), at: desk.now)
            while desk.tick() != nil {}
        }
        wait(89)
        #expect(desk.severity(.a05) == nil)
        wait(1)
        #expect(desk.severity(.a05) == .s4)
        wait(275)
        #expect(try desk.severity(.a05) == .s2 && desk.terminal.lifecycle == .halted)
        #expect(raised(desk.signOn()) == [])
        try desk.clear(.a05, by: [Desk.bob])
        #expect(isGranted(desk.signOn()))
        #expect(desk.severity(.a05) == nil)
        wait(89)
        #expect(desk.severity(.a05) == nil)
        desk.estate.noteTrade(0, at: desk.now)
        wait(89)
        #expect(desk.severity(.a05) == nil)
    }

    @Test("an operator lock-out ends by itself after half an hour, and a graver one does not")
    func lockOut() throws {
        var desk = try Desk.active()
        desk.report([.k07])
        desk.now = desk.now + .minutes(30) - .seconds(1)
        #expect(desk.tick() == nil)
        desk.now = desk.now + .seconds(1)
        desk.tick()
        #expect(desk.severity(.k07) == nil)
        desk.evidence.eventCounter += 1
        let statement = WarningStatement(
            identityEpoch: 1, eventCounter: desk.evidence.eventCounter, openWarnings: [RaisedWarning(.k07, .s2)])
        desk.apply(
            desk.estate.decideReport(
                Desk.id, usage: desk.usage(), codes: [], statement: statement, claims: desk.claims))
        desk.now = desk.now + .hours(1)
        desk.tick()
        #expect(desk.severity(.k07) == .s2)
    }

    @Test("a terminal that is not in service is left alone by the clock")
    func outOfService() throws {
        var desk = try Desk.active()
        try desk.act(.reportLost(Desk.id))
        desk.now = desk.now + .days(400)
        #expect(desk.tick() == nil)
    }

    @Test("one record holds no more changes than its limit, and the next has the rest")
    func limit() throws {
        var desk = try Desk()
        let all = Estate.clockChangesMax + 3
        for number in 0..<all {
            let id = try #require(TerminalID("X\(number)"))
            try desk.add(id, serial: UInt64(1_000 + number))
            desk.apply(try desk.estate.decideActivation(id, by: Desk.alice))
            desk.apply(try desk.estate.decideActivation(id, by: Desk.bob))
            let usage = desk.usage(id)
            let lease = Lease(id: 1, expires: desk.now + .hours(1))
            desk.apply(.signedOn(SignedOn(usage: usage, lease: lease, evidence: desk.evidence)))
        }
        desk.now = desk.now + .days(2)
        guard case .ticked(let first)? = desk.tick(), case .ticked(let second)? = desk.tick() else { throw Missing() }
        #expect(first.count == Estate.clockChangesMax && second.count == 3)
        #expect(desk.tick() == nil)
    }
}
