// SPDX-License-Identifier: Apache-2.0

/// The types of the rule language. Nothing converts on its own.
enum ValueType: Sendable {
    case number, double, money, duration, mcc, goods, terminal, merchant, card, pin, status, kind, truth

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
        case .pin, .status, .kind: Parser.alternatives(literals.map(\.word))
        case .truth: "a condition"
        }
    }

    /// The words that stand for values of an enumerated type.
    var literals: [(word: String, value: Int64)] {
        switch self {
        case .pin: [("right", 2), ("wrong", 3), ("absent", 0), ("untried", 1), ("locked", 4)]
        case .status: [("active", 0), ("lost", 1), ("stolen", 2)]
        case .kind: [("purchase", 0), ("cash", 1), ("refund", 2), ("other", 3)]
        default: []
        }
    }

    var isOrdered: Bool {
        self == .number || self == .double || self == .money || self == .duration || self == .mcc
    }
}

/// What a rule may ask of the transaction itself.
enum Fact: UInt8, Sendable, CaseIterable {
    case amount, mcc, goods, terminal, merchant, pin, status, kind, hour, overflow

    var name: String {
        switch self {
        case .amount: "amount"
        case .mcc: "mcc"
        case .goods: "goods"
        case .terminal: "terminal"
        case .merchant: "merchant"
        case .pin: "pin"
        case .status: "card.status"
        case .kind: "kind"
        case .hour: "hour"
        case .overflow: "overflow"
        }
    }

    var type: ValueType {
        switch self {
        case .amount: .money
        case .mcc: .mcc
        case .goods: .goods
        case .terminal: .terminal
        case .merchant: .merchant
        case .pin: .pin
        case .status: .status
        case .kind: .kind
        case .hour: .number
        case .overflow: .truth
        }
    }

    /// `hot` is a short form of `card.status`.
    init?(named name: String) {
        guard let fact = Self.allCases.first(where: { $0.name == name }) ?? (name == "hot" ? .status : nil)
        else { return nil }
        self = fact
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
