// SPDX-License-Identifier: Apache-2.0

/// The nodes of a forest once more, laid out for walking several trees at a time.
///
/// Which way a question sends a transaction cannot be foretold, so a walk with branches waits at every second step, and one
/// tree's steps wait for each other in any case. Here a step is arithmetic, and those of eight trees run side by side. Leaves
/// are nodes that lead to themselves: a walk that has arrived stays while the others go on.
///
/// It is only for forests that ask nothing but whether a number is above a threshold, and for features that are all there and finite.
final class ForestWalk: @unchecked Sendable {
    /// 16 bytes, and places count in eights, since the processor multiplies an index by that and by no more.
    private struct Node {
        /// Of a leaf its value, which no feature is above: it asks for one that is −∞.
        var threshold: Double
        /// Where what is not above goes; what is above goes to the node behind it. Of a leaf its own place.
        var next: UInt32
        var feature: UInt32
        static let width = 2
    }

    // Safe to share: written here and never again.
    private let nodes: UnsafeMutableBufferPointer<Node>
    /// Of every tree, with the last one again until they fill the last group.
    private let roots: UnsafeMutableBufferPointer<UInt32>
    /// Of every group the steps of its longest path.
    private let steps: [Int]
    private let trees: Int
    private let features: Int
    /// As `Forest` has them.
    private let isSingle: Bool
    private let base: Double
    private let divisor: Double

    private static let groupWidth = 8
    /// With one more they fill a kilobyte, which lies on the stack.
    private static let featuresMax = 127

    /// Nil for a forest that it is not for.
    init?(_ forest: Forest, features: Int) {
        let isPlain = forest.nodes.allSatisfy { $0.flags.isDisjoint(with: [.categorical, .zeroIsMissing]) }
        guard isPlain, features <= Self.featuresMax, let last = forest.roots.last else { return nil }
        (self.features, isSingle, trees) = (features, forest.style == .xgboost, forest.roots.count)
        (base, divisor) = (forest.base, forest.divisor)
        var nodes: [Node] = []
        func room(_ count: Int) { nodes += repeatElement(Node(threshold: 0, next: 0, feature: 0), count: count) }
        /// Puts a node at a place, and what is under it behind all that is there.
        ///
        /// - Returns: the steps from there to the leaf that is farthest.
        func put(_ child: Int32, at place: Int) -> Int {
            guard child >= 0 else {
                let value = forest.leaves[Int(~child)]
                nodes[place] = Node(
                    threshold: value, next: UInt32(place * Node.width), feature: UInt32(features))
                return 0
            }
            let (node, next) = (forest.nodes[Int(child)], nodes.count)
            room(2)
            // In single precision `x < threshold` goes left: what is not goes right, the threshold itself among it.
            let threshold = forest.style == .lightGBM ? node.threshold : Double(Float(node.threshold)).nextDown
            nodes[place] = Node(
                threshold: threshold, next: UInt32(next * Node.width), feature: UInt32(node.feature))
            return max(put(node.left, at: next), put(node.right, at: next + 1)) + 1
        }
        let missing = (Self.groupWidth - trees % Self.groupWidth) % Self.groupWidth
        var (roots, depths): ([UInt32], [Int]) = ([], [])
        for root in forest.roots + repeatElement(last, count: missing) {
            roots.append(UInt32(nodes.count * Node.width))
            room(1)
            depths.append(put(root, at: nodes.count - 1))
        }
        steps = stride(from: 0, to: depths.count, by: Self.groupWidth).map {
            depths[$0..<$0 + Self.groupWidth].reduce(0, max)
        }
        self.nodes = .allocate(capacity: nodes.count)
        _ = self.nodes.initialize(from: nodes)
        self.roots = .allocate(capacity: roots.count)
        _ = self.roots.initialize(from: roots)
    }

    deinit {
        nodes.deallocate()
        roots.deallocate()
    }

    /// The margin as `Forest.margin` has it; nil where a feature is missing or infinite.
    func margin(_ features: Span<Double>) -> Double? {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: Self.featuresMax + 1) { values in
            var isWhole = true
            guard features.count == self.features else { return nil }
            for index in features.indices {
                values[index] = isSingle ? Double(Float(features[index])) : features[index]
                isWhole = isWhole && values[index].isFinite
            }
            values[features.count] = -.infinity
            guard isWhole else { return nil }
            let place = UnsafePointer(values.baseAddress.unsafelyUnwrapped)
            if isSingle {
                var sum = Float(base)
                walk(place) { sum += Float($0) }
                return Double(sum)
            }
            var sum = base
            walk(place) { sum += $0 }
            return divisor == 1 ? sum : sum / divisor
        }
    }

    @inline(__always)
    private func walk(_ values: UnsafePointer<Double>, _ body: (Double) -> Void) {
        guard let nodes = UnsafeRawPointer(nodes.baseAddress), let roots = roots.baseAddress else { return }
        for group in steps.indices {
            let root = roots + group * Self.groupWidth
            var (p0, p1, p2, p3) = (root[0], root[1], root[2], root[3])
            var (p4, p5, p6, p7) = (root[4], root[5], root[6], root[7])
            for _ in 0..<steps[group] {
                p0 = Self.step(nodes, p0, values)
                p1 = Self.step(nodes, p1, values)
                p2 = Self.step(nodes, p2, values)
                p3 = Self.step(nodes, p3, values)
                p4 = Self.step(nodes, p4, values)
                p5 = Self.step(nodes, p5, values)
                p6 = Self.step(nodes, p6, values)
                p7 = Self.step(nodes, p7, values)
            }
            var rest = trees - group * Self.groupWidth
            let leaves: InlineArray<8, UInt32> = [p0, p1, p2, p3, p4, p5, p6, p7]
            for index in leaves.indices where rest > 0 {
                body(nodes.load(fromByteOffset: Int(leaves[index]) &* 8, as: Double.self))
                rest -= 1
            }
        }
    }

    @inline(__always)
    private static func step(_ nodes: UnsafeRawPointer, _ place: UInt32, _ values: UnsafePointer<Double>) -> UInt32 {
        // Safe: roots and what follows on a node are places of nodes, and a node's feature lies below the count of values.
        let node = nodes + Int(place) &* 8
        let words = node.load(fromByteOffset: 8, as: UInt64.self)
        let isAbove = values[Int(truncatingIfNeeded: words &>> 32)] > node.load(as: Double.self)
        return UInt32(truncatingIfNeeded: words) &+ (isAbove ? 2 : 0)
    }
}
