// SPDX-License-Identifier: Apache-2.0

/// A model over the features that a rule set declares, in the rule set's order.
///
/// It never changes: assigning another one swaps the model at once, and whoever is still scoring goes on with the old one.
public final class BoundModel: Sendable {
    public let model: RiskModel
    /// Of each of the model's features its place among those declared; empty where both orders are the same.
    private let places: [Int]
    public let featureCount: Int

    /// Features of one model at most here, so that gathering them needs the stack alone.
    public static let featuresMax = 128

    /// - Parameter names: the features that there will be.
    /// - Throws: `missing` with the name of a feature that the model wants and nobody declares, `tooLarge`.
    public init(_ model: RiskModel, to names: [String]) throws(RiskModelError) {
        guard model.featureNames.count <= Self.featuresMax else { throw RiskModelError(.tooLarge, "features") }
        featureCount = names.count
        self.model = model
        guard model.featureNames != names else {
            places = []
            return
        }
        var places: [Int] = []
        for wanted in model.featureNames {
            guard let place = names.firstIndex(of: wanted) else { throw RiskModelError(.missing, wanted) }
            places.append(place)
        }
        self.places = places
    }

    /// The score in log-odds of features in the declared order, without asking for memory.
    public func margin(_ features: Span<Double>) -> Double {
        precondition(features.count == featureCount, "as many features as are declared")
        guard !places.isEmpty else { return model.margin(features) }
        var gathered = InlineArray<128, Double>(repeating: 0)
        for (index, place) in places.enumerated() { gathered[index] = features[place] }
        return model.margin(gathered.span.extracting(first: places.count))
    }

    /// The probability of fraud that a margin stands for, 0…1.
    public func probability(of margin: Double) -> Double { model.probability(of: margin) }

    /// The features that speak most for or against, by the size of what each adds to the margin; ties by name.
    public func top(_ count: Int, _ features: [Double]) -> [(name: String, value: Double)] {
        precondition(features.count == featureCount, "as many features as are declared")
        let gathered = places.isEmpty ? features : places.map { features[$0] }
        let parts = zip(model.featureNames, model.contributions(gathered.span).values).filter { $0.1 != 0 }
        return parts.sorted {
            abs($0.1) != abs($1.1) ? abs($0.1) > abs($1.1) : $0.0 < $1.0
        }.prefix(count).map { (name: $0.0, value: $0.1) }
    }
}
