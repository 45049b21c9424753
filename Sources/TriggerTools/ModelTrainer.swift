// SPDX-License-Identifier: Apache-2.0
import RiskModels
import RiskTraining
import SecurityTriggers
import Vocabulary

/// The two models that are trained of a table of all risk features, with settings that are the same for every table: the ones that
/// `docs/detection.md` measures.
public enum ModelTrainer: String, CaseIterable, Sendable {
    /// Boosted trees, as LightGBM's text.
    case trees
    /// A logistic regression with bent columns, as the project's JSON.
    case scorecard

    /// - Parameter forests: of a hundred trees each, whose margins are averaged; of a scorecard without meaning.
    /// - Returns: the text that `RiskModel` reads.
    /// - Throws: `oneClass` for a table without fraud or with nothing else.
    public func train(
        _ table: TrainingTable, forests: Int = 5, seed: UInt64 = 1, name: String = "detection"
    ) throws(TrainingError) -> [UInt8] {
        switch self {
        case .trees:
            var settings = BoostedTrees.Settings()
            settings.forests = forests
            return try BoostedTrees(settings: settings).train(table, seed: seed)
        case .scorecard:
            let plain = RiskFeature.allCases.map { LogisticRegression.Input($0.rawValue) }
            let bent: [RiskFeature] = [.amount, .ratio, .overMax, .peak14, .terminalPlain7]
            let logarithms = bent.map { LogisticRegression.Input($0.rawValue, .log1p) }
            let regression = LogisticRegression(
                inputs: plain + logarithms + [LogisticRegression.Input(RiskFeature.amount.rawValue, .square)])
            return Array(try regression.train(table, name: name).json.text.utf8)
        }
    }
}
