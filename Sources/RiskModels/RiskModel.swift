// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// A model that gives a transaction's features a score: a scorecard, or an ensemble of trees trained elsewhere.
///
/// Everything about it is a function of the text it was read from: the same text and the same features give the same bits
/// on every machine. Features come in the order of `featureNames`; NaN stands for a missing one.
public struct RiskModel: Sendable {
    /// What a model's text is written in.
    public enum Format: Sendable, CaseIterable {
        /// The project's own JSON of a logistic regression, see `Scorecard`.
        case scorecard
        /// LightGBM's text, version 4, of a binary classifier or random forest.
        case lightGBM
        /// XGBoost's JSON of a `binary:logistic` tree booster.
        case xgboost
    }

    enum Body: Sendable {
        case scorecard(Scorecard)
        case forest(Trees)
    }

    /// A forest and what walks it. A class, so that to look at it costs no count for each of its arrays.
    final class Trees: Sendable {
        let forest: Forest
        /// Nil where the forest asks more than thresholds.
        let walk: ForestWalk?

        init(_ forest: Forest, features: Int) {
            self.forest = forest
            walk = ForestWalk(forest, features: features)
        }

        func margin(_ features: Span<Double>) -> Double { walk?.margin(features) ?? forest.margin(features) }
    }

    public let format: Format
    /// The features that it wants, in order.
    public let featureNames: [String]
    let body: Body

    /// Reads a model.
    ///
    /// - Parameters:
    ///   - text: UTF-8, at most `RiskModelError.Limits.bytes` long.
    ///   - format: nil to tell by how the text begins.
    /// - Throws: where the text is not of the format, asks for what is not supported, or passes a limit.
    public init(reading text: [UInt8], as format: Format? = nil) throws(RiskModelError) {
        guard text.count <= RiskModelError.Limits.bytes else { throw RiskModelError(.tooLarge, "text") }
        guard let format = format ?? Self.format(of: text) else { throw RiskModelError(.unknownFormat, "text") }
        self.format = format
        switch format {
        case .scorecard:
            let scorecard = try Scorecard(reading: text)
            featureNames = scorecard.featureNames
            body = .scorecard(scorecard)
        case .lightGBM:
            var reader = LightGBMReader(text)
            featureNames = try reader.header()
            body = .forest(Trees(try reader.trees(), features: featureNames.count))
        case .xgboost:
            let reader = try XGBoostReader(text)
            featureNames = reader.featureNames
            body = .forest(Trees(try reader.forest(), features: featureNames.count))
        }
    }

    /// A model of a scorecard made in the same process.
    public init(_ scorecard: Scorecard) {
        (format, featureNames, body) = (.scorecard, scorecard.featureNames, .scorecard(scorecard))
    }

    private static func format(of text: [UInt8]) -> Format? {
        if text.starts(with: Array("tree\n".utf8)) || text.starts(with: Array("tree\r\n".utf8)) { return .lightGBM }
        guard text.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) == 0x7B else { return nil }
        // The name of the project's own comes first in its text; XGBoost's begins with "learner" or "version".
        let head = String(decoding: text.prefix(64), as: UTF8.self)
        return head.contains("\"tillguard-model\"") ? .scorecard : .xgboost
    }

    /// The score in log-odds, without asking for memory.
    ///
    /// - Parameter features: as many as `featureNames`; NaN for a missing one.
    /// - Returns: a number, unless weights beyond all measure leave none: whoever decides by it asks whether it is finite.
    public func margin(_ features: Span<Double>) -> Double {
        precondition(features.count == featureNames.count, "as many features as the model names")
        switch body {
        case .scorecard(let scorecard): return scorecard.margin(features)
        case .forest(let trees): return trees.margin(features)
        }
    }

    /// The probability of fraud that a margin stands for, 0…1.
    public func probability(of margin: Double) -> Double {
        switch body {
        case .scorecard: Real.logistic(margin)
        case .forest(let trees): Real.logistic(trees.forest.sigmoid * margin)
        }
    }

    /// The margin that stands for a probability: −∞ for 0 and less, ∞ for 1 and more.
    public func margin(of probability: Double) -> Double {
        guard probability > 0 else { return -.infinity }
        guard probability < 1 else { return .infinity }
        let margin = Real.log(probability / (1 - probability))
        switch body {
        case .scorecard: return margin
        case .forest(let trees): return margin / trees.forest.sigmoid
        }
    }

    /// What each feature adds to the margin.
    ///
    /// For a scorecard, weight times distance from the mean. For trees, the Shapley values of Lundberg, Erion and Lee
    /// (2018, "Consistent Individualized Feature Attribution for Tree Ensembles", algorithm 2), path dependent: the only
    /// attribution that never calls a feature less important when the model leans on it more, which the cheaper sums along
    /// a path do; and what LightGBM's `pred_contrib` and XGBoost's `pred_contribs` give, so that both sides can be compared.
    /// For explanations, not for the hot path: it takes memory, and a hundred times the margin's time.
    public func contributions(_ features: Span<Double>) -> Contributions {
        precondition(features.count == featureNames.count, "as many features as the model names")
        switch body {
        case .scorecard(let scorecard): return scorecard.contributions(features)
        case .forest(let trees): return trees.forest.contributions(features)
        }
    }
}

/// A margin taken apart: `bias` and all `values` together are the margin to 10⁻⁹.
public struct Contributions: Equatable, Sendable {
    /// The margin of the average case.
    public var bias: Double
    /// One for each feature, in the model's order.
    public var values: [Double]
}
