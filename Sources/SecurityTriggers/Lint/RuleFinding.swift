// SPDX-License-Identifier: Apache-2.0

/// Something in a sound rule file that is hardly meant so: where, what, and often what to do.
public struct RuleFinding: Equatable, Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable, CaseIterable {
        /// No transaction can make the condition hold: it contradicts itself.
        case neverHolds
        /// No transaction can make it hold: a value is asked for that its fact or velocity never has.
        case outOfRange
        /// Every transaction makes it hold, where its values are known.
        case alwaysHolds
        /// Whenever it hits, a stronger rule hits too and does all that it does.
        case unreachable
        /// Another rule hits on exactly the same transactions.
        case sameCondition
        /// One part of a condition stands in it twice.
        case repeatedPart
        case unusedList, unusedVelocity, unusedFeature, unusedScore
        /// Amounts of two currencies, and no rate that joins them.
        case foreignCurrency
        /// A declared name hides a fact of the language.
        case hidesFact
        /// A name that CEL keeps for itself.
        case celWord
        /// A text in one language and not in the other.
        case missingText
    }

    public var kind: Kind
    public var line: Int
    public var column: Int
    /// One sentence without its full stop.
    public var sentence: String
    public var hint: String?

    init(_ kind: Kind, at position: SourcePosition, _ sentence: String, hint: String? = nil) {
        (self.kind, self.sentence, self.hint) = (kind, sentence, hint)
        (line, column) = (position.line, position.column)
    }

    /// `7:12: neverHolds: …; hint`
    public var description: String {
        "\(line):\(column): \(kind.rawValue): \(sentence)" + (hint.map { "; \($0)" } ?? "")
    }
}

extension RuleSet {
    /// What is hardly meant so in a rule file, in the order of its lines; empty for a file with mistakes, which
    /// `errors(in:)` names. A condition too large to be looked through has no finding, never a wrong one.
    public static func findings(in text: String) -> [RuleFinding] {
        guard (try? RuleSet(parsing: text)) != nil, var parser = try? Parser(parsing: text),
            let file = try? parser.file()
        else { return [] }
        return Linter(file).findings
    }
}
