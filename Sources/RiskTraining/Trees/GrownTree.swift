// SPDX-License-Identifier: Apache-2.0

/// A tree as training makes it; what leads to a leaf is the complement of the leaf's index.
struct GrownTree: Sendable {
    struct Node: Sendable {
        /// A column of the binned table.
        var column: Int
        /// Bins up to this one go left.
        var bin: UInt8
        var missingGoesLeft: Bool
        var left: Int
        var right: Int
        /// Rows of the training table that came here, and their curvature.
        var rows: Int
        var weight: Double
        var gain: Double
    }

    struct Leaf: Sendable {
        var value: Double
        var rows: Int
        var weight: Double
    }

    var nodes: [Node] = []
    var leaves: [Leaf] = []

    /// The leaf of a row.
    func leaf(_ row: Int, _ table: BinnedTable) -> Int {
        var place = nodes.isEmpty ? ~0 : 0
        while place >= 0 {
            let node = nodes[place]
            let bin = table.bins[node.column][row]
            let goesLeft = bin == BinnedTable.missing ? node.missingGoesLeft : bin <= node.bin
            place = goesLeft ? node.left : node.right
        }
        return ~place
    }
}
