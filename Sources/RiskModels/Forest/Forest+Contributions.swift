// SPDX-License-Identifier: Apache-2.0

extension Forest {
    /// Shapley values of the trees, path dependent (Lundberg, Erion and Lee 2018, algorithm 2).
    ///
    /// The bias is the margin less all values: the average over the training data but for the rounding of single precision,
    /// which XGBoost's margin has and the values have not.
    func contributions(_ features: Span<Double>) -> Contributions {
        var attribution = TreeAttribution(forest: self, count: features.count)
        for root in roots { attribution.add(root, features) }
        let values = attribution.values.map { divisor == 1 ? $0 : $0 / divisor }
        return Contributions(bias: margin(features) - values.reduce(0, +), values: values)
    }
}

/// The walk over one forest that sums what each feature adds.
private struct TreeAttribution {
    /// One feature on the path from the root: the share of the training data that follows the path where the feature is
    /// unknown (`zero`) and whether the features in hand do (`one`), and the weight of the subsets of that size.
    struct Step {
        var feature: Int
        var zero: Double
        var one: Double
        var weight: Double
    }

    let forest: Forest
    var values: [Double]
    /// The paths of all depths one behind the other; a node of depth d copies d + 1 steps.
    private var steps: [Step]

    init(forest: Forest, count: Int) {
        self.forest = forest
        values = Array(repeating: 0, count: count)
        let longest = forest.depth + 2
        steps = Array(repeating: Step(feature: -1, zero: 0, one: 0, weight: 0), count: longest * (longest + 1) / 2 + 1)
    }

    mutating func add(_ root: Int32, _ features: Span<Double>) {
        guard root >= 0 else { return }
        walk(root, features, from: 0, length: 0, Step(feature: -1, zero: 1, one: 1, weight: 0))
    }

    private func weight(_ place: Int32) -> Double {
        place >= 0 ? forest.nodeWeights[Int(place)] : forest.leafWeights[Int(~place)]
    }

    /// - Parameters:
    ///   - start: where the parent's path lies in `steps`, `length` steps long.
    ///   - last: the question just answered.
    private mutating func walk(_ place: Int32, _ features: Span<Double>, from start: Int, length: Int, _ last: Step) {
        let base = start + length
        for index in 0..<length { steps[base + index] = steps[start + index] }
        var length = length
        extend(base, &length, last)
        guard place >= 0 else { return settle(base, length, forest.leaves[Int(~place)]) }
        let node = forest.nodes[Int(place)]
        let feature = Int(node.feature)
        let hot = forest.next(Int(place), features)
        let cold = hot == node.left ? node.right : node.left
        // A feature asked twice is taken off the path first: its shares go on with what they were.
        var (zero, one) = (1.0, 1.0)
        if let index = (1..<length).first(where: { steps[base + $0].feature == feature }) {
            (zero, one) = (steps[base + index].zero, steps[base + index].one)
            unwind(base, &length, index)
        }
        for (child, follows) in [(hot, one), (cold, 0)] {
            let share = share(of: child, hot, cold)
            walk(
                child, features, from: base, length: length,
                Step(feature: feature, zero: zero * share, one: follows, weight: 0))
        }
    }

    /// The share of the parent's training data at a child; never 0, which could not be taken off a path again.
    private func share(of child: Int32, _ hot: Int32, _ cold: Int32) -> Double {
        let total = weight(hot) + weight(cold)
        return total > 0 ? max(weight(child) / total, 1e-12) : 0.5
    }

    private mutating func extend(_ base: Int, _ length: inout Int, _ step: Step) {
        let depth = length
        steps[base + depth] = Step(
            feature: step.feature, zero: step.zero, one: step.one, weight: depth == 0 ? 1 : 0)
        for index in stride(from: depth - 1, through: 0, by: -1) {
            let weight = steps[base + index].weight
            steps[base + index + 1].weight += step.one * weight * Double(index + 1) / Double(depth + 1)
            steps[base + index].weight = step.zero * weight * Double(depth - index) / Double(depth + 1)
        }
        length += 1
    }

    private mutating func unwind(_ base: Int, _ length: inout Int, _ index: Int) {
        let depth = length - 1
        let (zero, one) = (steps[base + index].zero, steps[base + index].one)
        var next = steps[base + depth].weight
        for place in stride(from: depth - 1, through: 0, by: -1) {
            let weight = steps[base + place].weight
            if one != 0 {
                steps[base + place].weight = next * Double(depth + 1) / (Double(place + 1) * one)
                next = weight - steps[base + place].weight * zero * Double(depth - place) / Double(depth + 1)
            } else {
                steps[base + place].weight = weight * Double(depth + 1) / (zero * Double(depth - place))
            }
        }
        for place in index..<depth {
            steps[base + place].feature = steps[base + place + 1].feature
            steps[base + place].zero = steps[base + place + 1].zero
            steps[base + place].one = steps[base + place + 1].one
        }
        length -= 1
    }

    /// The sum of the weights that `unwind` would leave.
    private func unwound(_ base: Int, _ length: Int, _ index: Int) -> Double {
        let depth = length - 1
        let (zero, one) = (steps[base + index].zero, steps[base + index].one)
        var next = steps[base + depth].weight
        var total = 0.0
        for place in stride(from: depth - 1, through: 0, by: -1) {
            let weight = steps[base + place].weight
            if one != 0 {
                let part = next * Double(depth + 1) / (Double(place + 1) * one)
                total += part
                next = weight - part * zero * Double(depth - place) / Double(depth + 1)
            } else {
                total += weight * Double(depth + 1) / (zero * Double(depth - place))
            }
        }
        return total
    }

    private mutating func settle(_ base: Int, _ length: Int, _ leaf: Double) {
        for index in 1..<length {
            let step = steps[base + index]
            values[step.feature] += unwound(base, length, index) * (step.one - step.zero) * leaf
        }
    }
}
