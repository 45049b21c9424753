// SPDX-License-Identifier: Apache-2.0
import RiskModels
import Testing
import Vocabulary

@Suite("Models of LightGBM and XGBoost")
struct LibraryModelTests {
    @Test("margins are the library's to 1e-9, edges and missing values included", arguments: ModelVectors.names)
    func marginsAgree(name: String) throws {
        let vectors = try ModelVectors(name)
        let model = try RiskModel(reading: vectors.text)
        #expect(model.featureNames == ["amount", "hour", "ratio", "category", "share"])
        #expect(vectors.inputs.count == 50)
        for (row, expected) in zip(vectors.inputs, vectors.margins) {
            let margin = model.margin(row.span)
            #expect(abs(margin - expected) <= 1e-9, "\(row)")
            let sigmoid = name == "lightgbm-sigmoid" ? 0.7 : 1
            #expect(abs(model.probability(of: margin) - 1 / (1 + Real.exp(-sigmoid * margin))) <= 1e-15)
        }
    }

    @Test("contributions are the library's and sum to the margin", arguments: ModelVectors.names)
    func contributionsAgree(name: String) throws {
        let vectors = try ModelVectors(name)
        let model = try RiskModel(reading: vectors.text)
        // XGBoost computes its own in single precision.
        let tolerance = model.format == .xgboost ? 2e-5 : 1e-9
        for (index, row) in vectors.inputs.enumerated() {
            let contributions = model.contributions(row.span)
            let sum = contributions.values.reduce(contributions.bias, +)
            #expect(abs(sum - model.margin(row.span)) <= 1e-9)
            for (value, expected) in zip(contributions.values + [contributions.bias], vectors.contributions[index]) {
                #expect(abs(value - expected) <= tolerance, "row \(index)")
            }
        }
    }

    @Test("a feature that no tree asks for contributes nothing, and the bias is the same for every row")
    func biasIsConstant() throws {
        let vectors = try ModelVectors("lightgbm-forest")
        let model = try RiskModel(reading: vectors.text)
        let biases = vectors.inputs.map { model.contributions($0.span).bias }
        for bias in biases { #expect(abs(bias - biases[0]) <= 1e-9) }
    }
}
