// SPDX-License-Identifier: Apache-2.0
import RiskModels
import Vocabulary

extension Scan {
    /// The score of a model over its features, 0…1; unknown where the model is not there, or says nothing.
    func score(_ index: Int) -> FigureValue {
        if let known = state.pointee.scores[index] { return known }
        guard let model = program.model(index)?.bound else { return .unknown }
        let score = program.scores[index]
        let features = features(of: score)
        let margin = model.margin(features.span.extracting(first: score.features.count))
        // Weights beyond all measure may leave no number: what is not there decides nothing.
        let value = margin.isFinite ? FigureValue(double: model.probability(of: margin)) : .unknown
        state.pointee.scores[index] = value
        return value
    }

    /// What a score is asked with; NaN for what is missing.
    private func features(of score: ScoreProgram) -> InlineArray<64, Double> {
        // The features run in the middle of a condition, whose registers they must leave alone.
        let saved = state.pointee.registers
        let profile = score.asksForProfile ? featureVector : FeatureVector()
        var features = InlineArray<64, Double>(repeating: .nan)
        for (place, feature) in score.features.enumerated() {
            if let builtIn = feature.builtIn {
                features[place] = profile[builtIn]
                continue
            }
            _ = truth(of: feature.code)
            let value = value(feature.value)
            // Of a value within bounds what is sure of it counts.
            if value.isUnknown { continue }
            let number = value.form == .double ? value.lowDouble : Double(value.low)
            // What a division by zero gives is nothing to a model.
            if number.isFinite { features[place] = number }
        }
        state.pointee.registers = saved
        return features
    }

    /// A score with what its model was asked with; nil where there is none.
    func result(of index: Int) -> ScoreResult? {
        guard let model = program.model(index) else { return nil }
        let value = score(index)
        guard !value.isUnknown else { return nil }
        let score = program.scores[index]
        let vector = features(of: score)
        return ScoreResult(
            score: index, modelVersion: model.version, value: value.lowDouble,
            features: score.features.indices.map { vector[$0] }, top: [])
    }

    /// Shows a score's features and margin to who watches its model; nothing where there is no model, or no number.
    func observe(_ index: Int, _ observer: (Int, Span<Double>, Double) -> Void) {
        guard let model = program.model(index)?.bound else { return }
        let vector = features(of: program.scores[index])
        let span = vector.span.extracting(first: program.scores[index].features.count)
        let margin = model.margin(span)
        if margin.isFinite { observer(index, span, margin) }
    }

    /// The built-in features, of what was applied before.
    var featureVector: FeatureVector {
        let local = UInt32(clamping: (now + Int64(facts.offset) * 900_000).floorDivided(by: 1_000))
        let card = figures(on: local / RiskProfiles.daySeconds) ?? CardFigures()
        // The days sum what is in the currency of the card's first purchase: until then any is.
        let counted = record?.pointee.head.currency ?? 0
        let isCounted = current.currency != 0 && (counted == 0 || counted == current.currency)
        let terminal = verdicts?.pointee.figures(at: UInt32(clamping: now / 1_000), delay: TerminalVerdicts.delay)
        return FeatureVector(
            amount: isCounted ? current.amount : nil, local: local, card, terminal ?? TerminalFigures())
    }
}
