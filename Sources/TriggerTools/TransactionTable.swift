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
/// there, in any order; `fraud`, `currency`, `merchant_id`, `mcc`, `pin`, `kind`, `goods`, `status`, `notice`, `outcome`,
/// `attack` and `look_alike` may be; others are passed over. Without quotes: no value of these needs them.
public struct TransactionTable: Sendable {
    private enum Column: String, CaseIterable {
        case time = "datetime"
        case customer = "customer_id"
        case terminal = "terminal_id"
        case amount, fraud, currency
        case merchant = "merchant_id"
        case mcc, pin, kind, goods, status, notice, outcome, attack
        case lookAlike = "look_alike"
    }

    public static let lineBytesMax = 4_096
    public static let columnsMax = 64

    /// Of each column its place; nil where there is none.
    private let places: [Int?]
    private let columnCount: Int
    public private(set) var line = 1
    /// Cards by the customer's name; never iterated.
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
        let places = Column.allCases.map { column in names.firstIndex(of: column.rawValue) }
        for column in [Column.time, .customer, .terminal, .amount] where places[Self.number(column)] == nil {
            throw TransactionTableError(line: 1, column: "", expected: "a column \(column.rawValue)")
        }
        self.places = places
        columnCount = names.count
    }

    private static func number(_ column: Column) -> Int { Column.allCases.firstIndex(of: column) ?? 0 }

    /// The transaction of the next line; nil for an empty one.
    public mutating func transaction(
        of bytes: some Collection<UInt8>
    ) throws(TransactionTableError) -> LabelledTransaction? {
        line += 1
        var bytes = ArraySlice(Array(bytes))
        if bytes.last == 0x0D { bytes.removeLast() }
        guard !bytes.isEmpty else { return nil }
        let values = bytes.split(separator: 0x2C, omittingEmptySubsequences: false)
        guard values.count == columnCount else { throw failure(nil, "\(columnCount) columns, as in the header") }
        func text(_ column: Column) -> String {
            guard let place = places[Self.number(column)] else { return "" }
            return String(decoding: values[place], as: UTF8.self)
        }
        let facts = TransactionFacts(
            card: card(text(.customer)), account: AccountID(0), at: try instant(text(.time)),
            amount: try amount(text(.amount), text(.currency)), terminal: try terminal(text(.terminal)),
            merchant: try merchant(text(.merchant)), mcc: try mcc(text(.mcc)), goods: try goods(text(.goods)),
            pin: try choice(
                text(.pin), .pin,
                [
                    ("", .absent), ("absent", .absent), ("untried", .untried), ("right", .right), ("wrong", .wrong),
                    ("locked", .locked),
                ]),
            hotList: try choice(
                text(.status), .status, [("", nil), ("active", nil), ("lost", .lost), ("stolen", .stolen)]),
            noticeCovers: try flag(text(.notice), .notice),
            kind: try choice(
                text(.kind), .kind,
                [("", .purchase), ("purchase", .purchase), ("cash", .cash), ("refund", .refund), ("other", .other)]))
        return LabelledTransaction(
            facts: facts, isFraud: try flag(text(.fraud), .fraud),
            outcome: try choice(
                text(.outcome), .outcome,
                [("", nil), ("approved", .approved), ("declined", .declined), ("pending", .pending)]),
            attack: text(.attack), lookAlike: text(.lookAlike))
    }

    // MARK: Values

    private func failure(_ column: Column?, _ expected: String) -> TransactionTableError {
        TransactionTableError(line: line, column: column?.rawValue ?? "", expected: expected)
    }

    private mutating func card(_ name: String) -> CardKey {
        if let known = cards[name] { return known }
        let card = CardKey(high: 0, low: UInt64(cards.count))
        cards[name] = card
        return card
    }

    private func instant(_ text: String) throws(TransactionTableError) -> Instant {
        guard let instant = Instant(iso8601: text) else {
            throw failure(.time, "a time such as 2018-04-01 00:01:02")
        }
        return instant
    }

    private func amount(_ text: String, _ code: String) throws(TransactionTableError) -> Money {
        guard let currency = code.isEmpty ? .eur : Currency(code: code) else {
            throw failure(.currency, "EUR, USD, CNY, GBP or JPY")
        }
        guard let money = Money(figure: text, currency) else {
            throw failure(.amount, "an amount with at most \(currency.exponent) decimals")
        }
        return money
    }

    /// A number becomes its last eight figures; a name stays.
    private func terminal(_ text: String) throws(TransactionTableError) -> TerminalID {
        let padded =
            text.utf8.count < 8 && !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
            ? String(repeating: "0", count: 8 - text.utf8.count) + text : text
        guard let terminal = TerminalID(padded) else { throw failure(.terminal, "up to eight letters and figures") }
        return terminal
    }

    private func merchant(_ text: String) throws(TransactionTableError) -> MerchantID? {
        guard !text.isEmpty else { return nil }
        guard let number = UInt64(text), number <= 999_999_999_999_999 else {
            throw failure(.merchant, "up to 15 figures")
        }
        return MerchantID(number: number)
    }

    private func mcc(_ text: String) throws(TransactionTableError) -> MCC? {
        guard !text.isEmpty else { return nil }
        guard let number = UInt16(text), number <= 9_999 else { throw failure(.mcc, "a number of 0 to 9999") }
        return MCC(number)
    }

    private func goods(_ text: String) throws(TransactionTableError) -> [GoodsCode] {
        guard !text.isEmpty else { return [] }
        var goods: [GoodsCode] = []
        for part in text.split(separator: " ") {
            guard let code = GoodsCode(String(part)) else { throw failure(.goods, "goods codes between spaces") }
            goods.append(code)
        }
        return goods
    }

    private func flag(_ text: String, _ column: Column) throws(TransactionTableError) -> Bool {
        try choice(text, column, [("", false), ("0", false), ("1", true), ("false", false), ("true", true)])
    }

    private func choice<Value>(
        _ text: String, _ column: Column, _ values: [(String, Value)]
    ) throws(TransactionTableError) -> Value {
        guard let found = values.first(where: { $0.0 == text }) else {
            throw failure(column, values.map(\.0).filter { !$0.isEmpty }.joined(separator: ", "))
        }
        return found.1
    }
}
