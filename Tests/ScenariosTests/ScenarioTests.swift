// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import Scenarios

@Suite("Generated transactions")
struct ScenarioTests {
    private func rows(_ plan: ScenarioPlan) -> [ScenarioRow] {
        var generator = ScenarioGenerator(plan)
        var rows: [ScenarioRow] = []
        while let day = generator.nextDay() { rows += day }
        return rows
    }

    private func small(_ kind: ScenarioPlan.Kind, seed: UInt64 = 1, days: Int = 20) throws -> ScenarioPlan {
        try ScenarioPlan(
            kind: kind, seed: seed, customers: 300, terminals: 600, days: days, attacks: 30, lookAlikes: 60)
    }

    @Test("one plan gives the same rows each time, another seed gives others", arguments: ScenarioPlan.Kind.allCases)
    func repeats(kind: ScenarioPlan.Kind) throws {
        let first = rows(try small(kind))
        #expect(first == rows(try small(kind)))
        #expect(first != rows(try small(kind, seed: 2)))
    }

    @Test("rows come in the order of their times, numbered, within their days", arguments: ScenarioPlan.Kind.allCases)
    func order(kind: ScenarioPlan.Kind) throws {
        let plan = try small(kind)
        let rows = rows(plan)
        #expect(rows.map(\.id) == Array(rows.indices))
        #expect(zip(rows, rows.dropFirst()).allSatisfy { $0.at <= $1.at })
        // A PIN mistyped just before midnight belongs to the first day all the same.
        #expect(rows.allSatisfy { $0.at >= plan.start - 60 && $0.at < plan.start + Int64(plan.days) * 86_400 })
        #expect(rows.allSatisfy { (0..<300).contains($0.customer) && (0..<600).contains($0.terminal) })
    }

    @Test("a line has the Handbook's columns first, and one value for each column of the header")
    func lines() throws {
        let row = try #require(rows(try small(.tillguard)).first { $0.attack != nil })
        let header = ScenarioRow.header.split(separator: ",")
        let handbook = "tx_id,datetime,customer_id,terminal_id,amount,fraud,scenario,"
        #expect(ScenarioRow.header.hasPrefix(handbook))
        #expect(row.line.split(separator: ",", omittingEmptySubsequences: false).count == header.count)
        var plain = row
        (plain.id, plain.at, plain.amount) = (7, 1_522_540_861, 1_205)
        #expect(plain.line.hasPrefix("7,2018-04-01 00:01:01,\(row.customer),\(row.terminal),12.05,1,4,EUR,"))
    }

    @Test("the Handbook's scenarios: every amount over 220, whole terminals, a third of some customers")
    func handbook() throws {
        let plan = try ScenarioPlan(kind: .handbook, seed: 3, customers: 500, terminals: 1_000, days: 60)
        let rows = rows(plan)
        // About 1.9 payments a customer and day.
        #expect(rows.count > 51_000 && rows.count < 63_000)
        #expect(rows.allSatisfy { $0.amount <= 22_000 || $0.isFraud })
        let byScenario = (0...3).map { number in rows.filter { $0.scenario == number } }
        for (number, rows) in byScenario.enumerated() {
            #expect(!rows.isEmpty)
            #expect(rows.allSatisfy { $0.isFraud == (number > 0) })
        }
        let terminals = Set(byScenario[2].map(\.terminal)).count
        let customers = Set(byScenario[3].map(\.customer)).count
        #expect(terminals <= 120)
        #expect(customers <= 180)
    }

    @Test("each attack and each look-alike is there, the one fraud, the other not")
    func everyScript() throws {
        let rows = rows(try small(.tillguard, days: 40))
        for attack in Attack.allCases {
            let frauds = rows.filter { $0.attack == attack }
            let honest = rows.filter { $0.lookAlike == attack }
            #expect(!frauds.isEmpty && frauds.allSatisfy { $0.isFraud && $0.lookAlike == nil }, "\(attack)")
            #expect(!honest.isEmpty && honest.allSatisfy { !$0.isFraud && $0.attack == nil }, "\(attack)")
        }
        #expect(rows.filter { $0.attack == .largeAmounts }.allSatisfy { !$0.hasNotice })
        #expect(rows.filter { $0.lookAlike == .largeAmounts }.allSatisfy { $0.hasNotice })
    }

    @Test("no honest customer is at two places faster than an aeroplane brings them", arguments: [1, 2, 3] as [UInt64])
    func honestTravel(seed: UInt64) throws {
        var last: [Int: ScenarioRow] = [:]
        for row in rows(try small(.tillguard, seed: seed, days: 40)) where row.attack == nil {
            defer { last[row.customer] = row }
            guard let before = last[row.customer] else { continue }
            let north = Double(row.latitude - before.latitude) * 111.2e-6
            let east = Double(row.longitude - before.longitude) * 72e-6
            let kilometres = (north * north + east * east).squareRoot()
            let hours = Double(row.at - before.at) / 3_600
            #expect(kilometres < 100 || kilometres / hours < 900, "\(before.line) then \(row.line)")
        }
    }

    @Test("a card stolen while it rested was not used for a month, nor by its holder before the thief")
    func resting() throws {
        let rows = rows(try small(.tillguard, days: 70))
        let thefts = rows.filter { $0.attack == .nightFirstUse }
        #expect(!thefts.isEmpty)
        for theft in thefts {
            let month = theft.at - 30 * 86_400..<theft.at
            let own = rows.filter {
                $0.customer == theft.customer && month.contains($0.at) && $0.attack == nil && $0.lookAlike == nil
            }
            #expect(own.isEmpty, "\(theft.line)")
        }
    }

    @Test("normal and Poisson numbers have their means, and normal ones their variance")
    func numbers() {
        var chance = Chance(seed: 9)
        let draws = (0..<20_000).map { _ in chance.normal(mean: 10, deviation: 2) }
        let mean = draws.reduce(0, +) / 20_000
        let variance = draws.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 20_000
        #expect(abs(mean - 10) < 0.06 && abs(variance - 4) < 0.15)
        let total = (0..<20_000).map { _ in chance.poisson(mean: 2.5) }.reduce(0, +)
        #expect(total > 49_000 && total < 51_000)
    }

    @Test("a plan out of its limits is refused")
    func limits() {
        #expect(throws: ScenarioPlanError.customers) { try ScenarioPlan(seed: 1, customers: 0) }
        #expect(throws: ScenarioPlanError.terminals) { try ScenarioPlan(seed: 1, terminals: 1_000_001) }
        #expect(throws: ScenarioPlanError.days) { try ScenarioPlan(seed: 1, days: 0) }
        #expect(throws: ScenarioPlanError.start) { try ScenarioPlan(seed: 1, start: 5) }
        #expect(throws: ScenarioPlanError.attacks) { try ScenarioPlan(seed: 1, attacks: -1) }
    }
}
