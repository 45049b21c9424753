// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// A logistic regression over standardised features: margin = bias + Σ weight · (transformed feature − mean) / scale.
public struct Scorecard: Equatable, Sendable {
    /// What is done with a feature before it is standardised.
    public enum Transform: String, Sendable, CaseIterable {
        case identity
        /// ln(1 + x), x < 0 counting as 0.
        case log1p
        case square

        /// The transformed value of a feature.
        @inlinable
        public func callAsFunction(_ value: Double) -> Double {
            switch self {
            case .identity: value
            case .log1p: Real.log(1 + max(value, 0))
            case .square: value * value
            }
        }
    }

    /// One summand. Several may read the same feature.
    public struct Term: Equatable, Sendable {
        /// An index into `featureNames`.
        public var feature: Int
        public var transform: Transform
        /// The mean and the standard deviation of the transformed feature where the scorecard was trained; `scale` > 0.
        public var mean: Double
        public var scale: Double
        public var weight: Double

        public init(feature: Int, transform: Transform, mean: Double, scale: Double, weight: Double) {
            (self.feature, self.transform) = (feature, transform)
            (self.mean, self.scale, self.weight) = (mean, scale, weight)
        }

        /// What the term adds to the margin. A feature that is not finite is taken as its mean and adds nothing.
        @inlinable
        func value(_ feature: Double) -> Double {
            let transformed = transform(feature)
            return transformed.isFinite ? weight * ((transformed - mean) / scale) : 0
        }
    }

    public var name: String
    public var featureNames: [String]
    public var bias: Double
    public var terms: [Term]

    /// - Throws: `wrongShape` for a term of a feature that is not named or a scale that is not positive, `notFinite`,
    ///   `tooLarge`.
    public init(name: String, featureNames: [String], bias: Double, terms: [Term]) throws(RiskModelError) {
        guard featureNames.count <= RiskModelError.Limits.features, terms.count <= RiskModelError.Limits.features
        else { throw RiskModelError(.tooLarge, "terms") }
        guard bias.isFinite else { throw RiskModelError(.notFinite, "bias") }
        for term in terms {
            guard featureNames.indices.contains(term.feature), term.scale > 0
            else { throw RiskModelError(.wrongShape, "terms") }
            guard term.mean.isFinite, term.scale.isFinite, term.weight.isFinite
            else { throw RiskModelError(.notFinite, "terms") }
        }
        (self.name, self.featureNames, self.bias, self.terms) = (name, featureNames, bias, terms)
    }

    func margin(_ features: Span<Double>) -> Double {
        var sum = bias
        for index in terms.indices { sum += terms[index].value(features[terms[index].feature]) }
        return sum
    }

    func contributions(_ features: Span<Double>) -> Contributions {
        var values = [Double](repeating: 0, count: featureNames.count)
        for term in terms { values[term.feature] += term.value(features[term.feature]) }
        return Contributions(bias: bias, values: values)
    }
}
