// SPDX-License-Identifier: Apache-2.0
import RiskTraining
import Testing
import Vocabulary

@Suite("Detection metrics")
struct DetectionMetricsTests {
    private func agrees(_ value: Double?, _ expected: JSON?) throws -> Bool {
        guard let expected, expected != .null else { return value == nil }
        guard let value else { return false }
        return abs(value - (try Vectors.real(expected))) <= 1e-12
    }

    @Test("all measures are those of an independent implementation, on cases with many ties")
    func measuresAgree() throws {
        let cases = try #require(try Vectors.json("detection-metrics")["cases"]?.array)
        #expect(cases.count == 40)
        for (number, json) in cases.enumerated() {
            let rows = try #require(json["rows"]?.array).map { row in
                let fields = try #require(row.array).compactMap(\.integer).map { Int($0) }
                return ScoredTransaction(
                    day: fields[0], card: fields[1], isFraud: fields[2] == 1, score: Double(fields[3]) / 8)
            }
            let count = Int(try #require(json["count"]?.integer))
            func precision(_ ties: DetectionMetrics.Ties) -> Double? {
                DetectionMetrics.cardPrecision(rows, count: count, ties: ties)?.mean
            }
            #expect(try agrees(DetectionMetrics.areaUnderROC(rows), json["auc"]), "case \(number)")
            #expect(try agrees(DetectionMetrics.averagePrecision(rows), json["ap"]), "case \(number)")
            #expect(try agrees(precision(.byCard), json["cp"]), "case \(number)")
            #expect(try agrees(precision(.worst), json["worst"]), "case \(number)")
            #expect(try agrees(precision(.best), json["best"]), "case \(number)")
            #expect(
                try agrees(DetectionMetrics.cardPrecisionCeiling(rows, count: count), json["ceiling"]), "case \(number)"
            )
            let daily = try #require(json["daily"]?.array).map { try Vectors.real($0) }
            #expect(DetectionMetrics.cardPrecision(rows, count: count)?.daily == daily, "case \(number)")
        }
    }

    @Test("without a row, a fraud or anything else there is no measure")
    func nothingToMeasure() {
        #expect(DetectionMetrics.cardPrecision([], count: 1) == nil)
        #expect(DetectionMetrics.areaUnderROC([]) == nil)
        let genuine = [ScoredTransaction(day: 0, card: 0, isFraud: false, score: 1)]
        #expect(DetectionMetrics.areaUnderROC(genuine) == nil)
        #expect(DetectionMetrics.averagePrecision(genuine) == nil)
        #expect(DetectionMetrics.cardPrecision(genuine, count: 1)?.mean == 0)
    }
}
