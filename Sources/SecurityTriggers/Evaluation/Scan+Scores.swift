// SPDX-License-Identifier: Apache-2.0
import RiskModels
import Vocabulary

extension Scan {
    /// The score of a model over its features, 0…1; unknown where the model is not there.
    mutating func score(_ index: Int) -> FigureValue {
        if let known = scores[index] { return known }
        let models = program.outside.models
        guard models.indices.contains(index), let model = models[index] else { return .unknown }
        // The features run in the middle of a condition, whose registers they must leave alone.
        let saved = registers
        var features = InlineArray<64, Double>(repeating: .nan)
        for (place, feature) in program.scores[index].features.enumerated() {
            _ = truth(of: feature.code)
            let value = value(feature.value)
            // Of a value within bounds what is sure of it counts.
            if value.isUnknown { continue }
            let number = value.form == .double ? value.lowDouble : Double(value.low)
            // What a division by zero gives is nothing to a model.
            if number.isFinite { features[place] = number }
        }
        registers = saved
        let span = features.span.extracting(first: program.scores[index].features.count)
        let margin = model.margin(span)
        let score: FigureValue = margin.isNaN ? .unknown : FigureValue(double: model.probability(of: margin))
        scores[index] = score
        return score
    }
}
