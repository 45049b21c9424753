// SPDX-License-Identifier: Apache-2.0

/// Solves A x = b for a symmetric, positive definite A.
enum CholeskySolver {
    /// - Parameter matrix: row after row; only what is on and below the diagonal is read.
    /// - Returns: nil where the matrix is not positive definite.
    static func solve(_ matrix: [Double], _ right: [Double]) -> [Double]? {
        let count = right.count
        var factor = matrix
        for row in 0..<count {
            for column in 0...row {
                var sum = factor[row * count + column]
                for index in 0..<column { sum -= factor[row * count + index] * factor[column * count + index] }
                if row == column {
                    guard sum > 0, sum.isFinite else { return nil }
                    factor[row * count + row] = sum.squareRoot()
                } else {
                    factor[row * count + column] = sum / factor[column * count + column]
                }
            }
        }
        var solution = right
        for row in 0..<count {
            for index in 0..<row { solution[row] -= factor[row * count + index] * solution[index] }
            solution[row] /= factor[row * count + row]
        }
        for row in (0..<count).reversed() {
            for index in (row + 1)..<count { solution[row] -= factor[index * count + row] * solution[index] }
            solution[row] /= factor[row * count + row]
        }
        return solution.allSatisfy(\.isFinite) ? solution : nil
    }
}
