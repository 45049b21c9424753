// SPDX-License-Identifier: Apache-2.0

/// A table whose values are numbers of bins, column after column: at most 255 bins of about equally many rows.
struct BinnedTable: Sendable {
    /// The bin of a missing value.
    static let missing: UInt8 = 255

    let rows: Int
    /// For each column the bins of all rows.
    private(set) var bins: [[UInt8]] = []
    /// For each column what separates bin b from bin b + 1: values up to it lie in b or before.
    private(set) var thresholds: [[Double]] = []

    /// - Parameter binsMax: 2…255.
    init(_ table: TrainingTable, columns: [Int], binsMax: Int) {
        rows = table.count
        for column in columns {
            let values = (0..<table.count).map { table[$0, column] }
            let thresholds = Self.thresholds(values.filter { !$0.isNaN }.sorted(), binsMax)
            self.thresholds.append(thresholds)
            bins.append(values.map { $0.isNaN ? Self.missing : Self.bin($0, thresholds) })
        }
    }

    /// Halfway between neighbouring values: all of them where they are few, else where about equally many rows lie between.
    private static func thresholds(_ sorted: [Double], _ binsMax: Int) -> [Double] {
        var distinct: [(value: Double, upTo: Int)] = []
        for (index, value) in sorted.enumerated() {
            if distinct.last?.value == value {
                distinct[distinct.count - 1].upTo = index + 1
            } else {
                distinct.append((value, index + 1))
            }
        }
        var thresholds: [Double] = []
        var filled = 0
        for index in distinct.indices.dropLast() {
            let share = distinct.count <= binsMax ? 0 : (sorted.count - filled) / (binsMax - thresholds.count)
            guard distinct[index].upTo - filled >= max(share, 1), thresholds.count < binsMax - 1 else { continue }
            filled = distinct[index].upTo
            let (low, high) = (distinct[index].value, distinct[index + 1].value)
            let middle = low + (high - low) / 2
            thresholds.append(middle < high ? middle : low)
        }
        return thresholds
    }

    /// How many thresholds lie below a value.
    private static func bin(_ value: Double, _ thresholds: [Double]) -> UInt8 {
        var (low, high) = (0, thresholds.count)
        while low < high {
            let middle = (low + high) / 2
            if value <= thresholds[middle] { high = middle } else { low = middle + 1 }
        }
        return UInt8(low)
    }
}
