// SPDX-License-Identifier: Apache-2.0

/// The types of the rule language. Nothing converts on its own.
enum ValueType: Sendable {
    case number, double, money, duration, string, mcc, goods, terminal, merchant, card, pin, status, kind, entry, truth

    /// How an error message names a value of this type.
    var name: String {
        switch self {
        case .number: "a whole number"
        case .double: "a number with decimals, such as 0.5"
        case .money: "an amount with its currency, such as 200.00 EUR"
        case .duration: "a duration, such as duration(\"15m\")"
        case .mcc: "a merchant category code, 0 to 9999"
        case .goods: "a goods code"
        case .terminal: "a terminal in quotes, such as \"T0000001\""
        case .merchant: "a merchant number"
        case .card: "a card"
        case .string: "a text in quotes"
        case .pin, .status, .kind, .entry: Parser.alternatives(literals.map(\.word))
        case .truth: "a condition"
        }
    }

    /// The words that stand for values of an enumerated type.
    var literals: [(word: String, value: Int64)] {
        switch self {
        case .pin: [("right", 2), ("wrong", 3), ("absent", 0), ("untried", 1), ("locked", 4)]
        case .status: [("active", 0), ("lost", 1), ("stolen", 2)]
        case .kind:
            [("purchase", 0), ("cash", 1), ("refund", 2), ("other", 3), ("pre_authorisation", 4), ("completion", 5)]
        case .entry:
            [("unknown", 0), ("chip", 1), ("contactless", 2), ("stripe", 3), ("fallback", 4), ("manual", 5)]
        default: []
        }
    }

    var isOrdered: Bool {
        switch self {
        case .number, .double, .money, .duration, .string, .mcc: true
        default: false
        }
    }

    /// Values of it are in lists by name.
    var isListed: Bool { listKind != nil }

    var listKind: ListKind? {
        switch self {
        case .mcc: .mcc
        case .goods: .goods
        case .terminal: .terminal
        case .merchant: .merchant
        case .card: .card
        default: nil
        }
    }
}

/// What a window knows of an earlier transaction beyond its facts. The transaction in hand counts as approved:
/// the figures are those that would stand if it were.
enum EventFact: String, Sendable, CaseIterable {
    case approved, declined, reversed
    /// It is known to be a fraud.
    case confirmed
    /// Its amount was none that its card had not spent before; far above that it was.
    case plain, unusual
}

/// In what an earlier transaction can be like the one in hand.
enum SameFact: String, Sendable, CaseIterable {
    case terminal, merchant, mcc, place

    var number: UInt32 {
        switch self {
        case .terminal: 0
        case .merchant: 1
        case .mcc: 2
        case .place: 3
        }
    }
}
