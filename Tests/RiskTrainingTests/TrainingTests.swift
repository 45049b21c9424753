// SPDX-License-Identifier: Apache-2.0
import RiskModels
import RiskTraining
import Testing
import Vocabulary

@Suite("Training")
struct TrainingTests {
    /// Frauds where the first feature is large, or the second one lies in a band; the third says nothing; some are missing.
    private func table(rows: Int, seed: UInt64, missing: Int = 0) -> TrainingTable {
        var random = SeededRandom(seed: seed)
        var table = TrainingTable(names: ["amount", "hour", "noise"])
        for _ in 0..<rows {
            var row = [Double(random.below(1_000)) / 10, Double(random.below(24)), Double(random.below(50))]
            let isFraud = row[0] > 90 || row[1] > 7 && row[1] < 10 && row[0] > 50 || random.chance(perMille: 5)
            if random.chance(perMille: missing) { row[0] = .nan }
            table.append(row.span, isFraud: isFraud)
        }
        return table
    }

    private func quick() -> BoostedTrees.Settings {
        var settings = BoostedTrees.Settings()
        (settings.trees, settings.forests) = (15, 2)
        settings.rate = 0.3
        return settings
    }

    @Test("logistic regression finds scikit-learn's weights")
    func logisticRegressionAgrees() throws {
        let json = try Vectors.json("logistic.vectors")
        var table = TrainingTable(names: ["amount", "hour", "ratio", "category", "share"])
        let labels = try #require(json["labels"]?.array)
        for (row, label) in zip(try #require(json["inputs"]?.array), labels) {
            let values = try #require(row.array).map { try Vectors.real($0) }
            table.append(values.span, isFraud: label.integer == 1)
        }
        let regression = LogisticRegression(inputs: (0..<5).map { LogisticRegression.Input($0) })
        let scorecard = try regression.train(table, name: "test")
        #expect(abs(scorecard.bias - (try Vectors.real(json["bias"]))) <= 1e-7)
        for (term, weight) in zip(scorecard.terms, try #require(json["weights"]?.array)) {
            #expect(abs(term.weight - (try Vectors.real(weight))) <= 1e-7)
        }
    }

    @Test(
        "a feature that never varies gets no weight, and classes that can be told apart wholly still give finite ones")
    func logisticRegressionEdges() throws {
        var table = TrainingTable(names: ["apart", "constant"])
        for index in 0..<40 { table.append([Double(index), 3].span, isFraud: index >= 20) }
        let scorecard = try LogisticRegression(inputs: [.init(0), .init(1), .init(0, .log1p)]).train(table, name: "")
        #expect(scorecard.terms.map(\.feature) == [0, 0])
        #expect(scorecard.terms.allSatisfy { $0.weight.isFinite && abs($0.weight) < 50 })
        let model = RiskModel(scorecard)
        #expect(model.margin([30, 3].span) > 0)
        #expect(model.margin([5, 3].span) < 0)
    }

    @Test("a table of one kind teaches nothing")
    func oneClass() {
        var table = TrainingTable(names: ["a"])
        table.append([1].span, isFraud: false)
        #expect(throws: TrainingError.oneClass) {
            try LogisticRegression(inputs: [.init(0)]).train(table, name: "")
        }
        #expect(throws: TrainingError.oneClass) { try BoostedTrees().train(table, seed: 1) }
    }

    @Test("boosted trees tell frauds of rows that they have not seen, by what matters", arguments: [0, 100])
    func treesLearn(missing: Int) throws {
        let text = try BoostedTrees(settings: quick()).train(table(rows: 3_000, seed: 1, missing: missing), seed: 1)
        let model = try RiskModel(reading: text)
        let fresh = table(rows: 1_000, seed: 2, missing: missing)
        var importance = [0.0, 0, 0]
        let scored = (0..<fresh.count).map { row in
            let features = fresh.row(row)
            if row % 10 == 0 {
                for (index, value) in model.contributions(features.span).values.enumerated() {
                    importance[index] += abs(value)
                }
            }
            return ScoredTransaction(
                day: 0, card: row, isFraud: fresh.labels[row], score: model.margin(features.span))
        }
        #expect(try #require(DetectionMetrics.averagePrecision(scored)) > 0.8)
        #expect(importance[0] > 3 * importance[2])
        #expect(importance[1] > importance[2])
    }

    @Test("the mean margin of the training rows is near their log-odds")
    func treesAreCalibrated() throws {
        let table = table(rows: 2_000, seed: 3)
        let model = try RiskModel(reading: try BoostedTrees(settings: quick()).train(table, seed: 1))
        let expected = Double(table.frauds)
        let predicted = (0..<table.count).reduce(0) {
            $0 + model.probability(of: model.margin(table.row($1).span))
        }
        #expect(abs(predicted - expected) < 0.1 * expected)
    }

    @Test("the same seed gives the same text, another one another")
    func treesAreRepeatable() throws {
        let table = table(rows: 500, seed: 4)
        let trees = BoostedTrees(settings: quick())
        #expect(try trees.train(table, seed: 7) == trees.train(table, seed: 7))
        #expect(try trees.train(table, seed: 7) != trees.train(table, seed: 8))
    }

    @Test("the training table as CSV gives every value back to the bit")
    func csv() throws {
        var table = TrainingTable(names: ["a", "b"])
        table.append([0.1 + 0.2, .nan].span, isFraud: true)
        table.append([-1e-300, 5].span, isFraud: false)
        let text = String(decoding: table.csv(ids: ["17", "x"]), as: UTF8.self)
        #expect(text == "tx_id,a,b,label\n17,0.30000000000000004,,1\nx,-1e-300,5.0,0\n")
    }
}
