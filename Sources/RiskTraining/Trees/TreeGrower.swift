// SPDX-License-Identifier: Apache-2.0

/// A row's slope and curvature of the loss, or sums of them.
struct Gradient: Sendable {
    var slope = 0.0
    var curvature = 0.0

    static func + (left: Gradient, right: Gradient) -> Gradient {
        Gradient(slope: left.slope + right.slope, curvature: left.curvature + right.curvature)
    }
    static func - (left: Gradient, right: Gradient) -> Gradient {
        Gradient(slope: left.slope - right.slope, curvature: left.curvature - right.curvature)
    }
}

/// Grows one tree on sampled rows and columns, by sums over bins.
struct TreeGrower {
    private let table: BinnedTable
    private let settings: BoostedTrees.Settings
    private let columns: [Int]
    private let gradients: [Gradient]
    private var tree = GrownTree()

    private struct Split {
        var gain = 0.0
        var column = -1
        var bin: UInt8 = 0
        var missingGoesLeft = false
    }

    /// - Parameters:
    ///   - columns: those that the tree may ask, ascending.
    ///   - rows: those it learns from, ascending.
    static func grow(
        _ table: BinnedTable, _ gradients: [Gradient], rows: [Int32], columns: [Int], _ settings: BoostedTrees.Settings
    ) -> GrownTree {
        var grower = TreeGrower(table: table, settings: settings, columns: columns, gradients: gradients)
        _ = grower.grow(rows, grower.histogram(rows), depth: 0)
        return grower.tree
    }

    private init(
        table: BinnedTable, settings: BoostedTrees.Settings, columns: [Int], gradients: [Gradient]
    ) {
        (self.table, self.settings) = (table, settings)
        (self.columns, self.gradients) = (columns, gradients)
    }

    /// Sums of the rows' gradients by bin, 256 bins for each column.
    private func histogram(_ rows: [Int32]) -> [Gradient] {
        var sums = [Gradient](repeating: Gradient(), count: columns.count * 256)
        // Laid side by side once, so that each column reads them in order.
        let own = rows.map { gradients[Int($0)] }
        for (place, column) in columns.enumerated() {
            let bins = table.bins[column]
            let base = place << 8
            for index in rows.indices {
                let bin = base | Int(bins[Int(rows[index])])
                sums[bin].slope += own[index].slope
                sums[bin].curvature += own[index].curvature
            }
        }
        return sums
    }

    private mutating func grow(_ rows: [Int32], _ sums: [Gradient], depth: Int) -> Int {
        let total = sums[..<256].reduce(Gradient(), +)
        let split = depth < settings.depth ? best(sums, total) : Split()
        guard split.gain > 0 else {
            let value = -total.slope / (total.curvature + settings.penalty) * settings.rate
            tree.leaves.append(GrownTree.Leaf(value: value, rows: rows.count, weight: total.curvature))
            return ~(tree.leaves.count - 1)
        }
        let number = tree.nodes.count
        tree.nodes.append(
            GrownTree.Node(
                column: split.column, bin: split.bin, missingGoesLeft: split.missingGoesLeft, left: 0, right: 0,
                rows: rows.count, weight: total.curvature, gain: split.gain))
        let (left, right) = partition(rows, split)
        // Only the smaller side is summed; the other is the difference.
        var (leftSums, rightSums) = ([Gradient](), [Gradient]())
        if depth + 1 <= settings.depth {
            let small = histogram(left.count <= right.count ? left : right)
            let large = zip(sums, small).map { $0 - $1 }
            (leftSums, rightSums) = left.count <= right.count ? (small, large) : (large, small)
        }
        tree.nodes[number].left = grow(left, leftSums, depth: depth + 1)
        tree.nodes[number].right = grow(right, rightSums, depth: depth + 1)
        return number
    }

    private func partition(_ rows: [Int32], _ split: Split) -> (left: [Int32], right: [Int32]) {
        let bins = table.bins[split.column]
        var (left, right) = ([Int32](), [Int32]())
        for row in rows {
            let bin = bins[Int(row)]
            let goesLeft = bin == BinnedTable.missing ? split.missingGoesLeft : bin <= split.bin
            if goesLeft { left.append(row) } else { right.append(row) }
        }
        return (left, right)
    }

    /// The split that lowers the loss most; of equal ones the first by column, then by bin. Gain 0 where none does.
    private func best(_ sums: [Gradient], _ total: Gradient) -> Split {
        var best = Split()
        let whole = score(total)
        for (place, column) in columns.enumerated() {
            let missing = sums[place << 8 | Int(BinnedTable.missing)]
            var before = Gradient()
            for bin in table.thresholds[column].indices {
                before = before + sums[place << 8 | bin]
                for missingGoesLeft in missing.curvature > 0 ? [true, false] : [2 * before.curvature > total.curvature]
                {
                    let left = missingGoesLeft ? before + missing : before
                    let right = total - left
                    guard left.curvature >= settings.weightMin, right.curvature >= settings.weightMin else { continue }
                    let gain = score(left) + score(right) - whole
                    guard gain > best.gain, gain > 1e-9 else { continue }
                    best = Split(gain: gain, column: column, bin: UInt8(bin), missingGoesLeft: missingGoesLeft)
                }
            }
        }
        return best
    }

    private func score(_ sum: Gradient) -> Double { sum.slope * sum.slope / (sum.curvature + settings.penalty) }
}
