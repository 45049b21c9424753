// SPDX-License-Identifier: Apache-2.0
import SecurityTriggers
import Vocabulary

/// Transactions in the order of their time, those of one second by their id; column by column.
struct Recording {
    private(set) var ids: [String] = []
    /// Seconds since 1970.
    private(set) var times: [Int64] = []
    /// Numbers into `cardNames` and for terminals.
    private(set) var cards: [Int32] = []
    private(set) var terminals: [Int32] = []
    /// Minor units.
    private(set) var amounts: [Int64] = []
    private(set) var isFraud: [Bool] = []
    private(set) var scenarios: [String] = []
    private(set) var cardNames: [String] = []

    static let daySeconds: Int64 = 86_400

    var count: Int { ids.count }

    /// The day of a row, counted from 1970.
    func day(_ row: Int) -> Int { Int(times[row] / Self.daySeconds) }

    /// The first and the last day.
    var days: [String] {
        [times.first, times.last].compactMap { $0.map { String(Instant(seconds: $0).iso8601.prefix(10)) } }
    }

    /// Takes rows in any order.
    init(_ rows: [RecordingRow]) {
        let keys = rows.map { NumberedText($0.id) }
        let order = rows.indices.sorted { (rows[$0].time, keys[$0]) < (rows[$1].time, keys[$1]) }
        var cardNumbers: [String: Int32] = [:]
        var terminalNumbers: [String: Int32] = [:]
        for index in order {
            let row = rows[index]
            ids.append(row.id)
            times.append(row.time)
            if let number = cardNumbers[row.card] {
                cards.append(number)
            } else {
                cards.append(Int32(cardNames.count))
                cardNumbers[row.card] = Int32(cardNames.count)
                cardNames.append(row.card)
            }
            let terminal = terminalNumbers[row.terminal, default: Int32(terminalNumbers.count)]
            terminalNumbers[row.terminal] = terminal
            terminals.append(terminal)
            amounts.append(row.amount)
            isFraud.append(row.isFraud)
            scenarios.append(row.scenario)
        }
    }

    /// A row as profiles see it.
    func transaction(_ row: Int) -> ProfiledTransaction {
        ProfiledTransaction(
            card: CardKey(high: 0, low: UInt64(cards[row])), terminal: terminal(row),
            at: Instant(seconds: times[row]), amount: Money(minorUnits: amounts[row], .eur))
    }

    func terminal(_ row: Int) -> TerminalID { TerminalID(packed: UInt64(terminals[row]) + 1) }

    /// For each card its place in the order by name, numbers first.
    var cardRanks: [Int] {
        let keys = cardNames.map(NumberedText.init)
        var ranks = [Int](repeating: 0, count: keys.count)
        for (rank, card) in keys.indices.sorted(by: { keys[$0] < keys[$1] }).enumerated() { ranks[card] = rank }
        return ranks
    }
}

/// One line of a file.
struct RecordingRow: Equatable {
    var id: String
    /// Seconds since 1970.
    var time: Int64
    var card: String
    var terminal: String
    /// Minor units.
    var amount: Int64
    var isFraud: Bool
    var scenario: String
}

/// Text in the order of its number, where it is one, and before all that is none.
struct NumberedText: Comparable {
    var number: Int?
    var text: String

    init(_ text: String) { (number, self.text) = (Int(text), text) }

    static func < (left: NumberedText, right: NumberedText) -> Bool {
        switch (left.number, right.number) {
        case (let a?, let b?): a != b ? a < b : left.text < right.text
        case (nil, nil): left.text < right.text
        case (let a, _): a != nil
        }
    }
}
