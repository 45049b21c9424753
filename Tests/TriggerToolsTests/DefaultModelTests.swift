// SPDX-License-Identifier: Apache-2.0
import Foundation
import RiskModels
import RiskTraining
import Scenarios
import SecurityTriggers
import Testing
import TriggerTools
import Vocabulary

/// The models that ship, made by `make model`.
@Suite("Default models")
struct DefaultModelTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func bytes(_ path: String) throws -> [UInt8] {
        try Array(Data(contentsOf: root.appending(path: path)))
    }

    private static func margin(_ model: RiskModel, _ features: [Double]) -> Double { model.margin(features.span) }

    /// The rows of the last days of a plan that the models were not trained on.
    private static let table: TrainingTable? = {
        let start = Instant(seconds: ScenarioPlan.handbookStart)
        var table = FeatureTable(of: start + .days(37)..<start + .days(77))
        guard let transactions = try? generated(seed: 21, customers: 200, days: 40, attacks: 20) else { return nil }
        for transaction in transactions { table.add(transaction) }
        return table.table
    }()

    @Test(
        "score generated rows as they did when they were made, to the bit",
        arguments: [
            ("Rules/default.model", "trees"), ("Rules/default.scorecard.json", "scorecard"),
        ])
    func golden(file: String, name: String) throws {
        let model = try RiskModel(reading: try Self.bytes(file))
        #expect(model.featureNames == RiskFeature.names)
        let expected = try #require(
            try JSON(parsing: Self.bytes("Tests/Vectors/models/default-model.json"))[name]?.array)
        let table = try #require(Self.table)
        #expect(expected.count == 40)
        for (row, margin) in zip(table.count - expected.count..<table.count, expected) {
            #expect(Hex.text(Self.margin(model, table.row(row)).bitPattern) == margin.string, "row \(row)")
        }
    }

    @Test(
        "set frauds before honest payments in traffic that they were not trained on",
        arguments: [
            ("Rules/default.model", 0.9), ("Rules/default.scorecard.json", 0.75),
        ])
    func worth(file: String, floor: Double) throws {
        let model = try RiskModel(reading: try Self.bytes(file))
        let table = try #require(Self.table)
        let rows = (0..<table.count).map { row in
            ScoredTransaction(
                day: 0, card: row, isFraud: table.labels[row], score: Self.margin(model, table.row(row)))
        }
        let area = try #require(DetectionMetrics.areaUnderROC(rows))
        #expect(area >= floor, "\(table.frauds) frauds of \(table.count)")
    }

    @Test("the drift reference is of the features and the score, and moves when the traffic is another")
    func drift() throws {
        let reference = try DriftReference(reading: try Self.bytes("Rules/default.drift.json"))
        #expect(reference.columns.map(\.name) == RiskFeature.names + [DriftReference.score])
        let model = try RiskModel(reading: try Self.bytes("Rules/default.model"))
        let table = try #require(Self.table)
        var monitor = DriftMonitor(reference)
        // The rows are fewer than an index is made of.
        for index in 0..<2 * DriftMonitor.countMin {
            let row = index % table.count
            var features = table.row(row)
            features[RiskFeature.amount.rawValue] *= 20
            monitor.add(features.span, score: Self.margin(model, table.row(row)))
        }
        let drift = try #require(monitor.drifts.first { $0.name == RiskFeature.amount.name })
        #expect(drift.alarm == .drifted)
    }
}
