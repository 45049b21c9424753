// SPDX-License-Identifier: Apache-2.0

/// The spaces between the tokens of one line.
enum RuleSpacing {
    /// - Parameter nameWidth: to which the second token, a name, is filled up; 0 leaves it.
    static func text(_ tokens: [Token], nameWidth: Int = 0) -> String {
        var text = ""
        for index in tokens.indices {
            if index > 0, isApart(tokens, index) { text += " " }
            let word = word(tokens[index])
            text += word
            if index == 1, word.utf8.count < nameWidth {
                text += String(repeating: " ", count: nameWidth - word.utf8.count)
            }
        }
        return text
    }

    /// A long condition, cut before each `and` and `or` that stands in no parenthesis.
    static func wrapped(_ tokens: [Token]) -> [String] {
        var (parts, depth): ([[Token]], Int) = ([[]], 0)
        for token in tokens {
            switch token.kind {
            case .sign(.openParenthesis), .sign(.openBracket): depth += 1
            case .sign(.closeParenthesis), .sign(.closeBracket): depth -= 1
            case .word("and"), .word("or"), .sign(.and), .sign(.or): if depth == 0 { parts.append([]) }
            default: break
            }
            parts[parts.count - 1].append(token)
        }
        return parts.map { text($0) }
    }

    private static func word(_ token: Token) -> String {
        switch token.kind {
        case .word(let word), .number(let word), .duration(_, let word): return word
        case .sign(let sign): return sign.rawValue
        case .end, .broken: return ""
        case .text(let text):
            var quoted = "\""
            for scalar in text.unicodeScalars {
                switch scalar {
                case "\"": quoted += "\\\""
                case "\\": quoted += "\\\\"
                case "\n": quoted += "\\n"
                case "\r": quoted += "\\r"
                default: quoted.unicodeScalars.append(scalar)
                }
            }
            return quoted + "\""
        }
    }

    private static func isApart(_ tokens: [Token], _ index: Int) -> Bool {
        let (left, right) = (tokens[index - 1].kind, tokens[index].kind)
        switch right {
        case .sign(.comma), .sign(.closeParenthesis), .sign(.closeBracket), .sign(.dot): return false
        case .sign(.openParenthesis): if isFunction(left) { return false }
        default: break
        }
        switch left {
        case .sign(.openParenthesis), .sign(.openBracket), .sign(.not), .sign(.dot): return false
        case .sign(.minus): return !isSpan(tokens, index - 1) && !isUnary(tokens, index - 1)
        default: break
        }
        return right != .sign(.minus) || !isSpan(tokens, index)
    }

    /// Before a parenthesis a word is a function's name, unless it is one that joins conditions.
    private static func isFunction(_ token: Token.Kind) -> Bool {
        guard case .word(let word) = token else { return false }
        return !(Words.structural + ["on", "else"]).contains(word)
    }

    /// Whether a minus stands between the bounds of a list's element.
    private static func isSpan(_ tokens: [Token], _ index: Int) -> Bool {
        if tokens.first?.kind == .word("list") { return true }
        // Within brackets only lists stand.
        var depth = 0
        for token in tokens[..<index] {
            if token.kind == .sign(.openBracket) { depth += 1 }
            if token.kind == .sign(.closeBracket) { depth -= 1 }
        }
        return depth > 0
    }

    /// Whether a minus has no left side.
    private static func isUnary(_ tokens: [Token], _ index: Int) -> Bool {
        guard index > 0 else { return true }
        switch tokens[index - 1].kind {
        case .number, .text, .duration, .sign(.closeParenthesis), .sign(.closeBracket): return false
        case .word(let word): return ["when", "where", "and", "or", "not", "in", "on", "else"].contains(word)
        default: return true
        }
    }
}
