// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Testing
import Vocabulary

@testable import ModuleDrill

@Suite("Table of the drill")
struct DrillTableTests {
    @Test("has each code of the catalogue once, in its order, at a severity that the catalogue lists")
    func complete() {
        #expect(Scenario.all.map(\.code) == WarningCode.allCases)
        for scenario in Scenario.all {
            let expectation = scenario.expectation
            #expect(expectation.code.entry.levels.contains { $0.severity == expectation.severity }, "\(scenario.code)")
            #expect(!expectation.places.isEmpty && !scenario.fault.isEmpty, "\(scenario.code)")
        }
    }

    @Test("no fault is known by a code")
    func noFaultNamesACode() {
        for scenario in Scenario.all {
            #expect(!WarningCode.allCases.contains { scenario.fault.contains($0.rawValue) }, "\(scenario.fault)")
        }
    }
}

@Suite("Judgement of the drill")
struct DrillJudgementTests {
    /// What the drill sees of a warning that does all it must.
    static func sound(_ scenario: Scenario) -> Observation {
        let expectation = scenario.expectation
        var seen = Observation()
        seen.places = expectation.places
        seen.severity = expectation.severity.name
        seen.control = "00"
        let sells = expectation.halts == .none
        seen.till = sells ? "approved" : "refused"
        seen.module = sells ? "00" : "refused"
        seen.host = sells ? "00" : expectation.stopsClaimant ? "swapRefused" : "TH"
        seen.slotsBefore = ["dukpt", "health", "lease"]
        let gone = expectation.gone(from: seen.slotsBefore)
        seen.slotsAfter = seen.slotsBefore.filter { !gone.contains($0) }
        seen.refused = Expectation.strangers.map { .init(user: $0, status: 403) }
        if expectation.mayNobodyAtDesk || expectation.clearance == .d2 {
            seen.refused.append(.init(user: "oper1", status: 409))
        }
        seen.people = Array(["oper1", "oper2"].prefix(expectation.clearance.peopleNeeded))
        seen.stoodFirm = true
        seen.after = "approved"
        return seen
    }

    static func result(_ scenario: Scenario, _ change: (inout Observation) -> Void = { _ in }) -> DrillResult {
        var seen = sound(scenario)
        change(&seen)
        return DrillResult(scenario.expectation, fault: scenario.fault, seen: seen)
    }

    @Test("a warning that does all it must passes", arguments: Scenario.all.map(\.code))
    func soundPasses(code: WarningCode) throws {
        let scenario = try #require(Scenario.all.first { $0.code == code })
        #expect(Self.result(scenario).faults == [])
    }

    static let breaks: [(String, @Sendable (inout Observation) -> Void)] = [
        ("not seen anywhere", { $0.places = [] }), ("graded lightly", { $0.severity = "S4" }),
        ("the till sells", { $0.till = "approved" }), ("the host approves", { $0.host = "00" }),
        ("the host refuses for another reason", { $0.host = "TM" }),
        ("a host that approves nothing", { $0.control = "TH" }), ("a rogue application sells", { $0.module = "00" }),
        ("keys stay", { $0.slotsAfter = $0.slotsBefore }),
        ("no key was seen", { ($0.slotsBefore, $0.slotsAfter) = ([], []) }),
        ("the merchant may", { $0.refused.removeAll { $0.user == "shop1" } }),
        ("the merchant fails otherwise", { $0.refused[0].status = 500 }),
        ("one operator may", { $0.refused.removeAll { $0.user == "oper1" } }),
        ("one person clears it", { $0.people.removeLast() }), ("one person twice", { $0.people[1] = $0.people[0] }),
        ("it is over too soon", { $0.stoodFirm = false }), ("it trades no more", { $0.after = "refused" }),
        ("something stays open", { $0.left = ["H01"] }), ("it went no further", { $0.failure = "no answer" }),
    ]

    @Test(
        "each single thing that is not as it must be fails the row, and the drill with exit code 1", arguments: 0..<18)
    func brokenFails(index: Int) throws {
        let (name, change) = Self.breaks[index]
        let case1 = try #require(Scenario.all.first { $0.code == .t01 })
        let result = Self.result(case1, change)
        #expect(!result.hasPassed, "\(name)")
        let report = DrillReport(results: [Self.result(case1), result])
        #expect(report.exitCode == 1 && report.table(.en).contains { $0.contains("FAIL") }, "\(name)")
        #expect(DrillReport(results: [Self.result(case1)]).exitCode == 0)
    }

    @Test("a drill of nothing is none")
    func emptyFails() { #expect(DrillReport(results: []).exitCode == 1) }

    @Test("every row has the same keys, and both languages name it")
    func shape() throws {
        let results = Scenario.all.map { Self.result($0) }
        let rows = try #require(DrillReport(results: results).json.array)
        #expect(rows.count == WarningCode.allCases.count)
        #expect(
            Set(rows.map { $0.members?.map(\.name) ?? [] }) == [
                [
                    "code", "title", "titleZH", "severity", "fault", "detected", "detectedBy", "milliseconds", "halts",
                    "halted", "till", "module", "hostRefused", "hostAnswer", "zeroises", "zeroised", "refusedClearance",
                    "clearance", "clearedBy", "trades", "passed", "faults",
                ]
            ])
        let zh = DrillReport(results: results).table(.zh)
        #expect(zh.count == results.count + 2)
        for (result, line) in zip(results, zh.dropFirst()) { #expect(line.hasSuffix(result.code.entry.title.zh)) }
    }
}

@Suite("Time of the drill")
struct DrillClockTests {
    @Test("the clock moves only when everybody waits, and to the nearest time that is waited for")
    func nearest() async {
        let moves = Recorder()
        let clock = DrillClock(rows: 3, hands: 1) { moves.add($0) }
        await withTaskGroup(of: Void.self) { group in
            for seconds in [60, 3_600] as [Int64] {
                group.addTask {
                    await Recorder.onThread {
                        clock.enter()
                        clock.pass(seconds)
                        moves.add(-seconds)
                        clock.leave()
                    }
                }
            }
            group.addTask {
                await Recorder.onThread {
                    clock.enter()
                    clock.leave()
                }
            }
        }
        #expect(moves.list == [60, -60, 3_600, -3_600])
    }
}
