// SPDX-License-Identifier: Apache-2.0
import RiskModels
import Vocabulary

/// Trains a scorecard: logistic regression on standardised terms with an L2 penalty, as commonly defined.
///
/// Minimises ½|w|² + C · Σ log-loss over the weights of the standardised terms, the bias free of penalty, by Newton's method
/// with halved steps where a whole one does not help.
public struct LogisticRegression: Sendable {
    /// A feature and what is done with it first.
    public struct Input: Equatable, Sendable {
        public var feature: Int
        public var transform: Scorecard.Transform
        public init(_ feature: Int, _ transform: Scorecard.Transform = .identity) {
            (self.feature, self.transform) = (feature, transform)
        }
    }

    public var inputs: [Input]
    /// C, the inverse of the penalty's strength.
    public var strength: Double
    /// Newton steps at most; five to ten are usual.
    public var stepsMax = 50

    public init(inputs: [Input], strength: Double = 1) { (self.inputs, self.strength) = (inputs, strength) }

    /// - Throws: `oneClass` for a table without fraud or with nothing else.
    public func train(_ table: TrainingTable, name: String) throws(TrainingError) -> Scorecard {
        guard table.frauds > 0, table.frauds < table.count else { throw .oneClass }
        let terms = inputs.compactMap { standardised($0, table) }
        var problem = LogisticProblem(table, terms, strength: strength)
        try problem.solve(stepsMax: stepsMax)
        let weights = problem.weights
        let weighted = terms.enumerated().map { index, term in
            var term = term
            term.weight = weights[index + 1]
            return term
        }
        do {
            return try Scorecard(name: name, featureNames: table.names, bias: weights[0], terms: weighted)
        } catch { throw error.code == .tooLarge ? .tooLarge : .singular }
    }

    /// Mean and deviation of what is finite; nil for an input that never varies.
    private func standardised(_ input: Input, _ table: TrainingTable) -> Scorecard.Term? {
        var (count, sum) = (0.0, 0.0)
        for row in 0..<table.count {
            let value = input.transform(table[row, input.feature])
            if value.isFinite { (count, sum) = (count + 1, sum + value) }
        }
        guard count > 0 else { return nil }
        let mean = sum / count
        var squares = 0.0
        for row in 0..<table.count {
            let value = input.transform(table[row, input.feature])
            if value.isFinite { squares += (value - mean) * (value - mean) }
        }
        let scale = (squares / count).squareRoot()
        guard scale > 0, scale.isFinite else { return nil }
        return Scorecard.Term(feature: input.feature, transform: input.transform, mean: mean, scale: scale, weight: 0)
    }
}

/// The sum that is made smallest, over rows of standardised values.
private struct LogisticProblem {
    /// The bias first.
    var weights: [Double]
    /// A 1 and the standardised terms, row after row.
    private var rows: [Double] = []
    private let labels: [Bool]
    private let width: Int
    private let strength: Double

    init(_ table: TrainingTable, _ terms: [Scorecard.Term], strength: Double) {
        width = terms.count + 1
        labels = table.labels
        self.strength = strength
        rows.reserveCapacity(width * table.count)
        for row in 0..<table.count {
            rows.append(1)
            for term in terms {
                let value = term.transform(table[row, term.feature])
                rows.append(value.isFinite ? (value - term.mean) / term.scale : 0)
            }
        }
        weights = Array(repeating: 0, count: width)
        let share = Double(table.frauds) / Double(table.count)
        weights[0] = Real.log(share / (1 - share))
    }

    mutating func solve(stepsMax: Int) throws(TrainingError) {
        var loss = loss(weights)
        for _ in 0..<stepsMax {
            let step = try newtonStep()
            var length = 1.0
            var next = weights
            var nextLoss = Double.infinity
            while length > 1e-6 {
                for index in next.indices { next[index] = weights[index] + length * step[index] }
                nextLoss = self.loss(next)
                if nextLoss <= loss { break }
                length /= 2
            }
            guard nextLoss <= loss else { return }
            (weights, loss) = (next, nextLoss)
            if step.allSatisfy({ abs($0) * length < 1e-9 }) { return }
        }
    }

    private func margin(_ row: Int, _ weights: [Double]) -> Double {
        var sum = 0.0
        for index in 0..<width { sum += weights[index] * rows[row * width + index] }
        return sum
    }

    /// ½|w|² + C Σ ln(1 + e^(∓margin)).
    private func loss(_ weights: [Double]) -> Double {
        var sum = 0.0
        for row in labels.indices {
            let margin = labels[row] ? margin(row, weights) : -margin(row, weights)
            sum += margin > 0 ? Real.log(1 + Real.exp(-margin)) : Real.log(1 + Real.exp(margin)) - margin
        }
        return strength * sum + weights.dropFirst().reduce(0) { $0 + $1 * $1 } / 2
    }

    private func newtonStep() throws(TrainingError) -> [Double] {
        var gradient = [Double](repeating: 0, count: width)
        var curvature = [Double](repeating: 0, count: width * width)
        for row in labels.indices {
            let probability = Real.logistic(margin(row, weights))
            let error = strength * ((labels[row] ? 1 : 0) - probability)
            let weight = strength * probability * (1 - probability)
            for index in 0..<width {
                let value = rows[row * width + index]
                gradient[index] += error * value
                let scaled = weight * value
                for other in 0...index { curvature[index * width + other] += scaled * rows[row * width + other] }
            }
        }
        for index in 1..<max(width, 1) {
            gradient[index] -= weights[index]
            curvature[index * width + index] += 1
        }
        guard let step = CholeskySolver.solve(curvature, gradient) else { throw .singular }
        return step
    }
}
