// SPDX-License-Identifier: Apache-2.0

/// One question of a tree, 24 bytes. What leads to a leaf is the complement of the leaf's index.
struct TreeNode: Sendable {
    /// The value compared with; of a categorical question the index of its set.
    var threshold: Double
    var feature: UInt16
    var flags: Flags
    var left: Int32
    var right: Int32

    struct Flags: OptionSet, Sendable {
        let rawValue: UInt16
        static let categorical = Flags(rawValue: 1)
        /// A missing value goes left.
        static let defaultLeft = Flags(rawValue: 2)
        /// Zero counts as missing (LightGBM).
        static let zeroIsMissing = Flags(rawValue: 4)
        /// NaN counts as missing; without it NaN is taken as 0 (LightGBM).
        static let nanIsMissing = Flags(rawValue: 8)
    }
}

/// The categories of a question: bits from `start` in the forest's words, 32 a word.
struct CategorySet: Sendable {
    var start: Int
    var words: Int
}
