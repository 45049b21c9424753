// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Reads XGBoost's JSON (dmlc/xgboost, `src/learner.cc`, `src/tree/io_utils.h`) of a `gbtree` booster with the objective
/// `binary:logistic`. The binary form of JSON that the library writes by default is not read: save as `.json`.
struct XGBoostReader {
    let featureNames: [String]
    private let base: Double
    private let trees: [JSON]

    init(_ text: [UInt8]) throws(RiskModelError) {
        let learner = try JSON(model: text).member("learner")
        let parameters = try learner.member("learner_model_param")
        guard try learner.member("objective").member("name").string == "binary:logistic"
        else { throw RiskModelError(.unsupported, "objective") }
        guard ["0", "1"].contains(parameters["num_class"]?.string ?? "0"),
            ["0", "1"].contains(parameters["num_target"]?.string ?? "1")
        else { throw RiskModelError(.unsupported, "num_class") }
        guard let count = Int(parameters["num_feature"]?.string ?? ""), count >= 0
        else { throw RiskModelError(.missing, "num_feature") }
        guard count <= RiskModelError.Limits.features else { throw RiskModelError(.tooLarge, "num_feature") }
        let names = try learner["feature_names"]?.strings("feature_names") ?? []
        guard names.isEmpty || names.count == count else { throw RiskModelError(.wrongShape, "feature_names") }
        featureNames = names.isEmpty ? (0..<count).map { "f\($0)" } : names
        base = try Self.baseMargin(parameters)
        let booster = try learner.member("gradient_booster")
        guard try booster.member("name").string == "gbtree" else { throw RiskModelError(.unsupported, "name") }
        guard let trees = try booster.member("model").member("trees").array
        else { throw RiskModelError(.malformed, "trees") }
        guard !trees.isEmpty else { throw RiskModelError(.missing, "trees") }
        self.trees = trees
    }

    /// `base_score` is a probability, as text: `5E-1`, since version 3.1 `[5E-1]`. Its margin is a single.
    private static func baseMargin(_ parameters: JSON) throws(RiskModelError) -> Double {
        guard var text = parameters["base_score"]?.string?[...] else { throw RiskModelError(.missing, "base_score") }
        if text.hasPrefix("["), text.hasSuffix("]") { text = text.dropFirst().dropLast() }
        guard let score = Float(text), score > 0, score < 1 else { throw RiskModelError(.malformed, "base_score") }
        return Double(-Float(Real.log(Double(1 / score - 1))))
    }

    func forest() throws(RiskModelError) -> Forest {
        var forest = Forest(style: .xgboost)
        forest.base = base
        for (number, json) in trees.enumerated() {
            let tree = try XGBoostTree(json, number: number, forest: &forest)
            try forest.add(tree.raw, features: featureNames.count)
        }
        return forest
    }
}

/// One tree: nodes and leaves are numbered together, and a leaf's value stands where a node has its condition.
private struct XGBoostTree {
    let number: Int
    private(set) var raw = RawTree()

    init(_ json: JSON, number: Int, forest: inout Forest) throws(RiskModelError) {
        self.number = number
        func integers(_ name: String) throws(RiskModelError) -> [Int] {
            try json.member(name, tree: number).integers(name, tree: number)
        }
        let (lefts, rights) = (try integers("left_children"), try integers("right_children"))
        let (features, defaults) = (try integers("split_indices"), try integers("default_left"))
        let conditions = try json.member("split_conditions", tree: number).reals("split_conditions", tree: number)
        let weights = try json.member("sum_hessian", tree: number).reals("sum_hessian", tree: number)
        let types = try json["split_type"]?.integers("split_type", tree: number) ?? lefts.map { _ in 0 }
        let count = lefts.count
        guard count > 0,
            [rights.count, features.count, defaults.count, conditions.count, weights.count, types.count]
                .allSatisfy({ $0 == count })
        else { throw RiskModelError(.wrongShape, "left_children", tree: number) }
        let sets = try categories(json, &forest)

        let places = try places(lefts, rights)
        for index in 0..<count where places[index] != nil {
            guard lefts[index] >= 0 else {
                raw.leaves.append(conditions[index])
                raw.leafWeights.append(weights[index])
                continue
            }
            guard let feature = UInt16(exactly: features[index]), let left = places[lefts[index]],
                let right = places[rights[index]]
            else { throw RiskModelError(.wrongShape, "split_indices", tree: number) }
            var node = TreeNode(
                threshold: conditions[index], feature: feature, flags: defaults[index] != 0 ? .defaultLeft : [],
                left: left, right: right)
            if types[index] == 1 {
                guard let set = sets.first(where: { $0.node == index })?.set
                else { throw RiskModelError(.missing, "categories_nodes", tree: number) }
                node.flags.insert(.categorical)
                node.threshold = Double(set)
            } else if types[index] != 0 {
                throw RiskModelError(.unsupported, "split_type", tree: number)
            }
            raw.nodes.append(node)
            raw.nodeWeights.append(weights[index])
        }
    }

    /// Where each node and leaf under the root goes; nil for one that training cut off, which is left out.
    private func places(_ lefts: [Int], _ rights: [Int]) throws(RiskModelError) -> [Int32?] {
        var isReached = [Bool](repeating: false, count: lefts.count)
        var open = [0]
        while let index = open.popLast() {
            guard lefts.indices.contains(index), !isReached[index], (lefts[index] < 0) == (rights[index] < 0)
            else { throw RiskModelError(.wrongShape, "left_children", tree: number) }
            isReached[index] = true
            if lefts[index] >= 0 { open += [lefts[index], rights[index]] }
        }
        var (nodes, leaves) = (Int32(0), Int32(0))
        return lefts.indices.map { index in
            guard isReached[index] else { return nil }
            if lefts[index] >= 0 {
                nodes += 1
                return nodes - 1
            }
            leaves += 1
            return ~(leaves - 1)
        }
    }

    /// The sets of categorical questions, by their node.
    private func categories(_ json: JSON, _ forest: inout Forest) throws(RiskModelError) -> [(node: Int, set: Int)] {
        guard let nodes = try json["categories_nodes"]?.integers("categories_nodes", tree: number), !nodes.isEmpty
        else { return [] }
        func integers(_ name: String) throws(RiskModelError) -> [Int] {
            try json.member(name, tree: number).integers(name, tree: number)
        }
        let (values, starts) = (try integers("categories"), try integers("categories_segments"))
        let sizes = try integers("categories_sizes")
        guard starts.count == nodes.count, sizes.count == nodes.count, nodes.count <= RiskModelError.Limits.leaves
        else { throw RiskModelError(.wrongShape, "categories_segments", tree: number) }
        var sets: [(node: Int, set: Int)] = []
        for index in nodes.indices {
            let (start, size) = (starts[index], sizes[index])
            guard start >= 0, size >= 0, start <= values.count, size <= values.count - start
            else { throw RiskModelError(.wrongShape, "categories_sizes", tree: number) }
            let members = values[start..<start + size]
            guard members.allSatisfy({ (0..<65_536).contains($0) })
            else { throw RiskModelError(.tooLarge, "categories", tree: number) }
            let words = (members.max() ?? 0) / 32 + 1
            let first = forest.categories.count
            guard first + words <= RiskModelError.Limits.nodes
            else { throw RiskModelError(.tooLarge, "categories", tree: number) }
            forest.categories += [UInt32](repeating: 0, count: words)
            for member in members { forest.categories[first + member / 32] |= 1 << UInt32(member % 32) }
            sets.append((nodes[index], forest.categorySets.count))
            forest.categorySets.append(CategorySet(start: first, words: words))
        }
        return sets
    }
}
