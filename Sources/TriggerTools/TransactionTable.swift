// SPDX-License-Identifier: Apache-2.0
import SecurityTriggers
import Vocabulary

/// Why a table of transactions is not read on.
public struct TransactionTableError: Error, Equatable, Sendable, CustomStringConvertible {
    /// From 1, the header.
    public var line: Int
    public var column: String
    public var expected: String

    public var description: String {
        "line \(line): " + (column.isEmpty ? "" : "\(column): ") + "expected \(expected)"
    }
}

/// Reads a table of transactions in CSV, a line at a time: `datetime`, `customer_id`, `terminal_id` and `amount` must be
/// there, in any order; `fraud`, `currency`, `merchant_id`, `mcc`, `latitude` and `longitude` in millionths of a degree, `entry`,
/// `pin`, `kind`, `goods`, `status`, `notice`, `outcome`, `attack` and `look_alike` may be; others are passed over. Without
/// quotes: no value of these needs them.
///
/// What is usual in a column is read from its bytes; the rest goes by way of text, and both give the same.
public struct TransactionTable: Sendable {
    enum Column: Int, CaseIterable {
        case time, customer, terminal, amount, fraud, currency, merchant, mcc, pin, kind, goods, status, notice
        case outcome, attack, lookAlike, entry, latitude, longitude

        static let names = [
            "datetime", "customer_id", "terminal_id", "amount", "fraud", "currency", "merchant_id", "mcc", "pin",
            "kind",
            "goods", "status", "notice", "outcome", "attack", "look_alike", "entry", "latitude", "longitude",
        ]
        var name: String { Self.names[rawValue] }
    }

    public static let lineBytesMax = 4_096
    public static let columnsMax = 64

    /// Of each column its place in a line; -1 where there is none.
    private let places: [Int]
    private let columnCount: Int
    public private(set) var line = 1
    /// Cards whose name is no number; never iterated.
    private var cards: [String: CardKey] = [:]

    public init(header: some Collection<UInt8>) throws(TransactionTableError) {
        var bytes = Array(header)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        if bytes.last == 0x0D { bytes.removeLast() }
        let names = bytes.split(separator: 0x2C, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard names.count <= Self.columnsMax else {
            throw TransactionTableError(line: 1, column: "", expected: "at most \(Self.columnsMax) columns")
        }
        places = Column.names.map { names.firstIndex(of: $0) ?? -1 }
        for column in [Column.time, .customer, .terminal, .amount] where places[column.rawValue] < 0 {
            throw TransactionTableError(line: 1, column: "", expected: "a column \(column.name)")
        }
        columnCount = names.count
    }

    /// The transaction of the next line; nil for an empty one.
    public mutating func transaction(
        of bytes: some Collection<UInt8>
    ) throws(TransactionTableError) -> LabelledTransaction? {
        try transaction(of: Array(bytes)[...])
    }

    /// The same, of a line within a buffer: the way for many.
    public mutating func transaction(
        of bytes: ArraySlice<UInt8>
    ) throws(TransactionTableError) -> LabelledTransaction? {
        line += 1
        var bytes = bytes
        if bytes.last == 0x0D { bytes.removeLast() }
        guard !bytes.isEmpty else { return nil }
        let cells = TableCells(bytes)
        guard cells.count == columnCount else { throw failure(nil, "\(columnCount) columns, as in the header") }
        func cell(_ column: Column) -> ArraySlice<UInt8> {
            let place = places[column.rawValue]
            return place < 0 ? [] : cells[place]
        }
        let facts = TransactionFacts(
            card: card(cell(.customer)), account: AccountID(0), at: try instant(cell(.time)),
            amount: try amount(cell(.amount), cell(.currency)), terminal: try terminal(cell(.terminal)),
            merchant: try merchant(cell(.merchant)), mcc: try mcc(cell(.mcc)), goods: try goods(cell(.goods)),
            pin: try choice(cell(.pin), .pin, Words.pin), hotList: try choice(cell(.status), .status, Words.status),
            place: try position(cell(.latitude), cell(.longitude)),
            noticeCovers: try choice(cell(.notice), .notice, Words.flag),
            kind: try choice(cell(.kind), .kind, Words.kind), entry: try choice(cell(.entry), .entry, Words.entry))
        return LabelledTransaction(
            facts: facts, isFraud: try choice(cell(.fraud), .fraud, Words.flag),
            outcome: try choice(cell(.outcome), .outcome, Words.outcome),
            attack: Self.text(cell(.attack)), lookAlike: Self.text(cell(.lookAlike)))
    }

    /// Numbers are their own keys, with the rest of the house of names beside them.
    private mutating func card(_ name: ArraySlice<UInt8>) -> CardKey {
        if let number = Self.number(name, figuresMax: 18), name.first != 0x30 || name.count == 1 {
            return CardKey(high: 1, low: number)
        }
        let name = Self.text(name)
        if let known = cards[name] { return known }
        let card = CardKey(high: 0, low: UInt64(cards.count))
        cards[name] = card
        return card
    }

    func failure(_ column: Column?, _ expected: String) -> TransactionTableError {
        TransactionTableError(line: line, column: column?.name ?? "", expected: expected)
    }
}

/// Where the cells of a line lie.
private struct TableCells {
    private let bytes: ArraySlice<UInt8>
    /// The first byte of each cell; one more than the last comma or end behind it.
    private var starts = InlineArray<65, Int>(repeating: 0)
    /// One more than the columns that a table may have when there are as many or more.
    private(set) var count = 0

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        starts[0] = bytes.startIndex
        for index in bytes.indices where bytes[index] == 0x2C {
            count += 1
            guard count <= TransactionTable.columnsMax else { return }
            starts[count] = index + 1
        }
        count += 1
        if count <= TransactionTable.columnsMax { starts[count] = bytes.endIndex + 1 }
    }

    subscript(place: Int) -> ArraySlice<UInt8> { bytes[starts[place]..<starts[place + 1] - 1] }
}
