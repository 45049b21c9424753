// SPDX-License-Identifier: Apache-2.0

/// The words that the language keeps for itself.
enum Words {
    /// No list, velocity or rule may bear one of these names.
    static let reserved: [String] =
        [
            "ruleset", "version", "list", "velocity", "rule", "shadow", "when", "unless", "notice", "covers", "tx",
            "then", "say", "by", "over", "before", "where", "reset", "on", "and", "or", "not", "in", "has", "true",
            "false", "attempts", "card", "issuer", "case", "notify", "ask", "freeze", "hold", "require", "as",
        ] + VelocityDeclaration.Function.allCases.map(\.rawValue) + Fact.allCases.map(\.name)
        + ["hot"] + EventFact.allCases.map(\.rawValue)
        + [ValueType.pin, .status, .kind].flatMap { $0.literals.map(\.word) }

    /// What each function of a velocity may be taken of.
    static func arguments(of function: VelocityDeclaration.Function) -> [String] {
        switch function {
        case .count: ["attempts", "approved", "declined", "reversed"]
        case .sum, .min, .max, .mean: ["amount"]
        case .distinct: ["terminal", "merchant", "mcc"]
        }
    }
}
