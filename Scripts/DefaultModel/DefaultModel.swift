// SPDX-License-Identifier: Apache-2.0
import Foundation
import RiskModels
import RiskTraining
import Scenarios
import SecurityTriggers
import TriggerTools
import Vocabulary

/// Trains the models that ship, on generated traffic of several seeds, and writes them to a folder: `default.model`,
/// `default.scorecard.json`, `default.drift.json`; and to another what they score, for the tests. The same code gives the same bytes.
///
///     DefaultModel RULES VECTORS
@main
enum DefaultModel {
    /// A card's profile takes 30 days to fill, a label seven to come.
    static let historyDays = 37
    static let days = 75

    static func main() throws {
        let folders = CommandLine.arguments.dropFirst().map { URL(filePath: $0) }
        precondition(folders.count == 2, "DefaultModel RULES VECTORS")
        var all = TrainingTable(names: RiskFeature.names)
        for seed in 1...6 {
            let world = try World(plan(seed: UInt64(seed), seed % 3 == 0 ? .handbook : .tillguard))
            for row in 0..<world.table.count { all.append(world.table.row(row).span, isFraud: world.table.labels[row]) }
            print("seed \(seed): \(world.table.count) rows, \(world.table.frauds) frauds")
        }
        let trees = try ModelTrainer.trees.train(all, forests: 1)
        let scorecard = try ModelTrainer.scorecard.train(all, name: "default")
        let model = try RiskModel(reading: trees)
        let scores = (0..<all.count).map { model.margin(all.row($0).span) }
        let reference = DriftReference(names: all.names, rows: all.count, value: { all[$0, $1] }, scores: scores)
        try write(trees, folders[0].appending(path: "default.model"))
        try write(scorecard, folders[0].appending(path: "default.scorecard.json"))
        try write(Array((reference.json.text + "\n").utf8), folders[0].appending(path: "default.drift.json"))
        for (seed, kind) in [(UInt64(11), ScenarioPlan.Kind.tillguard), (12, .handbook)] {
            try report(try World(plan(seed: seed, kind)), "\(kind) seed \(seed)", [trees, scorecard])
        }
        try write(
            Array((try golden([trees, scorecard]).text + "\n").utf8), folders[1].appending(path: "default-model.json"))
    }

    private static func plan(seed: UInt64, _ kind: ScenarioPlan.Kind) throws -> ScenarioPlan {
        try ScenarioPlan(
            kind: kind, seed: seed, customers: 2_500, terminals: kind == .handbook ? 5_000 : 2_500, days: days,
            attacks: 60, lookAlikes: 180)
    }

    /// The plan that the test makes again.
    private static func golden(_ texts: [[UInt8]]) throws -> JSON {
        let world = try World(
            ScenarioPlan(seed: 21, customers: 200, terminals: 80, days: 40, attacks: 20, lookAlikes: 40))
        let rows = world.table.count - 40..<world.table.count
        let margins = try texts.map { text in
            let model = try RiskModel(reading: text)
            return JSON.array(rows.map { .string(Hex.text(model.margin(world.table.row($0).span).bitPattern)) })
        }
        return ["trees": margins[0], "scorecard": margins[1]]
    }

    private static func report(_ world: World, _ name: String, _ texts: [[UInt8]]) throws {
        for (kind, text) in zip(ModelTrainer.allCases, texts) {
            let model = try RiskModel(reading: text)
            let rows = (0..<world.table.count).map { row in
                ScoredTransaction(
                    day: world.days[row], card: world.cards[row], isFraud: world.table.labels[row],
                    score: model.margin(world.table.row(row).span))
            }
            let precision = DetectionMetrics.cardPrecision(rows, count: 100, ties: .byCard)?.mean ?? 0
            print(
                "\(name), not trained on, \(kind.rawValue): AUC \(DetectionMetrics.areaUnderROC(rows) ?? 0), AP "
                    + "\(DetectionMetrics.averagePrecision(rows) ?? 0), CP@100 \(precision) of "
                    + "\(DetectionMetrics.cardPrecisionCeiling(rows, count: 100))")
        }
    }

    private static func write(_ bytes: [UInt8], _ file: URL) throws { try Data(bytes).write(to: file) }
}

/// The rows of one plan behind its history, with what the measures ask of them.
private struct World {
    let table: TrainingTable
    var days: [Int] = []
    var cards: [Int] = []

    init(_ plan: ScenarioPlan) throws {
        let history = min(DefaultModel.historyDays, plan.days - 3)
        let first = Instant(seconds: plan.start) + .days(Int64(history))
        var features = FeatureTable(of: first..<first + .days(Int64(plan.days)))
        var lines = try TransactionTable(header: ScenarioRow.header.utf8)
        var generator = ScenarioGenerator(plan)
        while let rows = generator.nextDay() {
            for row in rows {
                guard let transaction = try lines.transaction(of: Array(row.line.utf8)[...]) else { continue }
                let count = features.numbers.count
                features.add(transaction)
                guard features.numbers.count > count else { continue }
                days.append(Int(row.at / 86_400))
                cards.append(row.customer)
            }
        }
        table = features.table
    }
}
