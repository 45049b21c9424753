// SPDX-License-Identifier: Apache-2.0
import FuzzDriver
import RiskModels
import Vocabulary

/// Models, any text and texts of the three formats with one thing or another wrong: refused with a reason, or a model that scores
/// any features without NaN and whose contributions sum to its margin.
@main
enum RiskModelFuzzer {
    private static let odd = [
        "", "nan", "inf", "-1", "1e999", "65536", "4294967296", "x", "0 0", "-0", "1e-400", "null", "{}",
    ]

    static func main() {
        fuzz { start, count in
            var input = FuzzInput(start, count)
            let text =
                switch input.byte() % 4 {
                case 0: input.rest()
                case 1: Array(RiskModelFuzzer.lightGBM(&input).utf8)
                case 2: Array(RiskModelFuzzer.xgboost(&input).utf8)
                default: Array(RiskModelFuzzer.scorecard(&input).utf8)
                }
            RiskModelFuzzer.check(text, &input)
            if let reference = try? DriftReference(reading: text) { RiskModelFuzzer.watch(reference) }
            return 0
        }
    }

    private static func check(_ text: [UInt8], _ input: inout FuzzInput) {
        do throws(RiskModelError) {
            let model = try RiskModel(reading: text)
            let values = [0, 1, -1, 0.5, 1e300, -1e300, .nan, .infinity, -.infinity, 1e-36, 3]
            for _ in 0..<4 {
                let features = model.featureNames.map { _ in input.element(values) }
                let margin = model.margin(features.span)
                hold(!margin.isNaN, "a margin that is no number")
                hold((0...1).contains(model.probability(of: margin)), "a probability outside 0 to 1")
                compare(model.contributions(features.span), margin)
            }
        } catch {
            hold(!error.description.isEmpty, "refused without a reason")
        }
    }

    private static func compare(_ parts: Contributions, _ margin: Double) {
        let sum = parts.values.reduce(parts.bias, +)
        let size = parts.values.reduce(abs(parts.bias)) { $0 + abs($1) }
        guard margin.isFinite, size.isFinite else { return }
        hold(abs(sum - margin) <= 1e-9 * max(1, size), "contributions that do not sum to the margin")
    }

    private static func watch(_ reference: DriftReference) {
        var monitor = DriftMonitor(reference)
        let features = [Double](repeating: 1, count: reference.columns.count - 1)
        for _ in 0..<DriftMonitor.countMin { monitor.add(features.span, score: .nan) }
        hold(monitor.drifts.allSatisfy { $0.index.isFinite && $0.index >= 0 }, "an index that is none")
    }

    // MARK: Texts

    /// A value, or now and then something else.
    private static func value(_ input: inout FuzzInput, _ sound: String) -> String {
        input.byte() < 4 ? input.element(odd) : sound
    }

    private static func list(_ input: inout FuzzInput, _ count: Int, _ sound: (inout FuzzInput, Int) -> String)
        -> String
    {
        (0..<count).map { value(&input, sound(&input, $0)) }.joined(separator: " ")
    }

    private static func number(_ input: inout FuzzInput) -> String { "\(Double(Int8(bitPattern: input.byte())) / 16)" }

    /// A chain of nodes: the left child is a leaf, the right one the next node or the last leaf.
    private static func lightGBM(_ input: inout FuzzInput) -> String {
        let features = 1 + input.number(below: 5)
        var text = "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\n"
        text += "max_feature_idx=\(value(&input, "\(features - 1)"))\nobjective=\(value(&input, "binary sigmoid:1"))\n"
        if input.byte() & 7 == 0 { text += "average_output\n" }
        text +=
            "feature_names=\((0..<features).map { "f\($0)" }.joined(separator: " "))\nfeature_infos=\ntree_sizes=\n\n"
        for tree in 0..<input.number(below: 4) {
            let nodes = input.number(below: 6)
            text += "Tree=\(tree)\nnum_leaves=\(value(&input, "\(nodes + 1)"))\nnum_cat=\(value(&input, "0"))\n"
            text += "split_feature=\(list(&input, nodes) { input, _ in "\(input.number(below: features))" })\n"
            text += "threshold=\(list(&input, nodes) { input, _ in number(&input) })\n"
            text +=
                "decision_type=\(list(&input, nodes) { input, _ in "\([8, 10, 2, 0, 4, 6][input.number(below: 6)])" })\n"
            text += "left_child=\(list(&input, nodes) { _, node in "\(-1 - node)" })\n"
            text += "right_child=\(list(&input, nodes) { _, node in "\(node + 1 < nodes ? node + 1 : -1 - nodes)" })\n"
            text += "leaf_value=\(list(&input, nodes + 1) { input, _ in number(&input) })\n"
            text += "leaf_weight=\(list(&input, nodes + 1) { input, _ in "\(input.byte())" })\n"
            text += "leaf_count=\(list(&input, nodes + 1) { _, _ in "1" })\n"
            text += "internal_value=\(list(&input, nodes) { _, _ in "0" })\n"
            text += "internal_weight=\(list(&input, nodes) { input, _ in "\(input.byte())" })\n"
            text += "internal_count=\(list(&input, nodes) { _, _ in "2" })\nis_linear=0\nshrinkage=1\n\n\n"
        }
        return text + value(&input, "end of trees\n")
    }

    private static func array(_ input: inout FuzzInput, _ count: Int, _ sound: (inout FuzzInput, Int) -> String)
        -> String
    {
        "[\((0..<count).map { value(&input, sound(&input, $0)) }.joined(separator: ","))]"
    }

    private static func xgboost(_ input: inout FuzzInput) -> String {
        let features = 1 + input.number(below: 4)
        let trees = (0..<input.number(below: 3)).map { tree in xgboostTree(&input, tree, features) }
        return """
            {"learner":{"attributes":{},"feature_names":[\((0..<features).map { "\"f\($0)\"" }.joined(separator: ","))],
            "feature_types":[],"gradient_booster":{"model":{"gbtree_model_param":{"num_parallel_tree":"1",
            "num_trees":"\(trees.count)"},"iteration_indptr":[],"tree_info":\(array(&input, trees.count) { _, _ in "0" }),
            "trees":[\(trees.joined(separator: ","))]},"name":\(value(&input, "\"gbtree\""))},"learner_model_param":{
            "base_score":"[\(value(&input, "5E-1"))]","num_class":"0","num_feature":"\(features)","num_target":"1"},
            "objective":{"name":\(value(&input, "\"binary:logistic\"")),"reg_loss_param":{"scale_pos_weight":"1"}}},
            "version":[3,2,0]}
            """
    }

    private static func xgboostTree(_ input: inout FuzzInput, _ tree: Int, _ features: Int) -> String {
        let splits = input.number(below: 4)
        let count = 2 * splits + 1
        // Node 2n splits into 2n + 1, a leaf, and 2n + 2.
        func isSplit(_ node: Int) -> Bool { node.isMultiple(of: 2) && node < 2 * splits }
        return """
            {"base_weights":\(array(&input, count) { _, _ in "0" }),"categories":[],"categories_nodes":[],
            "categories_segments":[],"categories_sizes":[],"default_left":\(array(&input, count) { input, _ in "\(input.byte() & 1)" }),
            "id":\(tree),"left_children":\(array(&input, count) { _, node in isSplit(node) ? "\(node + 1)" : "-1" }),
            "loss_changes":\(array(&input, count) { _, _ in "0" }),
            "parents":\(array(&input, count) { _, node in node == 0 ? "2147483647" : "\((node - 1) / 2 * 2)" }),
            "right_children":\(array(&input, count) { _, node in isSplit(node) ? "\(node + 2)" : "-1" }),
            "split_conditions":\(array(&input, count) { input, _ in number(&input) }),
            "split_indices":\(array(&input, count) { input, node in isSplit(node) ? "\(input.number(below: features))" : "0" }),
            "split_type":\(array(&input, count) { _, _ in "0" }),
            "sum_hessian":\(array(&input, count) { input, _ in "\(input.byte())" }),
            "tree_param":{"num_deleted":"0","num_feature":"\(features)","num_nodes":"\(count)","size_leaf_vector":"1"}}
            """
    }

    private static func scorecard(_ input: inout FuzzInput) -> String {
        let features = 1 + input.number(below: 4)
        let terms = (0..<input.number(below: 6)).map { _ in
            """
            {"feature":"f\(input.number(below: features))",
            "transform":\(value(&input, input.element(["\"identity\"", "\"log1p\"", "\"square\""]))),
            "mean":\(value(&input, number(&input))),"scale":\(value(&input, number(&input))),
            "weight":\(value(&input, number(&input)))}
            """
        }
        return """
            {"tillguard-model":1,"kind":"scorecard","name":"x",
            "features":[\((0..<features).map { "\"f\($0)\"" }.joined(separator: ","))],
            "bias":\(value(&input, number(&input))),"terms":[\(terms.joined(separator: ","))]}
            """
    }
}
