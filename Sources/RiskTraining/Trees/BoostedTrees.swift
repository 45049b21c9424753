// SPDX-License-Identifier: Apache-2.0
import RiskModels
import Vocabulary

/// Trains gradient-boosted trees on the logistic loss, second order, over histograms of at most 255 bins.
///
/// Several forests, each with its own seed, are averaged in the margin: their trees stand one behind the other with leaves
/// divided by the number of forests. The same table, settings and seed give the same text on every machine.
public struct BoostedTrees: Sendable {
    public struct Settings: Equatable, Sendable {
        public var trees = 100
        public var depth = 3
        /// What each tree's leaves are multiplied by.
        public var rate = 0.1
        /// Shares of the rows and columns that each tree is grown on, 0…1.
        public var rowShare = 0.8
        public var columnShare = 0.6
        /// λ, added to the curvature of every leaf.
        public var penalty = 1.0
        /// Curvature that both sides of a split must have.
        public var weightMin = 1.0
        public var bins = 255
        public var forests = 5
        public init() {}
    }

    public var settings: Settings
    /// The columns that trees may ask; all where nil.
    public var columns: [Int]?

    public init(settings: Settings = Settings(), columns: [Int]? = nil) {
        precondition(
            settings.trees > 0 && settings.forests > 0 && (1...10).contains(settings.depth), "trees of a depth")
        precondition((2...255).contains(settings.bins), "bins fit into a byte beside the one of missing values")
        (self.settings, self.columns) = (settings, columns)
    }

    /// - Returns: the model as LightGBM's text, which `RiskModel` and LightGBM itself read.
    /// - Throws: `oneClass` for a table without fraud or with nothing else.
    public func train(_ table: TrainingTable, seed: UInt64) throws(TrainingError) -> [UInt8] {
        guard table.frauds > 0, table.frauds < table.count else { throw .oneClass }
        guard table.names.count <= RiskModelError.Limits.features,
            settings.trees * settings.forests <= RiskModelError.Limits.trees
        else { throw .tooLarge }
        let columns = columns ?? Array(table.names.indices)
        let binned = BinnedTable(table, columns: columns, binsMax: settings.bins)
        let share = Double(table.frauds) / Double(table.count)
        let base = Real.log(share / (1 - share))
        var text = LightGBMText(table.names, columns, binned)
        for forest in 0..<settings.forests {
            var random = SeededRandom(seed: seed &+ UInt64(forest) &* 0x9E37_79B9)
            for (index, tree) in grow(binned, table.labels, base, &random).enumerated() {
                // The margin before the first tree goes into its leaves.
                text.add(tree, offset: index == 0 ? base : 0, scale: 1 / Double(settings.forests))
            }
        }
        return text.finished
    }

    private func grow(
        _ table: BinnedTable, _ labels: [Bool], _ base: Double, _ random: inout SeededRandom
    ) -> [GrownTree] {
        var margins = [Double](repeating: base, count: table.rows)
        var gradients = [Gradient](repeating: Gradient(), count: table.rows)
        var trees: [GrownTree] = []
        for _ in 0..<settings.trees {
            for row in margins.indices {
                let probability = Real.logistic(margins[row])
                gradients[row] = Gradient(
                    slope: probability - (labels[row] ? 1 : 0), curvature: probability * (1 - probability))
            }
            let tree = TreeGrower.grow(
                table, gradients, rows: sampledRows(table.rows, &random),
                columns: sampledColumns(table.bins.count, &random), settings)
            for row in margins.indices { margins[row] += tree.leaves[tree.leaf(row, table)].value }
            trees.append(tree)
        }
        return trees
    }

    private func sampledRows(_ count: Int, _ random: inout SeededRandom) -> [Int32] {
        guard settings.rowShare < 1 else { return Array(0..<Int32(count)) }
        let limit = UInt64(settings.rowShare * 0x1p32)
        return (0..<Int32(count)).filter { _ in random.next() >> 32 < limit }
    }

    private func sampledColumns(_ count: Int, _ random: inout SeededRandom) -> [Int] {
        var columns = Array(0..<count)
        let wanted = max(1, Int((settings.columnShare * Double(count)).rounded()))
        while columns.count > wanted { columns.remove(at: random.below(columns.count)) }
        return columns
    }
}
