// SPDX-License-Identifier: Apache-2.0
import Foundation
import RiskTraining

/// The measures of one model on the tested rows.
struct DetectionReport {
    static let cards = 100

    let name: String
    let rows: [ScoredTransaction]
    /// The scenario of each row, where the file names any.
    let scenarios: [String]

    init(_ scored: Detector.Scored, _ recording: Recording, _ week: DetectionWeek) {
        name = scored.name
        let ranks = recording.cardRanks
        let scores = Dictionary(uniqueKeysWithValues: zip(week.scored, scored.scores))
        rows = week.tested.map { row in
            ScoredTransaction(
                day: recording.day(row), card: ranks[Int(recording.cards[row])], isFraud: recording.isFraud[row],
                score: scores[row] ?? 0)
        }
        scenarios = week.tested.map { recording.scenarios[$0] }
    }

    func print() {
        let frauds = rows.count { $0.isFraud }
        Swift.print("\(name): test transactions \(rows.count), frauds \(frauds)")
        let precision = { (ties: DetectionMetrics.Ties) in
            text(DetectionMetrics.cardPrecision(rows, count: Self.cards, ties: ties)?.mean)
        }
        Swift.print("  AUC ROC              \(text(DetectionMetrics.areaUnderROC(rows)))")
        Swift.print("  Average precision    \(text(DetectionMetrics.averagePrecision(rows)))")
        Swift.print(
            "  Card precision@\(Self.cards)   \(precision(.byCard))   (ties: \(precision(.worst)) to \(precision(.best)); "
                + "ceiling \(text(DetectionMetrics.cardPrecisionCeiling(rows, count: Self.cards))))")
        for scenario in Set(zip(rows, scenarios).filter { $0.0.isFraud && !$0.1.isEmpty }.map(\.1)).sorted() {
            let part = zip(rows, scenarios).filter { !$0.0.isFraud || $0.1 == scenario }.map(\.0)
            let count = part.count { $0.isFraud }
            Swift.print(
                "    scenario \(scenario): frauds \(count), AUC ROC \(text(DetectionMetrics.areaUnderROC(part)))")
        }
    }

    private func text(_ value: Double?) -> String { value.map { String(format: "%.4f", $0) } ?? "-" }
}
