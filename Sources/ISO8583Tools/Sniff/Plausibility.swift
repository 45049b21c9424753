// SPDX-License-Identifier: Apache-2.0
import ISO8583

/// Whether values are what a terminal would send: times that exist, account numbers with their check digit.
struct Plausibility {
    /// What is not so.
    private(set) var faults: [(field: Int, text: String)] = []
    /// How many values could be judged and were right.
    private(set) var proofs = 0

    init(_ view: MessageView) {
        let type = view.mti.rawValue
        judge(0, 1...8 ~= type >> 8 & 15 && (type >> 12 <= 2 || type >> 12 == 9), "no message type of the standard")
        date(7, view, [(2, 1...12), (2, 1...31), (2, 0...23), (2, 0...59), (2, 0...59)])
        date(12, view, [(2, 0...23), (2, 0...59), (2, 0...59)])
        date(13, view, [(2, 1...12), (2, 1...31)])
        date(14, view, [(2, 0...99), (2, 1...12)])
        if view.has(2), let text = view.text(2) {
            let digits = Array(text.utf8)
            judge(2, 12...19 ~= digits.count && ShownValue.isAccount(digits[...]), "the check digit is wrong")
        }
    }

    private mutating func judge(_ field: Int, _ isRight: Bool, _ text: String) {
        if isRight { proofs += 1 } else { faults.append((field, text)) }
    }

    /// Groups of digits with what each may be; a field of another length is another thing.
    private mutating func date(_ field: Int, _ view: MessageView, _ groups: [(count: Int, range: ClosedRange<Int>)]) {
        guard view.has(field), let text = view.text(field), text.utf8.count == groups.reduce(0, { $0 + $1.count })
        else {
            return
        }
        var rest = text[...]
        var isRight = true
        for group in groups {
            if !(Int(rest.prefix(group.count)).map { group.range.contains($0) } ?? false) { isRight = false }
            rest = rest.dropFirst(group.count)
        }
        judge(field, isRight, "no such date or time")
    }
}
