// SPDX-License-Identifier: Apache-2.0

/// The words of the language.
enum Words {
    /// No list, velocity or rule may bear one of these names. They are the words of format 1 as it was first, and no word is
    /// ever added: texts that use it as a name are in journals. Every later word is one only where nothing declares it.
    static let reservedV1: [String] = [
        "ruleset", "version", "list", "velocity", "rule", "shadow", "when", "unless", "notice", "covers", "tx", "then",
        "say", "by", "over", "before", "where", "reset", "on", "and", "or", "not", "in", "has", "true", "false",
        "attempts", "card", "issuer", "case", "notify", "ask", "freeze", "hold", "require", "as", "count", "sum", "min",
        "max", "mean", "distinct", "amount", "mcc", "goods", "terminal", "merchant", "pin", "card.status", "kind",
        "hour", "overflow", "hot", "approved", "declined", "reversed", "right", "wrong", "absent", "untried", "locked",
        "active", "lost", "stolen", "purchase", "cash", "refund", "other",
    ]

    /// Words of declarations and rules, and those of what a rule orders, for editors.
    static let keywords: [String] =
        Parser.heads + RuleState.allCases.map(\.rawValue) + VelocityDeclaration.Key.allCases.map(\.rawValue) + [
            "version", "when", "unless", "notice", "covers", "tx", "then", "say", "by", "over", "delayed", "before",
            "where", "reset", "on", "unknown", "and", "or", "not", "in", "has", "else", "from", "model", "as",
        ]
    static let orders: [String] = [
        "approve", "require", "refer", "decline", "retain", "hold", "case", "low", "medium", "high", "notify", "issuer",
        "ask", "cardholder", "freeze", "id_document", "password", "analyst", "en", "zh",
    ]

    /// Words that end a value rather than being one.
    static let structural: [String] = [
        "and", "or", "not", "in", "then", "unless", "when", "list", "where", "reset", "say",
    ]

    /// What each function of a velocity may be taken of.
    static func arguments(of function: VelocityDeclaration.Function) -> [String] {
        switch function {
        case .count: ["attempts", "approved", "declined", "reversed", "confirmed", "refunds"]
        case .sum, .min, .max, .mean: ["amount"]
        case .distinct: ["terminal", "merchant", "mcc", "card"]
        case .share: ["confirmed", "declined", "refunds"]
        case .first, .last: ["confirmed"]
        }
    }
}
