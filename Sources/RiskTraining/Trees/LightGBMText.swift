// SPDX-License-Identifier: Apache-2.0

/// Writes trees as LightGBM's text, version 4.
struct LightGBMText {
    private let names: [String]
    private let columns: [Int]
    private let table: BinnedTable
    private var trees: [String] = []

    init(_ names: [String], _ columns: [Int], _ table: BinnedTable) {
        (self.names, self.columns, self.table) = (names, columns, table)
    }

    /// Adds a tree, its leaves being moved by `offset` and then multiplied by `scale`.
    mutating func add(_ tree: GrownTree, offset: Double, scale: Double) {
        func line(_ key: String, _ values: [some CustomStringConvertible]) -> String {
            "\(key)=\(values.map(\.description).joined(separator: " "))\n"
        }
        let (nodes, leaves) = (tree.nodes, tree.leaves)
        var text = "Tree=\(trees.count)\nnum_leaves=\(leaves.count)\nnum_cat=0\n"
        text += line("split_feature", nodes.map { columns[$0.column] })
        text += line("split_gain", nodes.map(\.gain))
        text += line("threshold", nodes.map { table.thresholds[$0.column][Int($0.bin)] })
        // NaN is what is missing; bit 1 says whether it goes left.
        text += line("decision_type", nodes.map { 8 | ($0.missingGoesLeft ? 2 : 0) })
        text += line("left_child", nodes.map(\.left))
        text += line("right_child", nodes.map(\.right))
        text += line("leaf_value", leaves.map { ($0.value + offset) * scale })
        text += line("leaf_weight", leaves.map(\.weight))
        text += line("leaf_count", leaves.map(\.rows))
        text += line("internal_value", nodes.map { _ in 0 })
        text += line("internal_weight", nodes.map(\.weight))
        text += line("internal_count", nodes.map(\.rows))
        trees.append(text + "is_linear=0\nshrinkage=1\n\n\n")
    }

    /// The whole text.
    var finished: [UInt8] {
        var text = "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\n"
        text += "max_feature_idx=\(names.count - 1)\nobjective=binary sigmoid:1\n"
        text += "feature_names=\(names.joined(separator: " "))\n"
        text += "feature_infos=\(names.map { _ in "[-inf:inf]" }.joined(separator: " "))\n"
        text += "tree_sizes=\(trees.map { "\($0.utf8.count)" }.joined(separator: " "))\n\n"
        return Array((text + trees.joined() + "end of trees\n").utf8)
    }
}
