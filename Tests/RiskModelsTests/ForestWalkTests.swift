// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import RiskModels

@Suite("Trees walked side by side")
struct ForestWalkTests {
    @Test(
        "the margin is the plain walk's to the bit, and what is missing or infinite is left to it",
        arguments: ModelVectors.names)
    func agrees(name: String) throws {
        let vectors = try ModelVectors(name)
        guard case .forest(let trees) = try RiskModel(reading: vectors.text).body else { return }
        let asksMore = trees.forest.nodes.contains { !$0.flags.isDisjoint(with: [.categorical, .zeroIsMissing]) }
        #expect((trees.walk == nil) == asksMore)
        guard let walk = trees.walk else { return }
        var random = SeededRandom(seed: 7)
        let thresholds = trees.forest.nodes.map(\.threshold) + [0]
        for index in 0..<2_000 {
            // At thresholds and beside them, where the two ways part.
            let row = vectors.inputs[0].map { _ in
                let threshold = thresholds[random.below(thresholds.count)]
                return [threshold, threshold.nextUp, threshold.nextDown, Double(random.below(100))][random.below(4)]
            }
            #expect(walk.margin(row.span)?.bitPattern == trees.forest.margin(row.span).bitPattern, "\(index)")
        }
        for odd in [Double.nan, .infinity, -.infinity] {
            var row = vectors.inputs[0].map { _ in 1.0 }
            row[2] = odd
            #expect(walk.margin(row.span) == nil)
        }
        #expect(walk.margin([1.0].span) == nil)
    }

    @Test("some of the libraries' models are walked so")
    func used() throws {
        let walked = try ModelVectors.names.filter { name in
            guard case .forest(let trees) = try RiskModel(reading: ModelVectors(name).text).body else { return false }
            return trees.walk != nil
        }
        #expect(
            walked.contains { $0.hasPrefix("lightgbm") } && walked.contains { $0.hasPrefix("xgboost") }, "\(walked)")
    }
}
