// SPDX-License-Identifier: Apache-2.0

/// An ISO 4217 currency by its numeric code.
public struct Currency: Hashable, Sendable {
    public var numeric: UInt16

    public init(numeric: UInt16) { self.numeric = numeric }

    public static let eur = Currency(numeric: 978)
    public static let usd = Currency(numeric: 840)
    public static let cny = Currency(numeric: 156)
    public static let gbp = Currency(numeric: 826)
    public static let jpy = Currency(numeric: 392)

    private static let known: [(Currency, String, Int)] = [
        (eur, "EUR", 2), (usd, "USD", 2), (cny, "CNY", 2), (gbp, "GBP", 2), (jpy, "JPY", 0),
    ]

    public init?(code: some StringProtocol) {
        guard let row = Self.known.first(where: { $0.1 == code }) else { return nil }
        self = row.0
    }

    /// The alphabetic code, or the three digits of a currency this table does not name.
    public var code: String {
        Self.known.first { $0.0 == self }?.1 ?? String(repeating: "0", count: 3 - min(3, "\(numeric)".count))
            + "\(numeric)"
    }
    /// Digits after the point: 2 unless the table says otherwise.
    public var exponent: Int { Self.known.first { $0.0 == self }?.2 ?? 2 }
}

/// An amount in minor units of one currency. Never a floating-point number.
public struct Money: Hashable, Sendable, CustomStringConvertible {
    public var minorUnits: Int64
    public var currency: Currency

    public init(minorUnits: Int64, _ currency: Currency) {
        self.minorUnits = minorUnits
        self.currency = currency
    }

    /// `1250.00 EUR`.
    public var description: String { "\(figure) \(currency.code)" }

    /// `1250.00`.
    public var figure: String {
        let exponent = currency.exponent
        let digits = String(minorUnits.magnitude)
        let sign = minorUnits < 0 ? "-" : ""
        guard exponent > 0 else { return sign + digits }
        let padded = String(repeating: "0", count: max(0, exponent + 1 - digits.count)) + digits
        return "\(sign)\(padded.dropLast(exponent)).\(padded.suffix(exponent))"
    }

    /// Reads a decimal figure such as `12`, `12.5` or `12.50`; nil for more decimals than the currency has,
    /// signs, empty text or anything over 12 digits (DE 4).
    public init?(figure: some StringProtocol, _ currency: Currency) {
        let parts = figure.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = parts.first, !whole.isEmpty else { return nil }
        let decimals = parts.count == 2 ? String(parts[1]) : ""
        guard decimals.count <= currency.exponent, parts.count == 1 || !decimals.isEmpty else { return nil }
        let digits = whole + decimals + String(repeating: "0", count: currency.exponent - decimals.count)
        guard digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), digits.count <= 12, let units = Int64(digits)
        else { return nil }
        self.init(minorUnits: units, currency)
    }
}
