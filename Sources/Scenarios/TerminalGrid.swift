// SPDX-License-Identifier: Apache-2.0

/// Points of a square by cells, to find those near another without looking at all.
struct TerminalGrid: Sendable {
    private let cell: Double
    private let width: Int
    private var cells: [[Int]]
    private let points: [(x: Double, y: Double)]

    /// - Parameter side: of the square; the points lie within it.
    init(_ points: [(x: Double, y: Double)], side: Double, cell: Double) {
        self.points = points
        self.cell = cell
        width = Int(side / cell) + 1
        cells = [[Int]](repeating: [], count: width * width)
        for (index, point) in points.enumerated() {
            cells[Int(point.y / cell) * width + Int(point.x / cell)].append(index)
        }
    }

    /// The points nearer than a radius of at most a cell, in their order.
    func near(x: Double, y: Double, radius: Double) -> [Int] {
        var found: [Int] = []
        let (column, row) = (Int(x / cell), Int(y / cell))
        for r in max(0, row - 1)...min(width - 1, row + 1) {
            for c in max(0, column - 1)...min(width - 1, column + 1) {
                for index in cells[r * width + c] {
                    let (dx, dy) = (points[index].x - x, points[index].y - y)
                    if dx * dx + dy * dy < radius * radius { found.append(index) }
                }
            }
        }
        return found.sorted()
    }
}
