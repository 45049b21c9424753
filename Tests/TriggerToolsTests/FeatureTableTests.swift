// SPDX-License-Identifier: Apache-2.0
import RiskModels
import RiskTraining
import Scenarios
import SecurityTriggers
import Testing
import Vocabulary

@testable import TriggerTools

/// All transactions of a small plan.
func generated(seed: UInt64, customers: Int, days: Int, attacks: Int = 40) throws -> [LabelledTransaction] {
    var generator = ScenarioGenerator(
        try ScenarioPlan(seed: seed, customers: customers, terminals: 80, days: days, attacks: attacks, lookAlikes: 40))
    var table = try TransactionTable(header: ScenarioRow.header.utf8)
    var transactions: [LabelledTransaction] = []
    while let rows = generator.nextDay() {
        for row in rows {
            if let transaction = try table.transaction(of: row.line.utf8) { transactions.append(transaction) }
        }
    }
    return transactions
}

private let start = Instant(seconds: ScenarioPlan.handbookStart)

@Suite("Training tables")
struct FeatureTableTests {
    @Test("rows are those of the range, with the features that a live transaction has at its time")
    func sameAsLive() throws {
        let transactions = try generated(seed: 3, customers: 40, days: 25)
        let range = start + .days(15)..<start + .days(20)
        var table = FeatureTable(of: range)
        var profiles = RiskProfiles(.init(currency: .eur))
        var labels: [TransactionLabel] = []
        var expected: [[Double]] = []
        for transaction in transactions {
            let facts = transaction.facts
            for label in labels where label.known <= facts.at { profiles.apply(label) }
            labels.removeAll { $0.known <= facts.at }
            let profiled = ProfiledTransaction(
                card: facts.card, terminal: facts.terminal, at: facts.at, amount: facts.amount)
            let features = profiles.features(of: profiled)
            if range.contains(facts.at) { expected.append(RiskFeature.allCases.map { features[$0] }) }
            let traits = profiles.apply(profiled)
            if transaction.isFraud {
                labels.append(
                    TransactionLabel(
                        card: facts.card, terminal: facts.terminal, at: facts.at, known: facts.at + .days(7),
                        verdict: .fraud, isPlain: traits.isPlain))
            }
            table.add(transaction)
        }
        #expect(table.table.count == expected.count && !expected.isEmpty)
        for (row, features) in expected.enumerated() { #expect(table.table.row(row) == features, "row \(row)") }
        let inRange = transactions.indices.filter { range.contains(transactions[$0].facts.at) }
        #expect(table.numbers == inRange)
        #expect(table.table.labels == inRange.map { transactions[$0].isFraud })
        #expect(table.transactions == transactions.count && table.outOfOrder == 0)
    }

    @Test("what becomes known later changes no row of before")
    func noLookAhead() throws {
        let transactions = try generated(seed: 4, customers: 40, days: 22)
        let turn = start + .days(14)
        var truth = FeatureTable(of: start..<start + .days(21))
        var other = truth
        for transaction in transactions {
            truth.add(transaction)
            var changed = transaction
            // From the turn on every label is another; it is known seven days later.
            if transaction.facts.at >= turn { changed.isFraud.toggle() }
            other.add(changed)
        }
        #expect(truth.table.values.count == other.table.values.count)
        #expect(truth.table.values == other.table.values)
        #expect(truth.table.labels != other.table.labels)
    }

    @Test("a transaction that comes late is counted, and is no stop")
    func late() throws {
        var transactions = try generated(seed: 5, customers: 5, days: 3)
        transactions.swapAt(0, transactions.count - 1)
        var table = FeatureTable(of: start..<start + .days(3))
        for transaction in transactions { table.add(transaction) }
        #expect(table.outOfOrder == transactions.count - 1 && table.table.count == transactions.count)
    }
}
