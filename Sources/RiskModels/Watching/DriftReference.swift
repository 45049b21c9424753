// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// How each feature and the score lay where a model was trained: up to ten bins of about equally many rows, and one for what is
/// missing.
public struct DriftReference: Equatable, Sendable {
    /// One feature, or the score.
    public struct Column: Equatable, Sendable {
        public var name: String
        /// Ascending; a value lies in the first bin whose edge is not below it, else in the last. Fewer than nine where values
        /// repeat.
        public var edges: [Double]
        /// Of each bin, then of the missing, the share of the rows; their sum is 1.
        public var shares: [Double]
    }

    public static let bins = 10
    /// The name of the score's column, which comes last.
    public static let score = "score"

    public let columns: [Column]

    /// - Parameters:
    ///   - names: of the features.
    ///   - rows: how many; at least one.
    ///   - value: of a row and a feature; NaN for a missing one.
    ///   - scores: the margin of each row.
    public init(names: [String], rows: Int, value: (Int, Int) -> Double, scores: [Double]) {
        precondition(rows > 0 && scores.count == rows, "a score for each row")
        columns =
            names.indices.map { feature in Self.column(names[feature], (0..<rows).map { value($0, feature) }) }
            + [Self.column(Self.score, scores)]
    }

    private init(columns: [Column]) { self.columns = columns }

    private static func column(_ name: String, _ values: [Double]) -> Column {
        let sorted = values.filter { !$0.isNaN }.sorted()
        var edges: [Double] = []
        for tenth in 1..<bins where !sorted.isEmpty {
            let edge = sorted[sorted.count * tenth / bins]
            // An edge that everything lies up to parts nothing.
            if edge != edges.last, edge < sorted[sorted.count - 1] { edges.append(edge) }
        }
        var column = Column(name: name, edges: edges, shares: [])
        var counts = [Int](repeating: 0, count: edges.count + 2)
        for value in values { counts[column.bin(value)] += 1 }
        column.shares = counts.map { Double($0) / Double(values.count) }
        return column
    }

    // MARK: Text

    /// `{"tillguard-drift":1,"columns":[{"name":…,"edges":[…],"shares":[…]}]}`
    public var json: JSON {
        [
            "tillguard-drift": 1,
            "columns": .array(
                columns.map { column in
                    [
                        "name": .string(column.name), "edges": .array(column.edges.map { .double($0) }),
                        "shares": .array(column.shares.map { .double($0) }),
                    ]
                }),
        ]
    }

    /// Reads what `json` writes.
    ///
    /// - Throws: for another text, edges that do not ascend, or shares that are none.
    public init(reading text: [UInt8]) throws(RiskModelError) {
        let json = try JSON(model: text)
        guard json["tillguard-drift"]?.integer == 1 else { throw RiskModelError(.unsupported, "tillguard-drift") }
        guard let columns = try json.member("columns").array else { throw RiskModelError(.malformed, "columns") }
        guard (1...RiskModelError.Limits.features + 1).contains(columns.count) else {
            throw RiskModelError(.tooLarge, "columns")
        }
        self.init(columns: try columns.map { (column) throws(RiskModelError) in try Column(reading: column) })
    }
}

extension DriftReference.Column {
    /// The bin of a value; one more than all others for NaN.
    @inlinable
    func bin(_ value: Double) -> Int {
        guard !value.isNaN else { return edges.count + 1 }
        var (low, high) = (0, edges.count)
        while low < high {
            let middle = (low + high) / 2
            if edges[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }

    fileprivate init(reading json: JSON) throws(RiskModelError) {
        guard let name = json["name"]?.string else { throw RiskModelError(.missing, "name") }
        guard let edges = try json.member("edges").array, let shares = try json.member("shares").array else {
            throw RiskModelError(.malformed, name)
        }
        self.name = name
        self.edges = try edges.map { (edge) throws(RiskModelError) in try edge.real("edges") }
        self.shares = try shares.map { (share) throws(RiskModelError) in try share.real("shares") }
        guard self.edges.count < DriftReference.bins, self.shares.count == self.edges.count + 2,
            zip(self.edges, self.edges.dropFirst()).allSatisfy({ $0 < $1 }),
            self.shares.allSatisfy({ (0...1).contains($0) }), abs(self.shares.reduce(0, +) - 1) < 1e-9
        else { throw RiskModelError(.wrongShape, name) }
    }
}
