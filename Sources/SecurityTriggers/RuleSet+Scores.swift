// SPDX-License-Identifier: Apache-2.0
import RiskModels
import Vocabulary

/// The scores that rules ask for, and the models that give them.
extension RuleSet {
    /// A model under the name that scores have for it.
    public struct NamedModel: Sendable {
        public var name: String
        /// Shown with the scores it gives; 0: none.
        public var version: UInt32
        public var model: RiskModel

        public init(name: String, version: UInt32 = 0, model: RiskModel) {
            (self.name, self.version, self.model) = (name, version, model)
        }
    }

    /// Puts in force the models that the rules' scores name. A score whose model is not there is unknown.
    ///
    /// - Throws: `RiskModelError` for a model that wants a feature which its score does not name.
    public mutating func bind(_ models: [NamedModel]) throws(RiskModelError) {
        for named in models { try check(named.model, as: named.name) }
        bind(fitting: models)
    }

    /// The same, and a score whose model does not fit it is unknown.
    public mutating func bind(fitting models: [NamedModel]) {
        guard !program.scores.isEmpty else { return }
        var outside = program.outside
        outside.models = program.scores.map { score in
            models.first { $0.name == score.model }.flatMap { found in
                (try? BoundModel(found.model, to: score.features.map(\.name))).map {
                    Outside.Model(bound: $0, version: found.version)
                }
            }
        }
        program = RuleProgram(program, outside: outside)
    }

    /// Checks that every score that names a model gives it all it asks for.
    ///
    /// - Throws: `RiskModelError` with the feature that a score does not name.
    public func check(_ model: RiskModel, as name: String) throws(RiskModelError) {
        for score in program.scores where score.model == name {
            _ = try BoundModel(model, to: score.features.map(\.name))
        }
    }

    /// The same for models without a version.
    public mutating func bind(_ models: [(name: String, model: RiskModel)]) throws(RiskModelError) {
        try bind(models.map { NamedModel(name: $0.name, model: $0.model) })
    }

    /// An evaluation with what drove the scores that a rule which fired asks for.
    ///
    /// It is a function of the features that the evaluation holds and of the model, which must be the one that gave the score,
    /// still bound: who keeps evaluations for longer than models asks for this first. It takes a hundred times as long as the
    /// score, and so is no part of a decision.
    public func attributed(_ evaluation: Evaluation) -> Evaluation {
        guard !evaluation.scores.isEmpty else { return evaluation }
        var (evaluation, asked) = (evaluation, UInt8(0))
        for result in evaluation.results where result.outcome != .unknown {
            asked |= detail(of: result.rule)?.scores ?? 0
        }
        for index in evaluation.scores.indices where asked & 1 << UInt8(evaluation.scores[index].score) != 0 {
            attribute(&evaluation.scores[index])
        }
        return evaluation
    }

    private func attribute(_ result: inout ScoreResult) {
        guard result.top.isEmpty, let model = program.model(result.score), model.version == result.modelVersion,
            result.features.count == model.bound.featureCount
        else { return }
        let names = featureNames(ofScore: result.score)
        result.top = model.bound.top(ScoreResult.topMax, result.features).compactMap { part in
            guard part.value.isFinite, let place = names.firstIndex(of: part.name) else { return nil }
            return ScoreResult.Contribution(feature: place, value: part.value)
        }
    }

    /// The models that scores name, each once.
    public var modelNames: [String] {
        program.scores.map(\.model).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// The names of the scores, in the order of their declarations.
    public var scoreNames: [String] { program.scores.map(\.name) }

    /// The model that a score names; nil for an index that is no score's.
    public func modelName(ofScore score: Int) -> String? {
        program.scores.indices.contains(score) ? program.scores[score].model : nil
    }

    /// The features that a score is asked with, in order; empty for an index that is no score's.
    public func featureNames(ofScore score: Int) -> [String] {
        program.scores.indices.contains(score) ? program.scores[score].features.map(\.name) : []
    }

    /// The least probability with which a live rule compares a score: from there on the score matters. Nil where none does.
    public func threshold(ofScore score: Int) -> Double? {
        var least: Double?
        for rule in program.details where rule.state == .live {
            for figure in rule.figures {
                let last = program.code[figure.code.upperBound - 1]
                guard last.operation == .compare, last.left == Operand(source: .score, index: UInt16(clamping: score)),
                    last.right.source == .constant
                else { continue }
                let limit = program.constants[Int(last.right.index)].lowDouble
                least = min(least ?? limit, limit)
            }
        }
        return least
    }

    /// Some score asks for what is known of terminals.
    var asksForVerdicts: Bool {
        program.scores.contains { $0.features.contains { $0.builtIn?.isOfTerminal == true } }
    }
}
