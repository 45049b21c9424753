// SPDX-License-Identifier: Apache-2.0

/// Reads LightGBM's model text, version 4 (microsoft/LightGBM, `src/boosting/gbdt_model_text.cpp`, `src/io/tree.cpp`).
///
/// `key=value` lines: a header, then a group for each tree, then `end of trees`; what follows is not looked at.
struct LightGBMReader {
    private var lines: ArraySlice<Substring>
    private var features = 0
    /// The sum is divided by the number of trees: a random forest.
    private var isAverage = false
    private var forest = Forest(style: .lightGBM)

    init(_ text: [UInt8]) {
        lines = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline)[...]
    }

    /// The lines up to the next tree or the end, by their keys. A line without "=" is a key alone.
    private mutating func group() -> [(key: Substring, value: Substring)] {
        var group: [(key: Substring, value: Substring)] = []
        while let line = lines.first, !line.hasPrefix("Tree="), line != "end of trees" {
            lines.removeFirst()
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            group.append((parts[0], parts.count > 1 ? parts[1] : ""))
        }
        return group
    }

    /// Reads the lines before the first tree and returns the features' names.
    mutating func header() throws(RiskModelError) -> [String] {
        let header = group()
        func value(_ key: String) throws(RiskModelError) -> Substring {
            guard let line = header.first(where: { $0.key == key }) else { throw RiskModelError(.missing, key) }
            return line.value
        }
        guard header.first?.key == "tree" else { throw RiskModelError(.malformed, "tree") }
        guard try value("version") == "v4" else { throw RiskModelError(.unsupported, "version") }
        guard try value("num_class") == "1" else { throw RiskModelError(.unsupported, "num_class") }
        guard try value("num_tree_per_iteration") == "1"
        else { throw RiskModelError(.unsupported, "num_tree_per_iteration") }
        let objective = try value("objective").split(separator: " ")
        guard objective.first == "binary" else { throw RiskModelError(.unsupported, "objective") }
        for word in objective.dropFirst() where word.hasPrefix("sigmoid:") {
            guard let sigmoid = Double(word.dropFirst(8)), sigmoid.isFinite, sigmoid > 0
            else { throw RiskModelError(.malformed, "objective") }
            forest.sigmoid = sigmoid
        }
        let names = try value("feature_names").split(separator: " ").map(String.init)
        guard names.count <= RiskModelError.Limits.features else { throw RiskModelError(.tooLarge, "feature_names") }
        guard Int(try value("max_feature_idx")) == names.count - 1
        else { throw RiskModelError(.wrongShape, "max_feature_idx") }
        features = names.count
        isAverage = header.contains { $0.key == "average_output" }
        return names
    }

    /// Reads the trees.
    mutating func trees() throws(RiskModelError) -> Forest {
        while let line = lines.first, line.hasPrefix("Tree=") {
            let number = forest.roots.count
            guard Int(line.dropFirst(5)) == number else { throw RiskModelError(.wrongShape, "Tree", tree: number) }
            lines.removeFirst()
            let tree = try LightGBMTree(group(), number: number, forest: &forest)
            try forest.add(tree.raw, features: features)
        }
        guard lines.first == "end of trees" else { throw RiskModelError(.missing, "end of trees") }
        guard !forest.roots.isEmpty else { throw RiskModelError(.missing, "Tree") }
        if isAverage { forest.divisor = Double(forest.roots.count) }
        return forest
    }
}

/// One tree of the text.
private struct LightGBMTree {
    let fields: [(key: Substring, value: Substring)]
    let number: Int
    private(set) var raw = RawTree()

    init(_ fields: [(key: Substring, value: Substring)], number: Int, forest: inout Forest) throws(RiskModelError) {
        (self.fields, self.number) = (fields, number)
        guard let leaves = Int(try value("num_leaves")), leaves >= 1
        else { throw RiskModelError(.malformed, "num_leaves", tree: number) }
        guard leaves <= RiskModelError.Limits.leaves else { throw RiskModelError(.tooLarge, "leaves", tree: number) }
        if let linear = fields.first(where: { $0.key == "is_linear" }), linear.value != "0" {
            throw RiskModelError(.unsupported, "is_linear", tree: number)
        }
        raw.leaves = try reals("leaf_value", leaves)
        // A tree of one leaf has nothing to weigh.
        guard leaves > 1 else {
            raw.leafWeights = [1]
            return
        }
        raw.leafWeights = try reals("leaf_count", leaves)
        raw.nodeWeights = try reals("internal_count", leaves - 1)
        try readNodes(leaves - 1, &forest)
    }

    private mutating func readNodes(_ count: Int, _ forest: inout Forest) throws(RiskModelError) {
        let thresholds = try reals("threshold", count)
        let splits = try integers("split_feature", count)
        let decisions = try integers("decision_type", count)
        let (lefts, rights) = (try integers("left_child", count), try integers("right_child", count))
        let firstSet = forest.categorySets.count
        if try value("num_cat") != "0" { try readCategories(&forest) }
        for index in 0..<count {
            guard let left = Int32(exactly: lefts[index]), let right = Int32(exactly: rights[index]),
                let feature = UInt16(exactly: splits[index])
            else { throw RiskModelError(.wrongShape, "children", tree: number) }
            var node = TreeNode(
                threshold: thresholds[index], feature: feature, flags: try flags(decisions[index]), left: left,
                right: right)
            if node.flags.contains(.categorical) {
                guard let set = Int(exactly: node.threshold), set >= 0, firstSet + set < forest.categorySets.count
                else { throw RiskModelError(.wrongShape, "cat_boundaries", tree: number) }
                node.threshold = Double(firstSet + set)
            }
            raw.nodes.append(node)
        }
    }

    /// Bit 0 categorical, bit 1 default left, bits 2 and 3 what is missing: nothing, zero, NaN.
    private func flags(_ decision: Int) throws(RiskModelError) -> TreeNode.Flags {
        guard (0..<16).contains(decision), decision >> 2 < 3
        else { throw RiskModelError(.malformed, "decision_type", tree: number) }
        var flags: TreeNode.Flags = []
        if decision & 1 != 0 { flags.insert(.categorical) }
        if decision & 2 != 0 { flags.insert(.defaultLeft) }
        if decision >> 2 == 1 { flags.insert(.zeroIsMissing) }
        if decision >> 2 == 2 { flags.insert(.nanIsMissing) }
        return flags
    }

    private func readCategories(_ forest: inout Forest) throws(RiskModelError) {
        guard let count = Int(try value("num_cat")), count > 0, count <= RiskModelError.Limits.leaves
        else { throw RiskModelError(.malformed, "num_cat", tree: number) }
        let bounds = try integers("cat_boundaries", count + 1)
        let words = try integers("cat_threshold", bounds[count])
        guard bounds[0] == 0, zip(bounds, bounds.dropFirst()).allSatisfy({ $0 <= $1 })
        else { throw RiskModelError(.wrongShape, "cat_boundaries", tree: number) }
        for index in 0..<count {
            forest.categorySets.append(
                CategorySet(start: forest.categories.count + bounds[index], words: bounds[index + 1] - bounds[index]))
        }
        for word in words {
            guard let bits = UInt32(exactly: word)
            else { throw RiskModelError(.malformed, "cat_threshold", tree: number) }
            forest.categories.append(bits)
        }
    }

    private func value(_ key: String) throws(RiskModelError) -> Substring {
        guard let field = fields.first(where: { $0.key == key })
        else { throw RiskModelError(.missing, key, tree: number) }
        return field.value
    }

    private func numbers<T>(_ key: String, _ count: Int, _ read: (Substring) -> T?) throws(RiskModelError) -> [T] {
        let words = try value(key).split(separator: " ")
        guard words.count == count else { throw RiskModelError(.wrongShape, key, tree: number) }
        return try words.map { (word) throws(RiskModelError) in
            guard let number = read(word) else { throw RiskModelError(.malformed, key, tree: self.number) }
            return number
        }
    }

    private func reals(_ key: String, _ count: Int) throws(RiskModelError) -> [Double] {
        try numbers(key, count) { Double($0) }
    }

    private func integers(_ key: String, _ count: Int) throws(RiskModelError) -> [Int] {
        try numbers(key, count) { Int($0) }
    }
}
