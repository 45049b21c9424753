// SPDX-License-Identifier: Apache-2.0
import RiskModels
import SecurityTriggers
import Vocabulary

/// Scores transactions as they come: profiles of cards and terminals, the model in force, a model that only watches, and how far the
/// traffic has moved from where the model was trained.
///
///     var scorer = try Scorer(model: model, drift: reference, profiles: .init(currency: .eur))
///     let score = scorer.score(transaction)            // before the decision; asks for no memory
///     let traits = scorer.apply(transaction)           // after it
///     scorer.apply(label)                              // when it becomes known
///     try scorer.swap(to: better, drift: itsReference) // at once; profiles stay
public struct Scorer: Sendable {
    /// What a model says of one transaction.
    public struct Score: Sendable {
        public let features: FeatureVector
        /// Log-odds.
        public let margin: Double
        /// 0…1.
        public let probability: Double
    }

    public private(set) var profiles: RiskProfiles
    public private(set) var model: BoundModel
    /// Nil where no model watches.
    public private(set) var comparison: ModelComparison?
    /// Nil where the model came without a reference.
    public private(set) var drift: DriftMonitor?

    /// - Throws: `missing` for a model that wants a feature that is none of `RiskFeature`, `wrongShape` for a reference of others.
    public init(
        model: RiskModel, drift: DriftReference? = nil, profiles: RiskProfiles.Configuration
    ) throws(RiskModelError) {
        self.profiles = RiskProfiles(profiles)
        self.model = try BoundModel(model, to: RiskFeature.names)
        self.drift = try Self.monitor(drift)
    }

    /// The score of a transaction, given all that was applied before it. It is counted for drift and for the watching model, and
    /// changes nothing else.
    public mutating func score(_ transaction: ProfiledTransaction) -> Score {
        let features = profiles.features(of: transaction)
        let margin = comparison?.score(features.values.span) ?? model.margin(features.values.span)
        drift?.add(features.values.span, score: margin)
        return Score(features: features, margin: margin, probability: model.probability(of: margin))
    }

    /// The features that speak most for or against, by what each adds to the margin. For an explanation: it takes memory.
    public func top(_ count: Int, of score: Score) -> [(name: String, value: Double)] {
        model.top(count, RiskFeature.allCases.map { score.features[$0] })
    }

    /// Takes in a transaction once its outcome is known.
    @discardableResult
    public mutating func apply(_ transaction: ProfiledTransaction) -> TransactionTraits { profiles.apply(transaction) }

    /// Takes in what became known of a transaction that was applied.
    public mutating func apply(_ label: TransactionLabel) { profiles.apply(label) }

    // MARK: Models

    /// Puts another model in force with the next transaction; profiles stay, drift and comparison begin anew.
    ///
    /// - Throws: as the initialiser; the model in force then stays.
    public mutating func swap(to model: RiskModel, drift: DriftReference? = nil) throws(RiskModelError) {
        let bound = try BoundModel(model, to: RiskFeature.names)
        let monitor = try Self.monitor(drift)
        (self.model, self.drift, comparison) = (bound, monitor, nil)
    }

    /// Lets a model watch beside the one in force.
    ///
    /// - Parameters:
    ///   - threshold: the margin from which the model in force speaks up.
    ///   - shadowThreshold: and the watching one.
    public mutating func watch(
        _ model: RiskModel, threshold: Double, shadowThreshold: Double
    ) throws(RiskModelError) {
        comparison = ModelComparison(
            live: self.model, shadow: try BoundModel(model, to: RiskFeature.names), liveThreshold: threshold,
            shadowThreshold: shadowThreshold)
    }

    /// Begins counting drift anew, as each day or week does.
    public mutating func resetDrift() { drift?.reset() }

    private static func monitor(_ reference: DriftReference?) throws(RiskModelError) -> DriftMonitor? {
        guard let reference else { return nil }
        guard reference.columns.map(\.name) == RiskFeature.names + [DriftReference.score] else {
            throw RiskModelError(.wrongShape, "columns")
        }
        return DriftMonitor(reference)
    }
}
