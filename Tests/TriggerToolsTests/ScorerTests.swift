// SPDX-License-Identifier: Apache-2.0
import RiskModels
import RiskTraining
import Scenarios
import SecurityTriggers
import Testing
import Vocabulary

@testable import TriggerTools

/// A scorecard over one feature.
private func card(of name: String, weight: Double, features: [String] = RiskFeature.names) throws -> RiskModel {
    let feature = features.firstIndex(of: name) ?? 0
    return RiskModel(
        try Scorecard(
            name: name, featureNames: features, bias: -1,
            terms: [.init(feature: feature, transform: .identity, mean: 0, scale: 1, weight: weight)]))
}

private func profiled(_ transaction: LabelledTransaction) -> ProfiledTransaction {
    let facts = transaction.facts
    return ProfiledTransaction(card: facts.card, terminal: facts.terminal, at: facts.at, amount: facts.amount)
}

@Suite("Scorers")
struct ScorerTests {
    @Test("the score is the model's of the features that a training table has of the same transaction")
    func sameAsTable() throws {
        let transactions = try generated(seed: 6, customers: 20, days: 12)
        let start = Instant(seconds: ScenarioPlan.handbookStart)
        var table = FeatureTable(of: start..<start + .days(12))
        var scorer = try Scorer(model: card(of: "n7", weight: 0.5), profiles: .init(currency: .eur))
        // Labels take seven days; until then both know the same.
        let early = transactions.filter { $0.facts.at < start + .days(7) }
        for transaction in early {
            table.add(transaction)
            let score = scorer.score(profiled(transaction))
            scorer.apply(profiled(transaction))
            let row = table.table.row(table.table.count - 1)
            #expect(RiskFeature.allCases.map { score.features[$0] } == row)
            #expect(score.margin == -1 + 0.5 * row[RiskFeature.n7.rawValue])
            #expect(score.probability == Real.logistic(score.margin))
            #expect(scorer.top(3, of: score).map(\.name) == (score.margin == -1 ? [] : ["n7"]))
        }
        #expect(!early.isEmpty)
    }

    @Test("another model is in force with the next score, and a watching one changes none")
    func models() throws {
        let transactions = try generated(seed: 7, customers: 20, days: 6)
        var plain = try Scorer(model: card(of: "n1", weight: 1), profiles: .init(currency: .eur))
        var watched = plain
        try watched.watch(card(of: "n30", weight: 1), threshold: 0.5, shadowThreshold: 0.5)
        for transaction in transactions {
            let (alone, beside) = (plain.score(profiled(transaction)), watched.score(profiled(transaction)))
            #expect(alone.margin == beside.margin)
            plain.apply(profiled(transaction))
            watched.apply(profiled(transaction))
        }
        let comparison = try #require(watched.comparison)
        #expect(comparison.count == transactions.count && comparison.shadowAlone > 0 && comparison.liveAlone == 0)
        let last = profiled(transactions[transactions.count - 1])
        try watched.swap(to: card(of: "n30", weight: 2))
        let score = watched.score(last)
        #expect(score.margin == -1 + 2 * plain.profiles.features(of: last)[.n30])
        #expect(watched.comparison == nil)
    }

    @Test("a model or reference of other features is refused, and the one in force stays")
    func refusals() throws {
        var scorer = try Scorer(model: card(of: "n1", weight: 1), profiles: .init(currency: .eur))
        let other = try card(of: "colour", weight: 1, features: ["colour"])
        let reference = DriftReference(names: ["colour"], rows: 1, value: { _, _ in 0 }, scores: [0])
        #expect(throws: RiskModelError.self) { try scorer.swap(to: other) }
        #expect(throws: RiskModelError.self) { try scorer.watch(other, threshold: 0, shadowThreshold: 0) }
        #expect(throws: RiskModelError.self) { try scorer.swap(to: card(of: "n7", weight: 1), drift: reference) }
        #expect(throws: RiskModelError.self) { try Scorer(model: other, profiles: .init(currency: .eur)) }
        let transaction = profiled(try generated(seed: 7, customers: 5, days: 2)[0])
        let score = scorer.score(transaction)
        #expect(score.margin == 0 && scorer.comparison == nil && scorer.drift == nil)
    }

    @Test("what is scored is counted for drift until it begins anew")
    func drift() throws {
        let transactions = try generated(seed: 8, customers: 60, days: 12)
        let start = Instant(seconds: ScenarioPlan.handbookStart)
        var table = FeatureTable(of: start..<start + .days(12))
        for transaction in transactions { table.add(transaction) }
        let rows = table.table
        let reference = DriftReference(
            names: rows.names, rows: rows.count, value: { rows[$0, $1] }, scores: (0..<rows.count).map { rows[$0, 0] })
        var scorer = try Scorer(model: card(of: "amount", weight: 1), drift: reference, profiles: .init(currency: .eur))
        for transaction in transactions {
            _ = scorer.score(profiled(transaction))
            scorer.apply(profiled(transaction))
        }
        #expect(scorer.drift?.count == transactions.count)
        #expect(transactions.count >= DriftMonitor.countMin)
        let drift = try #require(scorer.drift?.drifts.first { $0.name == "amount" })
        #expect(drift.alarm == .none)
        scorer.resetDrift()
        #expect(scorer.drift?.count == 0)
    }
}
