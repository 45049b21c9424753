// SPDX-License-Identifier: Apache-2.0

/// Trees in one array, walked as the library that trained them walks them.
struct Forest: Sendable {
    /// Whose rules a question follows, and whose arithmetic the sum.
    enum Style: Sendable {
        /// `x <= threshold` goes left; sums in double precision from 0.
        case lightGBM
        /// `x < threshold` in single precision goes left; sums in single precision from the base margin.
        case xgboost
    }

    var style: Style
    var nodes: [TreeNode] = []
    var leaves: [Double] = []
    /// Rows of the training data, or their curvature, at each node and leaf: what contributions weigh paths by.
    var nodeWeights: [Double] = []
    var leafWeights: [Double] = []
    /// A node, or the complement of a leaf, for each tree.
    var roots: [Int32] = []
    var categories: [UInt32] = []
    var categorySets: [CategorySet] = []
    /// The margin before the first tree.
    var base = 0.0
    /// A random forest's sum is divided by this; 1 for boosted trees.
    var divisor = 1.0
    /// The probability is 1 / (1 + e^(−sigmoid · margin)).
    var sigmoid = 1.0
    /// Steps of the longest path.
    var depth = 0

    func margin(_ features: Span<Double>) -> Double {
        switch style {
        case .lightGBM:
            var sum = base
            for index in roots.indices { sum += leaves[leaf(roots[index], features)] }
            return divisor == 1 ? sum : sum / divisor
        case .xgboost:
            var sum = Float(base)
            for index in roots.indices { sum += Float(leaves[leaf(roots[index], features)]) }
            return Double(sum)
        }
    }

    private func leaf(_ root: Int32, _ features: Span<Double>) -> Int {
        var place = root
        while place >= 0 { place = next(Int(place), features) }
        return Int(~place)
    }

    /// Where a node sends these features.
    @inline(__always)
    func next(_ index: Int, _ features: Span<Double>) -> Int32 {
        let node = nodes[index]
        let value = features[Int(node.feature)]
        let goesLeft = style == .lightGBM ? lightGBMGoesLeft(node, value) : xgboostGoesLeft(node, value)
        return goesLeft ? node.left : node.right
    }

    private func lightGBMGoesLeft(_ node: TreeNode, _ value: Double) -> Bool {
        if node.flags.contains(.categorical) { return value.isFinite && contains(value, node) }
        var value = value
        if value.isNaN, !node.flags.contains(.nanIsMissing) { value = 0 }
        // The library's zero: 1e-35 in single precision.
        let isZero = value >= -0x1.4484bep-117 && value <= 0x1.4484bep-117
        if node.flags.contains(.zeroIsMissing) && isZero || value.isNaN { return node.flags.contains(.defaultLeft) }
        return value <= node.threshold
    }

    private func xgboostGoesLeft(_ node: TreeNode, _ value: Double) -> Bool {
        if value.isNaN { return node.flags.contains(.defaultLeft) }
        // What is in the set goes right; what is no category goes left.
        if node.flags.contains(.categorical) { return value < 0 || !contains(value, node) }
        return Float(value) < Float(node.threshold)
    }

    /// Whether a category, its fraction cut off, is in the node's set; what is negative or beyond the set is not.
    private func contains(_ value: Double, _ node: TreeNode) -> Bool {
        let set = categorySets[Int(node.threshold)]
        guard value > -1, value < Double(set.words * 32) else { return false }
        let category = Int(value)
        return categories[set.start + category / 32] >> UInt32(category % 32) & 1 == 1
    }
}
