// SPDX-License-Identifier: Apache-2.0
import RiskModels
import Vocabulary

extension Scan {
    /// The score of a model over its features, 0…1; unknown where the model is not there, or says nothing.
    func score(_ index: Int) -> FigureValue {
        let bit = UInt8(1) &<< UInt8(truncatingIfNeeded: index)
        if state.pointee.scored & bit != 0 { return state.pointee.scores[index] }
        guard let model = program.model(index) else { return .unknown }
        let margin = withFeatures(of: program.scores[index]) { model.margin($0) }
        // Weights beyond all measure may leave no number: what is not there decides nothing.
        let value = margin.isFinite ? FigureValue(double: model.bound.probability(of: margin)) : .unknown
        state.pointee.scores[index] = value
        state.pointee.scored |= bit
        return value
    }

    /// Lends what a score is asked with, NaN for what is missing: in memory that lies on the stack.
    private func withFeatures<Result>(of score: ScoreProgram, _ body: (Span<Double>) -> Result) -> Result {
        if score.isOfProfile { return body(featureVector.values.span) }
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: RuleSet.limits.features) { features in
            let profile = score.asksForProfile ? featureVector : FeatureVector()
            let builtIn = profile.values.span
            withOtherRegisters {
                for (place, feature) in score.features.enumerated() {
                    features[place] = feature.builtIn.map { builtIn[$0.rawValue] } ?? number(feature)
                }
            }
            return body(UnsafeBufferPointer(rebasing: features[..<score.features.count]).span)
        }
    }

    /// Features run in the middle of a condition, whose registers they must leave alone.
    private func withOtherRegisters(_ body: () -> Void) {
        withUnsafeTemporaryAllocation(of: FigureValue.self, capacity: RuleProgram.registers) { others in
            others.initialize(repeating: .unknown)
            let registers = state.pointee.registers
            state.pointee.registers = others.baseAddress.unsafelyUnwrapped
            body()
            state.pointee.registers = registers
        }
    }

    /// The value of a declared feature; of a value within bounds what is sure of it counts.
    private func number(_ feature: FeatureProgram) -> Double {
        _ = truth(of: feature.code)
        let value = value(feature.value)
        if value.isUnknown { return .nan }
        let number = value.form == .double ? value.lowDouble : Double(value.low)
        // What a division by zero gives is nothing to a model.
        return number.isFinite ? number : .nan
    }

    /// A score with what its model was asked with; nil where there is none.
    func result(of index: Int) -> ScoreResult? {
        guard let model = program.model(index) else { return nil }
        let value = score(index)
        guard !value.isUnknown else { return nil }
        let features = withFeatures(of: program.scores[index]) { span in span.indices.map { span[$0] } }
        return ScoreResult(
            score: index, modelVersion: model.version, value: value.lowDouble, features: features, top: [])
    }

    /// Shows a score's features and margin to who watches its model; nothing where there is no model, or no number.
    func observe(_ index: Int, _ observer: (Int, Span<Double>, Double) -> Void) {
        guard let model = program.model(index) else { return }
        withFeatures(of: program.scores[index]) { features in
            let margin = model.margin(features)
            if margin.isFinite { observer(index, features, margin) }
        }
    }

    /// The built-in features, of what was applied before.
    var featureVector: FeatureVector {
        let local = UInt32(clamping: (now + Int64(facts.offset) * 900_000).floorDivided(by: 1_000))
        let card = figures(on: local / RiskProfiles.daySeconds) ?? CardFigures()
        // The days sum what is in the currency of the card's first purchase: until then any is.
        let counted = record?.pointee.head.currency ?? 0
        let isCounted = current.currency != 0 && (counted == 0 || counted == current.currency)
        let terminal = verdicts.map {
            TerminalVerdicts.figures($0, at: UInt32(clamping: now / 1_000), delay: TerminalVerdicts.delay)
        }
        return FeatureVector(
            amount: isCounted ? current.amount : nil, local: local, card, terminal ?? TerminalFigures())
    }
}
