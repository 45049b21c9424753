// SPDX-License-Identifier: Apache-2.0

/// Transactions with their features and what they proved to be: what models are trained on.
public struct TrainingTable: Sendable {
    /// The features' names, in the order of a row.
    public let names: [String]
    /// Row after row; NaN for a missing value.
    public private(set) var values: [Double] = []
    /// Whether each row was a fraud.
    public private(set) var labels: [Bool] = []

    public init(names: [String]) { self.names = names }

    public var count: Int { labels.count }
    public var frauds: Int { labels.count { $0 } }

    /// Adds a row of as many features as there are names.
    public mutating func append(_ features: Span<Double>, isFraud: Bool) {
        precondition(features.count == names.count, "as many features as names")
        for index in features.indices { values.append(features[index]) }
        labels.append(isFraud)
    }

    /// One value.
    @inlinable
    public subscript(row: Int, column: Int) -> Double { values[row * names.count + column] }

    /// The features of a row.
    public func row(_ row: Int) -> [Double] { Array(values[row * names.count..<(row + 1) * names.count]) }

    /// `tx_id,<features>,label` and a line for each row, doubles with as many digits as give them back, nothing for NaN: what
    /// a model trained elsewhere is given, so that it scores the same here.
    ///
    /// - Parameter ids: one for each row.
    public func csv(ids: [String]) -> [UInt8] {
        precondition(ids.count == count, "as many ids as rows")
        var output = Array("tx_id,\(names.joined(separator: ",")),label\n".utf8)
        for row in 0..<count {
            output += ids[row].utf8
            for column in names.indices {
                output.append(0x2C)
                let value = self[row, column]
                if !value.isNaN { output += "\(value)".utf8 }
            }
            output += labels[row] ? ",1\n".utf8 : ",0\n".utf8
        }
        return output
    }
}

/// Why nothing can be learned from a table.
public enum TrainingError: Error, Equatable, Sendable {
    /// No row of one of the two kinds.
    case oneClass
    /// The equations have no solution in doubles; standardised, penalised ones always do unless a value is absurd.
    case singular
    /// More features than a model may have.
    case tooLarge
}
