// SPDX-License-Identifier: Apache-2.0

/// What one text changes of another, line by line.
struct LineDiff {
    struct Line: Equatable {
        enum Kind: String { case same, added, removed, gap }
        var kind: Kind
        var text: String
        /// In the text that it stands in, from 1; 0 for a gap.
        var number: Int
    }

    let lines: [Line]
    let added: Int
    let removed: Int

    /// Unchanged lines that are shown before and behind a change.
    static let context = 3
    /// Beyond so many pairs of lines, what lies between the common beginning and end is shown as changed whole.
    static let pairsMax = 1_000_000

    init(from old: String, to new: String) {
        let left = old.split(separator: "\n", omittingEmptySubsequences: false)
        let right = new.split(separator: "\n", omittingEmptySubsequences: false)
        var lines: [Line] = []
        var (low, leftEnd, rightEnd) = (0, left.count, right.count)
        while low < leftEnd, low < rightEnd, left[low] == right[low] { low += 1 }
        while leftEnd > low, rightEnd > low, left[leftEnd - 1] == right[rightEnd - 1] {
            leftEnd -= 1
            rightEnd -= 1
        }
        for index in 0..<low { lines.append(Line(kind: .same, text: String(left[index]), number: index + 1)) }
        Self.compare(left, low..<leftEnd, right, low..<rightEnd, into: &lines)
        for index in leftEnd..<left.count {
            lines.append(Line(kind: .same, text: String(left[index]), number: index + 1))
        }
        added = lines.count { $0.kind == .added }
        removed = lines.count { $0.kind == .removed }
        self.lines = Self.folded(lines)
    }

    /// The longest common subsequence of what differs: lengths of all rests, then one walk from the front.
    private static func compare(
        _ left: [Substring], _ leftRange: Range<Int>, _ right: [Substring], _ rightRange: Range<Int>,
        into lines: inout [Line]
    ) {
        let (rows, columns) = (leftRange.count, rightRange.count)
        var lengths: [Int32] = []
        let isExact = rows > 0 && columns > 0 && rows <= pairsMax / columns
        if isExact {
            lengths = Array(repeating: 0, count: (rows + 1) * (columns + 1))
            for row in stride(from: rows - 1, through: 0, by: -1) {
                for column in stride(from: columns - 1, through: 0, by: -1) {
                    let here = row * (columns + 1) + column
                    lengths[here] =
                        left[leftRange.lowerBound + row] == right[rightRange.lowerBound + column]
                        ? lengths[here + columns + 2] + 1 : max(lengths[here + columns + 1], lengths[here + 1])
                }
            }
        }
        var (row, column) = (0, 0)
        while row < rows || column < columns {
            let (at, to) = (leftRange.lowerBound + row, rightRange.lowerBound + column)
            if isExact, row < rows, column < columns, left[at] == right[to] {
                lines.append(Line(kind: .same, text: String(left[at]), number: at + 1))
                row += 1
                column += 1
            } else if row < rows,
                column >= columns || !isExact
                    || lengths[(row + 1) * (columns + 1) + column] >= lengths[row * (columns + 1) + column + 1]
            {
                lines.append(Line(kind: .removed, text: String(left[at]), number: at + 1))
                row += 1
            } else {
                lines.append(Line(kind: .added, text: String(right[to]), number: to + 1))
                column += 1
            }
        }
    }

    /// Leaves out what is far from any change.
    private static func folded(_ lines: [Line]) -> [Line] {
        var isShown = Array(repeating: false, count: lines.count)
        for index in lines.indices where lines[index].kind != .same {
            for near in max(0, index - context)...min(lines.count - 1, index + context) { isShown[near] = true }
        }
        var folded: [Line] = []
        for index in lines.indices {
            if isShown[index] {
                folded.append(lines[index])
            } else if folded.last?.kind != .gap {
                folded.append(Line(kind: .gap, text: "…", number: 0))
            }
        }
        return folded
    }

    /// As templates read it.
    var values: [[String: Any]] {
        lines.map { line in
            let sign = line.kind == .added ? "+" : line.kind == .removed ? "−" : " "
            return ["kind": line.kind.rawValue, "sign": sign, "text": line.text]
        }
    }
}
