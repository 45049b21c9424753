// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// One amount of DE 54 (ISO 8583:1987): twenty characters, account type 2, amount type 2, currency 3, sign 1, amount 12.
public struct AdditionalAmount: Equatable, Sendable {
    public enum Kind: UInt8, CaseIterable, Sendable {
        /// What is booked.
        case ledger = 1
        /// What may be spent.
        case available = 2
    }

    public var kind: Kind
    /// Minor units; negative for a debit balance.
    public var amount: Int64
    public var currency: Currency

    public static let length = 20
    private static let amountMax: Int64 = 999_999_999_999

    /// - Parameter amount: what twelve digits do not hold is cut to the most they do.
    public init(_ kind: Kind, _ amount: Int64, _ currency: Currency) {
        self.kind = kind
        self.amount = min(max(amount, -Self.amountMax), Self.amountMax)
        self.currency = currency
    }

    /// The twenty characters, for an unspecified account.
    public var text: String {
        "00" + decimal(UInt64(kind.rawValue), digits: 2) + decimal(UInt64(currency.numeric), digits: 3)
            + (amount < 0 ? "D" : "C") + decimal(UInt64(amount.magnitude), digits: 12)
    }

    /// Reads DE 54; nil for anything but whole amounts. Those of other types are left out.
    public static func list(_ text: some StringProtocol) -> [AdditionalAmount]? {
        var bytes = Array(text.utf8)[...]
        guard bytes.count.isMultiple(of: length) else { return nil }
        var amounts: [AdditionalAmount] = []
        while !bytes.isEmpty {
            bytes = bytes.dropFirst(2)
            guard let type = takeDecimal(&bytes, digits: 2), let currency = takeDecimal(&bytes, digits: 3),
                let sign = bytes.popFirst(), sign == UInt8(ascii: "C") || sign == UInt8(ascii: "D"),
                let units = takeDecimal(&bytes, digits: 12)
            else { return nil }
            guard let kind = Kind(rawValue: UInt8(type)) else { continue }
            let amount = sign == UInt8(ascii: "D") ? -Int64(units) : Int64(units)
            amounts.append(AdditionalAmount(kind, amount, Currency(numeric: UInt16(currency))))
        }
        return amounts
    }
}
