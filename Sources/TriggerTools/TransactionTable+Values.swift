// SPDX-License-Identifier: Apache-2.0
import SecurityTriggers
import Vocabulary

extension TransactionTable {
    static func text(_ bytes: ArraySlice<UInt8>) -> String {
        bytes.isEmpty ? "" : String(decoding: bytes, as: UTF8.self)
    }

    /// Figures alone, at least one; nil for anything else.
    static func number(_ bytes: ArraySlice<UInt8>, figuresMax: Int) -> UInt64? {
        guard !bytes.isEmpty, bytes.count <= figuresMax else { return nil }
        var number: UInt64 = 0
        for byte in bytes {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            number = number &* 10 &+ UInt64(byte &- 0x30)
        }
        return number
    }

    func instant(_ bytes: ArraySlice<UInt8>) throws(TransactionTableError) -> Instant {
        if let instant = Self.plainInstant(bytes) { return instant }
        guard let instant = Instant(iso8601: Self.text(bytes)) else {
            throw failure(.time, "a time such as 2018-04-01 00:01:02")
        }
        return instant
    }

    /// Whole seconds of a day that every month has; the rest is for `Instant(iso8601:)`.
    private static func plainInstant(_ bytes: ArraySlice<UInt8>) -> Instant? {
        guard bytes.count == 19 || bytes.count == 20 && bytes.last == 0x5A else { return nil }
        let start = bytes.startIndex
        func figures(_ place: Int, _ count: Int) -> Int? {
            number(bytes[start + place..<start + place + count], figuresMax: 4).map { Int($0) }
        }
        guard bytes[start + 4] == 0x2D, bytes[start + 7] == 0x2D,
            bytes[start + 10] == 0x20 || bytes[start + 10] == 0x54,
            bytes[start + 13] == 0x3A, bytes[start + 16] == 0x3A, let year = figures(0, 4), let month = figures(5, 2),
            let day = figures(8, 2), let hour = figures(11, 2), let minute = figures(14, 2),
            let second = figures(17, 2),
            (1...12).contains(month), (1...28).contains(day), hour < 24, minute < 60, second < 60
        else { return nil }
        return CalendarTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second).instant
    }

    func amount(_ bytes: ArraySlice<UInt8>, _ code: ArraySlice<UInt8>) throws(TransactionTableError) -> Money {
        let isEuro = code.isEmpty || code.elementsEqual([0x45, 0x55, 0x52])
        // Ten figures, a point and two more.
        if isEuro, bytes.count > 3, bytes[bytes.endIndex - 3] == 0x2E,
            let whole = Self.number(bytes.dropLast(3), figuresMax: 10),
            let cents = Self.number(bytes.suffix(2), figuresMax: 2)
        {
            return Money(minorUnits: Int64(whole * 100 + cents), .eur)
        }
        guard let currency = code.isEmpty ? .eur : Currency(code: Self.text(code)) else {
            throw failure(.currency, "EUR, USD, CNY, GBP or JPY")
        }
        guard let money = Money(figure: Self.text(bytes), currency) else {
            throw failure(.amount, "an amount with at most \(currency.exponent) decimals")
        }
        return money
    }

    /// A number becomes its last eight figures; a name stays.
    func terminal(_ bytes: ArraySlice<UInt8>) throws(TransactionTableError) -> TerminalID {
        if Self.number(bytes, figuresMax: 8) != nil {
            var packed: UInt64 = 0x3030_3030_3030_3030
            for (place, byte) in bytes.reversed().enumerated() { packed |= UInt64(byte) << UInt64(8 * place) }
            return TerminalID(packed: packed)
        }
        guard let terminal = TerminalID(ascii: bytes) else {
            throw failure(.terminal, "up to eight letters and figures")
        }
        return terminal
    }

    func merchant(_ bytes: ArraySlice<UInt8>) throws(TransactionTableError) -> MerchantID? {
        guard !bytes.isEmpty else { return nil }
        guard let number = Self.number(bytes, figuresMax: 19), number <= 999_999_999_999_999 else {
            throw failure(.merchant, "up to 15 figures")
        }
        return MerchantID(number: number)
    }

    func mcc(_ bytes: ArraySlice<UInt8>) throws(TransactionTableError) -> MCC? {
        guard !bytes.isEmpty else { return nil }
        guard let number = Self.number(bytes, figuresMax: 5), number <= 9_999 else {
            throw failure(.mcc, "a number of 0 to 9999")
        }
        return MCC(UInt16(number))
    }

    /// Both or neither.
    func position(
        _ latitude: ArraySlice<UInt8>, _ longitude: ArraySlice<UInt8>
    ) throws(TransactionTableError) -> Position? {
        if latitude.isEmpty, longitude.isEmpty { return nil }
        return Position(
            latitude: try degrees(latitude, .latitude, 90_000_000),
            longitude: try degrees(longitude, .longitude, 180_000_000))
    }

    private func degrees(
        _ bytes: ArraySlice<UInt8>, _ column: Column, _ largest: UInt64
    ) throws(TransactionTableError) -> Int32 {
        let isNegative = bytes.first == 0x2D
        guard let number = Self.number(isNegative ? bytes.dropFirst() : bytes, figuresMax: 9), number <= largest else {
            throw failure(column, "millionths of a degree, -\(largest) to \(largest)")
        }
        return isNegative ? -Int32(number) : Int32(number)
    }

    func goods(_ bytes: ArraySlice<UInt8>) throws(TransactionTableError) -> [GoodsCode] {
        guard !bytes.isEmpty else { return [] }
        var goods: [GoodsCode] = []
        for part in bytes.split(separator: 0x20) {
            guard let code = GoodsCode(ascii: part) else { throw failure(.goods, "goods codes between spaces") }
            goods.append(code)
        }
        return goods
    }

    func choice<Value>(
        _ bytes: ArraySlice<UInt8>, _ column: Column, _ words: Words<Value>
    ) throws(TransactionTableError) -> Value {
        guard !bytes.isEmpty else { return words.missing }
        guard let value = words[bytes] else { throw failure(column, words.names.joined(separator: ", ")) }
        return value
    }
}

/// The words of a column, of at most sixteen bytes each, and what they stand for.
struct Words<Value: Sendable>: Sendable {
    let missing: Value
    let names: [String]
    private let words: [(word: UInt128, value: Value)]

    init(_ missing: Value, _ words: KeyValuePairs<String, Value>) {
        self.missing = missing
        names = words.map(\.key)
        self.words = words.map { (Self.packed($0.key.utf8), $0.value) }
    }

    subscript(bytes: ArraySlice<UInt8>) -> Value? {
        guard bytes.count <= 16 else { return nil }
        let wanted = Self.packed(bytes)
        for (word, value) in words where word == wanted { return value }
        return nil
    }

    private static func packed(_ bytes: some Sequence<UInt8>) -> UInt128 { bytes.reduce(0) { $0 << 8 | UInt128($1) } }
}

extension Words<PINFact> {
    static let pin = Words(
        .absent, ["absent": .absent, "untried": .untried, "right": .right, "wrong": .wrong, "locked": .locked])
}

extension Words<HotListReason?> {
    static let status = Words(nil, ["active": nil, "lost": .lost, "stolen": .stolen])
}

extension Words<FactKind> {
    static let kind = Words(
        .purchase, ["purchase": .purchase, "cash": .cash, "refund": .refund, "other": .other])
}

extension Words<WindowOutcome?> {
    static let outcome = Words(nil, ["approved": .approved, "declined": .declined, "pending": .pending])
}

extension Words<EntryFact> {
    static let entry = Words(
        .unknown,
        [
            "unknown": .unknown, "chip": .chip, "contactless": .contactless, "stripe": .stripe, "fallback": .fallback,
            "manual": .manual,
        ])
}

extension Words<Bool> {
    static let flag = Words(false, ["0": false, "1": true, "false": false, "true": true])
}
