// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Scores in explanations. All that is shown was taken down with the decision: no model is asked again.
extension Explanation {
    /// `"score":{"model":…,"value":…,"top":[[feature, contribution],…]}`, and `"other_scores"` where the rules asked for more
    /// than one.
    static func scores(_ evaluation: Evaluation, _ rules: RuleSet) -> [JSON.Member] {
        guard let first = evaluation.scores.first else { return [] }
        let others = evaluation.scores.dropFirst().map { json(of: $0, rules) }
        return [.init("score", json(of: first, rules))]
            + (others.isEmpty ? [] : [.init("other_scores", .array(Array(others)))])
    }

    private static func json(of result: ScoreResult, _ rules: RuleSet) -> JSON {
        let top = parts(of: result, rules).map { JSON.array([.string($0.name), .double($0.value)]) }
        return .object([
            .init("model", .string(model(of: result, rules))), .init("value", .double(result.value)),
            .init("top", .array(top)),
        ])
    }

    /// For the analyst: the score, and what drove it.
    static func sentence(of result: ScoreResult, _ rules: RuleSet, _ language: Language) -> String {
        let (model, value) = (model(of: result, rules), rounded(result.value))
        let parts = parts(of: result, rules).map { part in
            part.name + (part.value < 0 ? " −" : " +") + rounded(abs(part.value))
        }
        switch (language, parts.isEmpty) {
        case (.en, true): return "The model \(model) gives \(value)."
        case (.en, false): return "The model \(model) gives \(value), most of all for \(parts.joined(separator: ", "))."
        case (.zh, true): return "模型 \(model) 评分为 \(value)。"
        case (.zh, false): return "模型 \(model) 评分为 \(value)，主要因素：\(parts.joined(separator: "、"))。"
        }
    }

    /// The model's name, and the version where it has one.
    private static func model(of result: ScoreResult, _ rules: RuleSet) -> String {
        let name = rules.modelName(ofScore: result.score) ?? "?"
        return result.modelVersion == 0 ? name : "\(name)@\(result.modelVersion)"
    }

    private static func parts(of result: ScoreResult, _ rules: RuleSet) -> [(name: String, value: Double)] {
        let names = rules.featureNames(ofScore: result.score)
        return result.top.map { (names.indices.contains($0.feature) ? names[$0.feature] : "?", $0.value) }
    }

    /// With two decimals. What is beyond a sentence's measure is cut there.
    private static func rounded(_ value: Double) -> String {
        let hundredths = Int64((min(value, 1e9) * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
