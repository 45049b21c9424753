// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Compiler {
    /// The value that a literal stands for where `type` is wanted, or nil when the expression is no literal.
    func literal(_ expression: Expression, as type: ValueType) throws(RuleFileError) -> FigureValue? {
        switch expression.kind {
        case .number(let value): return try number(value, as: type, expression.position)
        case .double(let value, let text): return try double(value, text, as: type, expression.position)
        case .duration(let interval):
            guard type == .duration else {
                throw mismatch(type, "`\(Self.text(of: interval))`, a duration", expression.position)
            }
            return FigureValue(interval.microseconds)
        case .negative(let inner):
            switch inner.kind {
            case .number(let value):
                // Safe to be left to run: the negative of the least number is unknown.
                return value == .min ? nil : try number(-value, as: type, expression.position)
            case .double(let value, let text): return try double(-value, "-" + text, as: type, expression.position)
            case .duration(let interval) where type == .duration: return FigureValue(-interval.microseconds)
            default: return nil
            }
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
            guard !isDeclared(word) else { return nil }
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
        case .double:
            throw RuleFileError(
                .type, at: position, expected: type.name, found: "`\(value)`", hint: "write \(value).0")
        default: throw mismatch(type, "`\(value)`", position)
        }
    }

    private func double(
        _ value: Double, _ text: String, as type: ValueType, _ position: SourcePosition
    ) throws(RuleFileError) -> FigureValue {
        guard type != .double else { return FigureValue(double: value) }
        throw RuleFileError(
            .type, at: position, expected: type.name, found: "`\(text)`",
            hint: type == .money ? "write \(text) EUR for an amount" : nil)
    }

    /// Whether the file gives the name a meaning of its own, which then hides any that the language came to know later.
    func isDeclared(_ name: String) -> Bool {
        file.velocities.contains { $0.name == name } || file.features.contains { $0.name == name }
            || file.scores.contains { $0.name == name }
    }

    /// The type of a literal that nothing else decides.
    func defaultType(_ expression: Expression) -> ValueType {
        switch expression.kind {
        case .text: .string
        case .conditional(_, let yes, _): defaultType(yes)
        default: .number
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
            if let index = file.velocities.firstIndex(where: { $0.name == name }) { return velocityTypes[index] }
            return isDeclared(name) ? .double : Fact(named: name)?.type
        case .money: return .money
        case .double: return .double
        case .duration: return .duration
        case .negative(let inner): return naturalType(inner)
        case .arithmetic(let sign, let left, let right):
            let types = [naturalType(left), naturalType(right)]
            if sign == .divide, let type = types[0], type == types[1], type == .money || type == .duration {
                return .double
            }
            return types.contains(.money) ? .money : (types[0] ?? types[1] ?? .number)
        case .conditional(_, let yes, let no): return naturalType(yes) ?? naturalType(no)
        case .call(let function, _):
            switch function {
            case .contains, .startsWith, .endsWith: return .truth
            case .size, .int: return .number
            case .double: return .double
            case .string: return .string
            case .duration: return .duration
            }
        case .truth, .has, .not, .comparison, .member, .same, .and, .or: return .truth
        case .number, .text: return nil
        }
    }

    /// An expression as an explanation names it.
    func rendered(_ expression: Expression) -> String {
        switch expression.kind {
        case .name(let name): Fact(named: name)?.name ?? name
        case .number(let value): String(value)
        case .double(_, let text): text
        case .duration(let interval): Self.text(of: interval)
        case .conditional(let test, let yes, let no): "(\(rendered(test)) ? \(rendered(yes)) : \(rendered(no)))"
        case .call(let function, let values):
            function.isMember
                ? rendered(values[0]) + ".\(function.rawValue)("
                    + values.dropFirst().map { rendered($0) }.joined(separator: ", ") + ")"
                : "\(function.rawValue)(\(rendered(values[0])))"
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
        guard interval.microseconds % 1_000_000 == 0 else { return "\(interval.microseconds)us" }
        let seconds = interval.microseconds / 1_000_000
        for (unit, length) in [("d", Int64(86_400)), ("h", 3_600), ("m", 60)]
        where seconds % length == 0 && (unit != "d" || seconds > 86_400) {
            return "\(seconds / length)\(unit)"
        }
        return "\(seconds)s"
    }
}
