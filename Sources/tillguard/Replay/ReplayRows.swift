// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What is remembered of every row that was read: enough to lay the journal beside the labels.
struct ReplayRows: Sendable {
    private var terminals: [Int32] = []
    /// Bit 0: fraud. Bit 1: without an amount. Above: the scenario.
    private var labels: [UInt8] = []

    struct Row: Sendable {
        var terminal: Int
        var isFraud: Bool
        var hasAmount: Bool
        var scenario: UInt8
    }

    init() {}

    var count: Int { labels.count }

    mutating func add(_ purchase: RecordedPurchase, terminal: Int) {
        terminals.append(Int32(terminal))
        labels.append(
            (purchase.isFraud ? 1 : 0) | (purchase.amount == 0 ? 2 : 0) | purchase.scenario << 2)
    }

    subscript(index: Int) -> Row {
        let label = labels[index]
        return Row(
            terminal: Int(terminals[index]), isFraud: label & 1 == 1, hasAmount: label & 2 == 0, scenario: label >> 2)
    }
}

/// Numbers for the names of a recording, in the order of their first appearance: the same file gives the same numbers.
struct Numbering: Sendable {
    private(set) var names: [String] = []
    private var numbers: [String: Int] = [:]

    init() {}

    /// - Returns: the number, and whether the name was new.
    mutating func number(_ name: String) -> (number: Int, isNew: Bool) {
        if let number = numbers[name] { return (number, false) }
        numbers[name] = names.count
        names.append(name)
        return (names.count - 1, true)
    }
}
