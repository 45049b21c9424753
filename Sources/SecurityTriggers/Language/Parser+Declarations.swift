// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Parser {
    mutating func version() throws(RuleFileError) -> UInt32 {
        guard case .number(let digits) = current.kind, let version = UInt32(digits) else {
            throw failure("a version number")
        }
        advance()
        return version
    }

    mutating func list(at position: SourcePosition) throws(RuleFileError) -> ListDeclaration {
        let name = try newName("list")
        try expect(.assign)
        let type: ValueType =
            switch try choice(["mcc", "goods", "terminal", "merchant", "card"]) {
            case "mcc": .mcc
            case "goods": .goods
            case "terminal": .terminal
            case "merchant": .merchant
            default: .card
            }
        if isWord("from"), case .text(let source) = next {
            advance()
            guard !source.isEmpty, source.utf8.count <= RuleSet.limits.nameBytes else {
                throw failure("the name of a list, at most \(RuleSet.limits.nameBytes) bytes", code: .limit)
            }
            advance()
            return ListDeclaration(name: name, type: type, source: .external(source), position: position)
        }
        guard type != .card else {
            throw failure("`from` and the list's name in quotes", hint: "no card stands in a rule file")
        }
        return ListDeclaration(
            name: name, type: type, source: .inline(try elements(ofAnyType: false)), position: position)
    }

    /// Elements between commas; at least one.
    ///
    /// - Parameter isAny: between brackets any value may be an element.
    mutating func elements(ofAnyType isAny: Bool) throws(RuleFileError) -> [ListElement] {
        var elements: [ListElement] = []
        repeat {
            let position = current.position
            try within(RuleSet.limits.listElements, elements.count, "elements in a list", position)
            elements.append(ListElement(kind: try element(ofAnyType: isAny), position: position))
        } while take(.comma)
        return elements
    }

    private mutating func element(ofAnyType isAny: Bool) throws(RuleFileError) -> ListElement.Kind {
        let isAlone = !isAny || next == .sign(.comma) || next == .sign(.closeBracket)
        switch current.kind {
        case .word(let word) where isAlone:
            advance()
            return .word(word)
        case .text(let text) where isAlone:
            advance()
            return .text(text)
        case .number(let digits) where UInt64(digits) != nil && (isAlone || next == .sign(.minus)):
            let low = try whole()
            return take(.minus) ? .span(low, try whole()) : .number(low)
        default:
            guard isAny else { throw failure("an element of the list") }
            return .expression(try condition())
        }
    }

    private mutating func whole() throws(RuleFileError) -> UInt64 {
        guard case .number(let digits) = current.kind, let value = UInt64(digits) else {
            throw failure("a whole number")
        }
        advance()
        return value
    }

    mutating func rate(at position: SourcePosition) throws(RuleFileError) -> RateDeclaration {
        let from = try currency()
        try expect(.assign)
        let place = current.position
        let (units, scale) = try decimal()
        let to = try currency()
        guard from != to else {
            throw RuleFileError(.type, at: place, expected: "another currency", found: "`\(to.code)`")
        }
        guard units > 0 else { throw RuleFileError(.range, at: place, expected: "a rate above 0", found: "`0`") }
        // A unit of either currency is ten to its exponent of minor ones.
        return RateDeclaration(
            from: from, to: to, numerator: units * Self.power(to.exponent),
            denominator: scale * Self.power(from.exponent), position: position)
    }

    /// A number of up to six figures and eight decimals, as a whole number and what it is to be divided by.
    private mutating func decimal() throws(RuleFileError) -> (units: Int64, scale: Int64) {
        guard case .number(let digits) = current.kind else { throw failure("a rate, such as 0.92") }
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        let decimals = parts.count == 2 ? parts[1].count : 0
        guard parts.count <= 2, decimals <= 8, parts[0].count <= 6, let units = Int64(parts.joined()) else {
            throw failure("a rate of at most six figures and eight decimals", code: .range)
        }
        advance()
        return (units, Self.power(decimals))
    }

    private static func power(_ exponent: Int) -> Int64 { (0..<exponent).reduce(1) { power, _ in power * 10 } }

    mutating func feature(at position: SourcePosition) throws(RuleFileError) -> FeatureDeclaration {
        let name = try newName("feature")
        try expect(.assign)
        nodes = 0
        let expression = try condition()
        var missing: Double?
        if take("else") {
            let sign = take(.minus) ? -1.0 : 1.0
            guard case .number(let digits) = current.kind, let value = Double(digits) else { throw failure("a number") }
            advance()
            missing = sign * value
        }
        return FeatureDeclaration(name: name, expression: expression, missing: missing, position: position)
    }

    mutating func score(at position: SourcePosition) throws(RuleFileError) -> ScoreDeclaration {
        let name = try newName("score")
        try expect(.assign)
        try expect("model")
        guard case .text(let model) = current.kind else { throw failure("the model's name in quotes") }
        guard !model.isEmpty, model.utf8.count <= RuleSet.limits.nameBytes else {
            throw failure("a model's name of at most \(RuleSet.limits.nameBytes) bytes", code: .limit)
        }
        advance()
        try expect(.openParenthesis)
        var features: [(name: String, position: SourcePosition)] = []
        repeat {
            guard case .word(let feature) = current.kind else { throw failure("the name of a feature") }
            features.append((feature, current.position))
            advance()
        } while take(.comma)
        try expect(.closeParenthesis)
        return ScoreDeclaration(name: name, model: model, features: features, position: position)
    }
}
