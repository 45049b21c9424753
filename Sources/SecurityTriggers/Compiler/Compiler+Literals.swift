// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Compiler {
    /// The value that a literal stands for where `type` is wanted, or nil when the expression is no literal.
    func literal(_ expression: Expression, as type: ValueType) throws(RuleFileError) -> FigureValue? {
        switch expression.kind {
        case .number(let value): return try number(value, as: type, expression.position)
        case .negative(let inner):
            guard case .number(let value) = inner.kind else { return nil }
            return try number(-value, as: type, expression.position)
        case .money(let money):
            guard type == .money else { throw mismatch(type, "`\(money)`, an amount", expression.position) }
            return FigureValue(money)
        case .text(let text):
            guard type == .terminal else { throw mismatch(type, "a text", expression.position) }
            guard let terminal = TerminalID(text) else {
                throw RuleFileError(
                    .range, at: expression.position, expected: type.name, found: "a text of another length")
            }
            return FigureValue(Int64(bitPattern: terminal.packed))
        case .name(let word):
            if let found = type.literals.first(where: { $0.word == word }) { return FigureValue(found.value) }
            guard !type.literals.isEmpty, !knownNames.contains(word) else { return nil }
            throw RuleFileError(
                .unknownName, at: expression.position, expected: type.name, found: "`\(word)`",
                hint: Spelling.hint(for: word, among: type.literals.map(\.word)))
        default: return nil
        }
    }

    private func number(
        _ value: Int64, as type: ValueType, _ position: SourcePosition
    ) throws(RuleFileError) -> FigureValue {
        switch type {
        case .number: return FigureValue(value)
        case .mcc, .merchant:
            guard value >= 0, value <= (type == .mcc ? 9_999 : 999_999_999_999_999) else {
                throw RuleFileError(.range, at: position, expected: type.name, found: "`\(value)`")
            }
            return FigureValue(value)
        case .money:
            throw RuleFileError(
                .type, at: position, expected: type.name, found: "`\(value)`", hint: "write \(value).00 EUR")
        default: throw mismatch(type, "`\(value)`", position)
        }
    }

    func mismatch(_ type: ValueType, _ found: String, _ position: SourcePosition) -> RuleFileError {
        RuleFileError(.type, at: position, expected: type.name, found: found)
    }

    func unknownName(_ name: String, _ position: SourcePosition) -> RuleFileError {
        if EventFact(rawValue: name) != nil {
            return RuleFileError(
                .type, at: position, expected: "a fact of the transaction in hand", found: "`\(name)`",
                hint: "\(name) is known of earlier transactions: use it in a velocity's where")
        }
        let literals = [ValueType.pin, .status, .kind].first { $0.literals.contains { $0.word == name } }
        return RuleFileError(
            .unknownName, at: position, expected: "a fact or a velocity", found: "`\(name)`",
            hint: literals != nil
                ? "compare it with a fact, such as pin == wrong" : Spelling.hint(for: name, among: knownNames))
    }

    /// The type that an expression has of itself; nil for literals that take the other side's type.
    func naturalType(_ expression: Expression) -> ValueType? {
        switch expression.kind {
        case .name(let name):
            // What is declared hides a fact that the language came to know later.
            if let index = file.velocities.firstIndex(where: { $0.name == name }) { return velocityTypes[index] }
            return Fact(named: name)?.type
        case .money: return .money
        case .negative(let inner): return naturalType(inner)
        case .arithmetic(_, let left, let right):
            let types = [naturalType(left), naturalType(right)]
            return types.contains(.money) ? .money : (types[0] ?? types[1] ?? .number)
        case .truth, .has, .not, .comparison, .member, .same, .and, .or: return .truth
        case .number, .text: return nil
        }
    }

    /// An expression as an explanation names it.
    func rendered(_ expression: Expression) -> String {
        switch expression.kind {
        case .name(let name): Fact(named: name)?.name ?? name
        case .number(let value): String(value)
        case .money(let money): money.description
        case .text(let text): "\"\(text)\""
        case .truth(let value): value ? "true" : "false"
        case .has(let name): "has(\(name))"
        case .negative(let inner): "-" + rendered(inner)
        case .not(let inner): "not " + rendered(inner)
        case .arithmetic(let sign, let left, let right): "(\(rendered(left)) \(sign.rawValue) \(rendered(right)))"
        case .comparison(let sign, let left, let right): "\(rendered(left)) \(sign.text) \(rendered(right))"
        case .member(let value, _): rendered(value) + " in …"
        case .same(let what): "same(\(what))"
        case .and(let left, let right): "(\(rendered(left)) and \(rendered(right)))"
        case .or(let left, let right): "(\(rendered(left)) or \(rendered(right)))"
        }
    }

    /// `15m`, `1h`, `2d`: the largest unit that leaves no rest.
    static func text(of interval: Interval) -> String {
        let seconds = interval.microseconds / 1_000_000
        for (unit, length) in [("d", Int64(86_400)), ("h", 3_600), ("m", 60)]
        where seconds % length == 0 && (unit != "d" || seconds > 86_400) {
            return "\(seconds / length)\(unit)"
        }
        return "\(seconds)s"
    }
}
