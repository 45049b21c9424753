// SPDX-License-Identifier: Apache-2.0

/// One tree as its format has it: questions and leaves in arrays of their own, children as in `TreeNode`.
struct RawTree {
    var nodes: [TreeNode] = []
    var nodeWeights: [Double] = []
    var leaves: [Double] = []
    var leafWeights: [Double] = []
}

extension Forest {
    /// Takes a tree over after looking at all of it: every node and leaf hangs on exactly one place under the root, every
    /// feature is one of the model's, every number is finite, and no path is too long.
    mutating func add(_ tree: RawTree, features: Int) throws(RiskModelError) {
        let number = roots.count
        func failure(_ code: RiskModelError.Code, _ field: String) -> RiskModelError {
            RiskModelError(code, field, tree: number)
        }
        guard number < RiskModelError.Limits.trees else { throw failure(.tooLarge, "trees") }
        guard tree.leaves.count <= RiskModelError.Limits.leaves,
            nodes.count + tree.nodes.count <= RiskModelError.Limits.nodes
        else { throw failure(.tooLarge, "leaves") }
        guard tree.leaves.count == tree.nodes.count + 1, tree.nodeWeights.count == tree.nodes.count,
            tree.leafWeights.count == tree.leaves.count
        else { throw failure(.wrongShape, "leaves") }
        guard tree.leaves.allSatisfy(\.isFinite) else { throw failure(.notFinite, "leaves") }
        guard (tree.nodeWeights + tree.leafWeights).allSatisfy({ $0.isFinite && $0 >= 0 })
        else { throw failure(.notFinite, "weights") }
        for node in tree.nodes {
            guard Int(node.feature) < features else { throw failure(.wrongShape, "features") }
            guard node.threshold.isFinite else { throw failure(.notFinite, "thresholds") }
        }
        guard let depth = Self.depth(of: tree) else { throw failure(.wrongShape, "children") }
        guard depth <= RiskModelError.Limits.depth else { throw failure(.tooLarge, "depth") }

        let (firstNode, firstLeaf) = (Int32(nodes.count), Int32(leaves.count))
        func moved(_ child: Int32) -> Int32 { child >= 0 ? child + firstNode : child - firstLeaf }
        for var node in tree.nodes {
            (node.left, node.right) = (moved(node.left), moved(node.right))
            nodes.append(node)
        }
        roots.append(tree.nodes.isEmpty ? ~firstLeaf : firstNode)
        nodeWeights += tree.nodeWeights
        leaves += tree.leaves
        leafWeights += tree.leafWeights
        self.depth = max(self.depth, depth)
    }

    /// The longest path of a tree; nil where the children do not make one tree of all nodes and leaves.
    private static func depth(of tree: RawTree) -> Int? {
        guard !tree.nodes.isEmpty else { return 0 }
        var seenNodes = [Bool](repeating: false, count: tree.nodes.count)
        var seenLeaves = [Bool](repeating: false, count: tree.leaves.count)
        var open: [(place: Int32, depth: Int)] = [(0, 0)]
        var depth = 0
        var count = 0
        while let (place, steps) = open.popLast() {
            depth = max(depth, steps)
            count += 1
            if place < 0 {
                guard Int(~place) < seenLeaves.count, !seenLeaves[Int(~place)] else { return nil }
                seenLeaves[Int(~place)] = true
            } else {
                guard Int(place) < seenNodes.count, !seenNodes[Int(place)] else { return nil }
                seenNodes[Int(place)] = true
                open.append((tree.nodes[Int(place)].left, steps + 1))
                open.append((tree.nodes[Int(place)].right, steps + 1))
            }
        }
        return count == tree.nodes.count + tree.leaves.count ? depth : nil
    }
}
