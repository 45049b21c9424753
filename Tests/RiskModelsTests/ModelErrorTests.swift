// SPDX-License-Identifier: Apache-2.0
import RiskModels
import Testing
import Vocabulary

@Suite("Texts that are no model")
struct ModelErrorTests {
    private func light(_ old: String, _ new: String) throws -> RiskModelError? {
        let text = String(decoding: try ModelVectors.text("lightgbm-categories.txt"), as: UTF8.self)
        #expect(text.contains(old))
        return readingError(Array(text.replacing(old, with: new, maxReplacements: 1).utf8))
    }

    private func boost(_ old: String, _ new: String, file: String = "xgboost-plain") throws -> RiskModelError? {
        let text = String(decoding: try ModelVectors.text(file + ".json"), as: UTF8.self)
        #expect(text.contains(old))
        return readingError(Array(text.replacing(old, with: new, maxReplacements: 1).utf8))
    }

    @Test("what is neither format is told at once")
    func unknown() {
        for text in ["", "hello", "Tree=0", "\u{1}{}"] {
            #expect(readingError(Array(text.utf8))?.code == .unknownFormat)
        }
        #expect(readingError(Array("{L".utf8))?.code == .malformed)
        #expect(readingError(Array("{}".utf8))?.field == "learner")
    }

    @Test("LightGBM: versions, classes, objectives and leaves that are not read")
    func lightUnsupported() throws {
        #expect(try light("version=v4", "version=v3")?.code == .unsupported)
        #expect(try light("num_class=1", "num_class=3")?.field == "num_class")
        #expect(try light("num_tree_per_iteration=1", "num_tree_per_iteration=2")?.code == .unsupported)
        #expect(try light("objective=binary", "objective=regression")?.field == "objective")
        #expect(try light("sigmoid:1", "sigmoid:-1")?.code == .malformed)
        #expect(try light("is_linear=0", "is_linear=1")?.field == "is_linear")
        #expect(try light("objective=binary sigmoid:1\n", "")?.code == .missing)
    }

    @Test("LightGBM: counts, children and numbers that do not fit")
    func lightShape() throws {
        #expect(try light("max_feature_idx=4", "max_feature_idx=5")?.code == .wrongShape)
        #expect(try light("num_leaves=7", "num_leaves=6")?.code == .wrongShape)
        #expect(try light("num_leaves=7", "num_leaves=5000")?.code == .tooLarge)
        #expect(try light("left_child=1", "left_child=0")?.code == .wrongShape)
        #expect(try light("left_child=1", "left_child=77")?.code == .wrongShape)
        #expect(try light("split_feature=", "split_feature=9999 ")?.code == .wrongShape)
        #expect(try light("leaf_value=", "leaf_value=nan ")?.code == .wrongShape)
        #expect(try light("leaf_value=-", "leaf_value=nan")?.code == .malformed)
        #expect(try light("decision_type=", "decision_type=12")?.code == .malformed)
        #expect(try light("end of trees", "end")?.code == .missing)
        #expect(try light("Tree=1\n", "Tree=2\n")?.tree == 1)
        #expect(try light("cat_boundaries=0", "cat_boundaries=1")?.code == .wrongShape)
    }

    @Test("XGBoost: boosters, objectives and classes that are not read")
    func boostUnsupported() throws {
        #expect(try boost(#""name":"gbtree""#, #""name":"dart""#)?.code == .unsupported)
        #expect(try boost(#""name":"binary:logistic""#, #""name":"rank:pairwise""#)?.field == "objective")
        #expect(try boost(#""num_class":"0""#, #""num_class":"4""#)?.field == "num_class")
        let head = #""num_class":"0","num_feature":"#
        #expect(try boost(head + #""5""#, head + #""6""#)?.code == .wrongShape)
        #expect(try boost(head + #""5""#, head + #""5000""#)?.code == .tooLarge)
    }

    @Test("XGBoost: arrays and children that do not fit")
    func boostShape() throws {
        #expect(try boost(#""left_children":[1,"#, #""left_children":[1,1,"#)?.code == .wrongShape)
        #expect(try boost(#""left_children":[1,"#, #""left_children":[0,"#)?.code == .wrongShape)
        #expect(try boost(#""left_children":[1,"#, #""left_children":[900,"#)?.code == .wrongShape)
        #expect(try boost(#""split_conditions":["#, #""split_conditions":["x","#)?.code == .malformed)
        #expect(try boost(#""split_indices":["#, #""splits":["#)?.code == .missing)
        #expect(
            try boost(#""categories_sizes":["#, #""categories_sizes":[900,"#, file: "xgboost-categories")?.code
                == .wrongShape)
    }

    @Test("a text cut short at any place is refused, or is a model still, and never traps")
    func truncated() throws {
        for name in ["lightgbm-leaf.txt", "lightgbm-categories.txt", "xgboost-categories.json"] {
            let text = try ModelVectors.text(name)
            let end = name.hasSuffix(".txt") ? 0 : text.count
            for length in stride(from: 0, to: text.count, by: 397) {
                let error = readingError(Array(text[..<length]))
                if end > 0 { #expect(error != nil, "\(name) \(length)") }
            }
        }
    }

    @Test("a text with damaged bytes never traps, and what is read answers a finite margin", arguments: [1, 2, 3])
    func damaged(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for name in ["lightgbm-leaf.txt", "lightgbm-categories.txt", "xgboost-categories.json"] {
            let text = try ModelVectors.text(name)
            for _ in 0..<12 {
                var damaged = text
                for _ in 0..<3 { damaged[random.below(text.count)] = UInt8(0x2B + random.below(16)) }
                guard let model = try? RiskModel(reading: damaged) else { continue }
                let features = [Double](repeating: 1, count: model.featureNames.count)
                #expect(model.margin(features.span).isFinite, "seed \(seed)")
            }
        }
    }

    @Test("more than the limit of bytes is refused before anything is read")
    func tooLarge() {
        let text = [UInt8](repeating: 0x20, count: RiskModelError.Limits.bytes + 1)
        #expect(readingError(text)?.code == .tooLarge)
    }
}
