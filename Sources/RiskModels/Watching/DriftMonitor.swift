// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Tells how far the features and the score of live traffic have moved from where a model was trained: the population stability
/// index, Σ (share now − share then) · ln(share now / share then) over the reference's bins.
public struct DriftMonitor: Sendable {
    public enum Alarm: Int, Sendable, Comparable {
        case none = 0
        /// An index of 0.1 and more: worth a look.
        case moved = 1
        /// An index of 0.25 and more: the model speaks of another population.
        case drifted = 2

        public static func < (left: Alarm, right: Alarm) -> Bool { left.rawValue < right.rawValue }
    }

    public static let movedFrom = 0.1
    public static let driftedFrom = 0.25
    /// A bin counts as if it held at least this share, so that an empty one does not make the index infinite.
    static let shareMin = 1e-4
    /// Transactions below which there is no index: chance alone would move it.
    public static let countMin = 500

    public let reference: DriftReference
    /// Of each column its bins, one after the other, twelve to a column.
    private var counts: [Int]
    public private(set) var count = 0
    private static let stride = DriftReference.bins + 2

    public init(_ reference: DriftReference) {
        self.reference = reference
        counts = Array(repeating: 0, count: reference.columns.count * Self.stride)
    }

    /// Counts a scored transaction, without asking for memory.
    ///
    /// - Parameter features: in the reference's order.
    public mutating func add(_ features: Span<Double>, score: Double) {
        precondition(features.count == reference.columns.count - 1, "as many features as the reference has")
        for index in features.indices {
            counts[index * Self.stride + reference.columns[index].bin(features[index])] += 1
        }
        let last = features.count
        counts[last * Self.stride + reference.columns[last].bin(score)] += 1
        count += 1
    }

    /// Begins anew, as each day or week does.
    public mutating func reset() {
        count = 0
        for index in counts.indices { counts[index] = 0 }
    }

    /// One column's index and what to make of it.
    public struct Drift: Equatable, Sendable {
        public var name: String
        public var index: Double
        public var alarm: Alarm
    }

    /// Every column, the score last; empty below `countMin`.
    public var drifts: [Drift] {
        guard count >= Self.countMin else { return [] }
        return reference.columns.indices.map { column in
            let index = index(of: column)
            return Drift(
                name: reference.columns[column].name, index: index,
                alarm: index >= Self.driftedFrom ? .drifted : index >= Self.movedFrom ? .moved : .none)
        }
    }

    /// The loudest alarm of all.
    public var alarm: Alarm { drifts.map(\.alarm).max() ?? .none }

    private func index(of column: Int) -> Double {
        let shares = reference.columns[column].shares
        var sum = 0.0
        for bin in shares.indices {
            let now = max(Double(counts[column * Self.stride + bin]) / Double(count), Self.shareMin)
            let then = max(shares[bin], Self.shareMin)
            sum += (now - then) * Real.log(now / then)
        }
        return sum
    }
}
