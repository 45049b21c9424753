// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// The signs of the rule language.
enum Sign: String, Sendable {
    case openBrace = "{"
    case closeBrace = "}"
    case openParenthesis = "("
    case closeParenthesis = ")"
    case openBracket = "["
    case closeBracket = "]"
    case comma = ","
    case assign = "="
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case and = "&&"
    case or = "||"
    case not = "!"
    case plus = "+"
    case minus = "-"
    case times = "*"
    case divide = "/"
    case remainder = "%"
    case question = "?"
    case colon = ":"
    case dot = "."
}

/// One word of a rule file.
struct Token: Sendable {
    enum Kind: Equatable, Sendable {
        case word(String)
        /// Digits, with decimals or without.
        case number(String)
        case duration(Interval, text: String)
        case text(String)
        case sign(Sign)
        /// What could not be read, where reading goes on; its mistake is known.
        case broken
        case end
    }

    var kind: Kind
    var position: SourcePosition

    /// How an error message names this token.
    var name: String {
        switch kind {
        case .word(let word): "`\(word)`"
        case .number(let digits): "`\(digits)`"
        case .duration(_, let text): "`\(text)`"
        case .text: "a text"
        case .sign(let sign): "`\(sign.rawValue)`"
        case .broken: "what cannot be read"
        case .end: "the end of the file"
        }
    }
}

/// A comment with its sign; no part of what a rule file means.
struct Comment: Sendable {
    var text: String
    var position: SourcePosition
}
