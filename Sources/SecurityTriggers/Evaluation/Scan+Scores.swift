// SPDX-License-Identifier: Apache-2.0
import RiskModels
import Vocabulary

extension Scan {
    /// The score of a model over its features, 0…1; unknown where the model is not there.
    func score(_ index: Int) -> FigureValue {
        if let known = state.pointee.scores[index] { return known }
        let models = program.outside.models
        guard models.indices.contains(index), let model = models[index] else { return .unknown }
        // The features run in the middle of a condition, whose registers they must leave alone.
        let saved = state.pointee.registers
        var features = InlineArray<64, Double>(repeating: .nan)
        for (place, feature) in program.scores[index].features.enumerated() {
            _ = truth(of: feature.code)
            let value = value(feature.value)
            // Of a value within bounds what is sure of it counts.
            if !value.isUnknown { features[place] = value.form == .double ? value.lowDouble : Double(value.low) }
        }
        state.pointee.registers = saved
        let span = features.span.extracting(first: program.scores[index].features.count)
        let score = FigureValue(double: model.probability(of: model.margin(span)))
        state.pointee.scores[index] = score
        return score
    }
}
