// SPDX-License-Identifier: Apache-2.0

/// The nodes of a forest once more, laid out for walking several trees at a time.
///
/// Which way a question sends a transaction cannot be foretold, so a walk with branches waits at every second step, and one
/// tree's steps wait for each other in any case. Here a step is arithmetic, and those of eight trees run side by side. Leaves
/// are nodes that lead to themselves: a walk that has arrived stays while the others go on.
///
/// It is only for forests that ask nothing but whether a number is above a threshold, and for features that are all there and finite.
final class ForestWalk: @unchecked Sendable {
    /// 16 bytes.
    private struct Node {
        /// Of a leaf its value, which no feature is above: it asks for one that is −∞.
        var threshold: Double
        /// Where what is not above goes; what is above goes to the place behind it. Of a leaf its own place.
        var next: Int32
        var feature: Int32
    }

    // Safe to share: written here and never again.
    private let nodes: UnsafeMutableBufferPointer<Node>
    private let roots: UnsafeMutableBufferPointer<Int32>
    private let features: Int
    private let isSingle: Bool

    private static let width = 8
    /// With one more they fill a kilobyte, which lies on the stack.
    private static let featuresMax = 127

    /// Nil for a forest that it is not for.
    init?(_ forest: Forest, features: Int) {
        let isPlain = forest.nodes.allSatisfy { $0.flags.isDisjoint(with: [.categorical, .zeroIsMissing]) }
        guard isPlain, features <= Self.featuresMax else { return nil }
        (self.features, isSingle) = (features, forest.style == .xgboost)
        var nodes: [Node] = []
        func room(_ count: Int) { nodes += repeatElement(Node(threshold: 0, next: 0, feature: 0), count: count) }
        /// Puts a node at a place, and what is under it behind all that is there.
        func put(_ child: Int32, at place: Int) {
            guard child >= 0 else {
                let value = forest.leaves[Int(~child)]
                nodes[place] = Node(threshold: value, next: Int32(place), feature: Int32(features))
                return
            }
            let (node, next) = (forest.nodes[Int(child)], nodes.count)
            room(2)
            // In single precision `x < threshold` goes left: what is not goes right, the threshold itself among it.
            let threshold = forest.style == .lightGBM ? node.threshold : Double(Float(node.threshold)).nextDown
            nodes[place] = Node(threshold: threshold, next: Int32(next), feature: Int32(node.feature))
            put(node.left, at: next)
            put(node.right, at: next + 1)
        }
        var roots: [Int32] = []
        for root in forest.roots {
            roots.append(Int32(nodes.count))
            room(1)
            put(root, at: nodes.count - 1)
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

    /// Hands the value of every tree to `body`, in the order of the trees; false, and nothing done, where a feature is
    /// missing or infinite.
    @inline(__always)
    func each(_ features: Span<Double>, _ body: (Double) -> Void) -> Bool {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: Self.featuresMax + 1) { values in
            var isWhole = true
            guard features.count == self.features else { return false }
            for index in features.indices {
                values[index] = isSingle ? Double(Float(features[index])) : features[index]
                isWhole = isWhole && values[index].isFinite
            }
            values[features.count] = -.infinity
            guard isWhole else { return false }
            walk(UnsafePointer(values.baseAddress.unsafelyUnwrapped), body)
            return true
        }
    }

    @inline(__always)
    private func walk(_ values: UnsafePointer<Double>, _ body: (Double) -> Void) {
        // Safe: roots and what follows on a node are places of nodes, and a node's feature lies below the count of values.
        guard let nodes = nodes.baseAddress, let roots = roots.baseAddress else { return }
        let count = self.roots.count
        var first = 0
        while first < count {
            // What is left over at the end is filled up with the last tree, whose value is handed on once.
            var places = SIMD8<Int32>()
            for lane in 0..<Self.width { places[lane] = roots[min(first + lane, count - 1)] }
            var last: SIMD8<Int32>
            repeat {
                last = places
                for lane in 0..<Self.width {
                    let node = nodes + Int(places[lane])
                    places[lane] =
                        node.pointee.next &+ (values[Int(node.pointee.feature)] > node.pointee.threshold ? 1 : 0)
                }
            } while places != last
            for lane in 0..<min(Self.width, count - first) { body(nodes[Int(places[lane])].threshold) }
            first += Self.width
        }
    }
}
