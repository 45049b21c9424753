// SPDX-License-Identifier: Apache-2.0

/// Why a text is no model: what is wrong, and where; never a value of the text.
public struct RiskModelError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// Neither a scorecard nor a model of LightGBM or XGBoost.
        case unknownFormat
        /// Not the grammar of its format.
        case malformed
        /// A field that the format has is not there.
        case missing
        /// Right, but of a kind that is not read: several classes, linear leaves, another objective or booster.
        case unsupported
        /// Lengths or indices that do not fit together.
        case wrongShape
        /// A number that is NaN or infinite.
        case notFinite
        /// Beyond one of the `Limits`.
        case tooLarge
    }

    /// What a model may have at most.
    public enum Limits {
        public static let bytes = 32 << 20
        public static let features = 4_096
        public static let trees = 10_000
        /// In one tree.
        public static let leaves = 1_024
        /// Steps from a root to a leaf.
        public static let depth = 64
        /// In all trees together.
        public static let nodes = 1 << 20
    }

    public var code: Code
    /// The format's name of the field.
    public var field: String
    /// The tree, from 0; nil outside the trees.
    public var tree: Int?

    public init(_ code: Code, _ field: String, tree: Int? = nil) {
        (self.code, self.field, self.tree) = (code, field, tree)
    }

    public var description: String {
        let place = tree.map { "tree \($0), \(field)" } ?? field
        switch code {
        case .unknownFormat: return "neither a scorecard nor a model text of LightGBM or JSON of XGBoost"
        case .malformed: return "\(place): not what the format has there"
        case .missing: return "\(place): is not there"
        case .unsupported: return "\(place): of a kind that is not supported"
        case .wrongShape: return "\(place): lengths or indices do not fit together"
        case .notFinite: return "\(place): a number that is not finite"
        case .tooLarge: return "\(place): beyond the limit"
        }
    }
}
