// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Precedence, loosest first: `?:`, `or ||`, `and &&`, `not`, the relations and `in`, `+ -`, `* / %`, `! -`, calls. That is
/// CEL's, with the word `not` added where a reader expects it: `not mcc in list x` denies the whole relation.
extension Parser {
    mutating func condition() throws(RuleFileError) -> Expression {
        try deeper()
        defer { depth -= 1 }
        let test = try disjunction()
        guard isSign(.question) else { return test }
        let position = current.position
        advance()
        let yes = try disjunction()
        try expect(.colon, " between the two values of `? :`")
        return try node(.conditional(test, yes, try condition()), position)
    }

    private mutating func disjunction() throws(RuleFileError) -> Expression {
        var left = try conjunction()
        while isWord("or") || isSign(.or) {
            let position = current.position
            advance()
            left = try node(.or(left, try conjunction()), position)
        }
        return left
    }

    private mutating func conjunction() throws(RuleFileError) -> Expression {
        var left = try negation()
        while isWord("and") || isSign(.and) {
            let position = current.position
            advance()
            left = try node(.and(left, try negation()), position)
        }
        return left
    }

    private mutating func negation() throws(RuleFileError) -> Expression {
        guard isWord("not") else { return try relation() }
        let position = current.position
        advance()
        try deeper()
        defer { depth -= 1 }
        return try node(.not(try negation()), position)
    }

    private mutating func relation() throws(RuleFileError) -> Expression {
        let left = try sum()
        let position = current.position
        if take("in") { return try node(.member(left, try listReference()), position) }
        guard case .sign(let sign) = current.kind else { return left }
        guard let comparison = Comparison(sign) else {
            if sign == .assign { throw failure("`==`", hint: "`=` declares, `==` compares") }
            return left
        }
        advance()
        let relation = try node(.comparison(comparison, left, try sum()), position)
        if case .sign(let next) = current.kind, Comparison(next) != nil {
            throw failure("`and` or `or`", hint: "compare two values at a time: a < b and b < c")
        }
        return relation
    }

    private mutating func listReference() throws(RuleFileError) -> ListReference {
        let position = current.position
        if take(.openBracket) {
            if take(.closeBracket) { return .literal([], position) }
            let elements = try elements(ofAnyType: true)
            try expect(.closeBracket)
            return .literal(elements, position)
        }
        let isNamed = take("list")
        guard case .word(let name) = current.kind, isNamed || !Words.structural.contains(name) else {
            throw isNamed
                ? failure("the name of a list")
                : failure("`list` and its name, or `[` and elements", hint: spelling(["list"]))
        }
        let namePosition = current.position
        advance()
        return .named(name, namePosition)
    }

    private mutating func sum() throws(RuleFileError) -> Expression {
        var left = try product()
        while isSign(.plus) || isSign(.minus) {
            let position = current.position
            let operation: Arithmetic = isSign(.plus) ? .add : .subtract
            advance()
            left = try node(.arithmetic(operation, left, try product()), position)
        }
        return left
    }

    private mutating func product() throws(RuleFileError) -> Expression {
        var left = try unary()
        while case .sign(let sign) = current.kind, let operation = Arithmetic(rawValue: sign.rawValue),
            operation != .add, operation != .subtract
        {
            let position = current.position
            advance()
            left = try node(.arithmetic(operation, left, try unary()), position)
        }
        return left
    }

    private mutating func unary() throws(RuleFileError) -> Expression {
        let position = current.position
        guard isSign(.not) || isSign(.minus) else { return try member() }
        let denies = isSign(.not)
        advance()
        if !denies, case .number(let digits) = current.kind, let least = Self.integer("-" + digits), least == .min {
            // Its positive counterpart is no number of 64 bits.
            advance()
            return try node(.number(least), position)
        }
        try deeper()
        defer { depth -= 1 }
        let operand = try unary()
        return try node(denies ? .not(operand) : .negative(operand), position)
    }

    /// A value, and the functions called on it: `"abc".size()`.
    private mutating func member() throws(RuleFileError) -> Expression {
        var value = try primary()
        while isSign(.dot) {
            advance()
            guard case .word(let name) = current.kind else { throw failure("a function") }
            let position = current.position
            advance()
            value = try call(name, on: value, position)
        }
        return value
    }

    private mutating func primary() throws(RuleFileError) -> Expression {
        let position = current.position
        switch current.kind {
        case .number(let digits): return try amount(digits, position)
        case .text(let text):
            advance()
            return try node(.text(text), position)
        case .duration(let interval, _):
            advance()
            return try node(.duration(interval), position)
        case .sign(.openParenthesis):
            advance()
            let inner = try condition()
            try expect(.closeParenthesis, " to close the parenthesis")
            return inner
        case .word("true"), .word("false"):
            let value = isWord("true")
            advance()
            return try node(.truth(value), position)
        case .word("has"):
            advance()
            try expect(.openParenthesis)
            guard case .word(let name) = current.kind else { throw failure("the name of a fact or velocity") }
            let namePosition = current.position
            advance()
            try expect(.closeParenthesis)
            return try node(.has(name), namePosition)
        case .word(let word):
            guard !Words.structural.contains(word) else { throw failure("a value") }
            advance()
            guard isSign(.openParenthesis) else { return try node(.name(word), position) }
            return try call(word, position)
        case .sign(.openBracket), .sign(.openBrace):
            throw failure("a value", hint: "lists stand after `in`; maps and messages are no part of this language")
        default: throw failure("a value")
        }
    }

    /// A whole number of 64 bits, decimal or hexadecimal.
    static func integer(_ digits: String) -> Int64? {
        let isNegative = digits.hasPrefix("-")
        let magnitude = digits.dropFirst(isNegative ? 1 : 0)
        guard magnitude.hasPrefix("0x") || magnitude.hasPrefix("0X") else { return Int64(digits) }
        return Int64((isNegative ? "-" : "") + magnitude.dropFirst(2), radix: 16)
    }

    /// A number, or an amount when a currency follows.
    private mutating func amount(_ digits: String, _ position: SourcePosition) throws(RuleFileError) -> Expression {
        advance()
        if case .word(let code) = current.kind, code.utf8.count == 3,
            code.utf8.allSatisfy({ (0x41...0x5A).contains($0) })
        {
            let currency = try currency()
            guard let money = Money(figure: digits, currency) else {
                throw RuleFileError(
                    .range, at: position, expected: "an amount of \(code) with at most \(currency.exponent) decimals",
                    found: "`\(digits)`")
            }
            return try node(.money(money), position)
        }
        if let value = Self.integer(digits) { return try node(.number(value), position) }
        guard digits.contains(where: { ".eE".contains($0) }), let value = Double(digits) else {
            throw RuleFileError(
                .range, at: position, expected: "a whole number of 64 bits", found: "`\(digits)`")
        }
        return try node(.double(value, text: digits), position)
    }

    /// The code of a currency, in capitals.
    mutating func currency() throws(RuleFileError) -> Currency {
        guard case .word(let code) = current.kind, let currency = Currency(code: code) else {
            throw failure("a currency: EUR, USD, CNY, GBP or JPY", code: .unknownName)
        }
        advance()
        return currency
    }

    mutating func deeper() throws(RuleFileError) {
        depth += 1
        guard depth <= RuleSet.limits.depth else {
            throw failure("at most \(RuleSet.limits.depth) levels of nesting", code: .limit)
        }
    }

    mutating func node(
        _ kind: Expression.Kind, _ position: SourcePosition
    ) throws(RuleFileError) -> Expression {
        nodes += 1
        guard nodes <= RuleSet.limits.nodes else {
            throw RuleFileError(
                .limit, at: position, expected: "at most \(RuleSet.limits.nodes) parts in one rule or velocity",
                found: "one more")
        }
        return Expression(kind: kind, position: position)
    }
}
