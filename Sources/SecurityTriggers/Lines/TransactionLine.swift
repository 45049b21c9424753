// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Why a line is no transaction: which member, and what was expected there.
public struct TransactionLineError: Error, Equatable, Sendable, CustomStringConvertible {
    public var member: String
    public var expected: String
    public var description: String { member.isEmpty ? expected : "\(member): expected \(expected)" }

    public init(member: String, expected: String) { (self.member, self.expected) = (member, expected) }

    init(_ member: String, _ expected: String) { self.init(member: member, expected: expected) }
}

/// A transaction as one line of JSON:
///
///     {"id": "1", "card": "A", "at": "2026-08-14T09:30:00Z", "amount": "12.50", "currency": "EUR",
///      "terminal": "T0000001", "merchant": "123", "mcc": 5411, "goods": ["TOBACCO"], "pin": "right",
///      "kind": "purchase", "status": "stolen", "notice": true, "outcome": "approved", "entry": "chip",
///      "place": "48.137,11.575", "utc_offset": 120, "pin_tries": 1, "warned": true}
///
/// `card`, `at`, `amount`, `currency` and `terminal` must be there. What is left out is missing for the rules, `kind` is a
/// purchase, and `outcome`, what became of the transaction, is what the rules said.
public struct TransactionLine: Sendable {
    /// Comes back with the decision; empty when the line has none.
    public var id: String
    /// Any name for the card; it is not written anywhere.
    public var card: String
    public var facts: TransactionFacts
    public var outcome: WindowOutcome?

    static let textMax = 64
    private static let members = [
        "id", "card", "at", "amount", "currency", "terminal", "merchant", "mcc", "goods", "pin", "kind", "status",
        "notice", "outcome", "entry", "place", "utc_offset", "pin_tries", "warned",
    ]

    public init(parsing line: [UInt8]) throws(TransactionLineError) {
        let json: JSON
        do { json = try JSON(parsing: line) } catch { throw TransactionLineError("", "\(error)") }
        try self.init(json)
    }

    public init(_ json: JSON) throws(TransactionLineError) {
        guard let members = json.members else { throw TransactionLineError("", "an object") }
        for member in members where !Self.members.contains(member.name) {
            throw TransactionLineError(member.name, "one of \(Self.members.joined(separator: ", "))")
        }
        id = try Self.text(json, "id") ?? ""
        guard let card = try Self.text(json, "card"), !card.isEmpty else {
            throw TransactionLineError("card", "a name")
        }
        self.card = card
        facts = TransactionFacts(
            card: CardKey(high: 0, low: 0), account: AccountID(0), at: try Self.instant(json),
            amount: try Self.amount(json), terminal: try Self.terminal(json), merchant: try Self.merchant(json),
            mcc: try Self.mcc(json), goods: try Self.goods(json),
            pin: try Self.choice(
                json, "pin",
                [
                    ("absent", .absent), ("untried", .untried), ("right", .right), ("wrong", .wrong),
                    ("locked", .locked),
                ]) ?? .absent,
            hotList: try Self.choice(json, "status", [("active", nil), ("lost", .lost), ("stolen", .stolen)]) ?? nil,
            noticeCovers: try Self.flag(json, "notice"),
            kind: try Self.choice(
                json, "kind",
                [
                    ("purchase", .purchase), ("cash", .cash), ("refund", .refund), ("other", .other),
                    ("pre_authorisation", .preAuthorisation), ("completion", .completion),
                ]) ?? .purchase)
        try readPlace(json)
        outcome = try Self.choice(
            json, "outcome", [("approved", .approved), ("declined", .declined), ("pending", .pending)])
    }

    /// How and where the card was used.
    private mutating func readPlace(_ json: JSON) throws(TransactionLineError) {
        facts.entry =
            try Self.choice(
                json, "entry",
                [
                    ("unknown", .unknown), ("chip", .chip), ("contactless", .contactless), ("stripe", .stripe),
                    ("fallback", .fallback), ("manual", .manual),
                ]) ?? .unknown
        if let text = try Self.text(json, "place") {
            guard let place = Position(degrees: text) else {
                throw TransactionLineError("place", "latitude and longitude in degrees, such as 48.137,11.575")
            }
            facts.place = place
        }
        let minutes = try Self.number(json, "utc_offset", -720...840) ?? 0
        guard minutes % 15 == 0 else { throw TransactionLineError("utc_offset", "a multiple of 15 minutes") }
        facts.offset = Int8(minutes / 15)
        facts.pinTries = UInt8(try Self.number(json, "pin_tries", 0...255) ?? 0)
        facts.warnings = try Self.flag(json, "warned") ? 1 : 0
    }

    // MARK: Members

    private static func number(
        _ json: JSON, _ name: String, _ range: ClosedRange<Int64>
    ) throws(TransactionLineError) -> Int64? {
        guard let value = json[name] else { return nil }
        guard let number = value.integer, range ~= number else {
            throw TransactionLineError(name, "a number of \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private static func text(_ json: JSON, _ name: String) throws(TransactionLineError) -> String? {
        guard let value = json[name] else { return nil }
        guard let text = value.string, text.utf8.count <= textMax else {
            throw TransactionLineError(name, "a text of at most \(textMax) bytes")
        }
        return text
    }

    private static func choice<Value>(
        _ json: JSON, _ name: String, _ values: [(String, Value)]
    ) throws(TransactionLineError) -> Value? {
        guard let text = try text(json, name) else { return nil }
        guard let found = values.first(where: { $0.0 == text }) else {
            throw TransactionLineError(name, Parser.alternatives(values.map(\.0)))
        }
        return found.1
    }

    private static func flag(_ json: JSON, _ name: String) throws(TransactionLineError) -> Bool {
        guard let value = json[name] else { return false }
        guard let flag = value.bool else { throw TransactionLineError(name, "true or false") }
        return flag
    }

    private static func instant(_ json: JSON) throws(TransactionLineError) -> Instant {
        guard let text = try text(json, "at"), let instant = Instant(iso8601: text) else {
            throw TransactionLineError("at", "a time such as 2026-08-14T09:30:00Z")
        }
        return instant
    }

    private static func amount(_ json: JSON) throws(TransactionLineError) -> Money {
        guard let code = try text(json, "currency"), let currency = Currency(code: code) else {
            throw TransactionLineError("currency", "EUR, USD, CNY, GBP or JPY")
        }
        guard let figure = try text(json, "amount"), let money = Money(figure: figure, currency) else {
            throw TransactionLineError(
                "amount", "a figure in quotes with at most \(currency.exponent) decimals")
        }
        return money
    }

    private static func terminal(_ json: JSON) throws(TransactionLineError) -> TerminalID {
        guard let text = try text(json, "terminal"), let terminal = TerminalID(text) else {
            throw TransactionLineError("terminal", "up to eight letters and figures")
        }
        return terminal
    }

    private static func merchant(_ json: JSON) throws(TransactionLineError) -> MerchantID? {
        guard let text = try text(json, "merchant") else { return nil }
        guard let number = UInt64(text), number <= 999_999_999_999_999 else {
            throw TransactionLineError("merchant", "up to 15 figures in quotes")
        }
        return MerchantID(number: number)
    }

    private static func mcc(_ json: JSON) throws(TransactionLineError) -> MCC? {
        try number(json, "mcc", 0...9_999).map { MCC(UInt16($0)) }
    }

    private static func goods(_ json: JSON) throws(TransactionLineError) -> [GoodsCode] {
        guard let value = json["goods"] else { return [] }
        guard let array = value.array, array.count <= 16 else {
            throw TransactionLineError("goods", "a list of at most 16 codes")
        }
        var goods: [GoodsCode] = []
        for element in array {
            guard let code = element.string.flatMap({ GoodsCode($0) }) else {
                throw TransactionLineError("goods", "codes of up to eight letters and figures")
            }
            goods.append(code)
        }
        return goods
    }
}
