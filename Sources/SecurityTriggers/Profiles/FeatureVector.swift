// SPDX-License-Identifier: Apache-2.0

/// The values of all features of one transaction, in the order of `RiskFeature.allCases`, without a block of memory.
public struct FeatureVector: Sendable {
    /// For a model's `margin`: `vector.values.span`.
    public private(set) var values: InlineArray<27, Double>

    init() { values = InlineArray(repeating: 0) }

    /// One feature's value.
    public subscript(feature: RiskFeature) -> Double { values[feature.rawValue] }

    mutating func set(_ feature: RiskFeature, _ value: Double) { values[feature.rawValue] = value }
}
