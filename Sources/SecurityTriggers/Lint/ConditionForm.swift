// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// A condition as alternatives of tests that hold together, as far as it has no more than `alternativesMax`.
struct ConditionForm: Sendable {
    /// One test: a value in a range, or anything else by its text.
    enum Test: Equatable, Sendable {
        case range(name: String, isWhole: Bool, Comparison, Double)
        case text(String, isTrue: Bool)
    }

    static let alternativesMax = 64

    /// Any of these, each being tests that all hold. None: it never holds. An empty one: it always does.
    var alternatives: [[Test]]

    static let always = ConditionForm(alternatives: [[]])
    static let never = ConditionForm(alternatives: [])

    func or(_ other: ConditionForm) -> ConditionForm? {
        alternatives.count + other.alternatives.count <= Self.alternativesMax
            ? ConditionForm(alternatives: alternatives + other.alternatives) : nil
    }

    func and(_ other: ConditionForm) -> ConditionForm? {
        guard alternatives.count * other.alternatives.count <= Self.alternativesMax else { return nil }
        return ConditionForm(alternatives: alternatives.flatMap { left in other.alternatives.map { left + $0 } })
    }

    /// No alternative can hold.
    ///
    /// - Parameter domain: what a value can be at all; nil to let it be anything.
    func isContradiction(within domain: (String) -> ValueDomain?) -> Bool {
        alternatives.allSatisfy { Self.isContradiction($0, domain) }
    }

    private static func isContradiction(_ tests: [Test], _ domain: (String) -> ValueDomain?) -> Bool {
        var domains: [(name: String, domain: ValueDomain)] = []
        for (index, test) in tests.enumerated() {
            switch test {
            case .text(let text, let isTrue):
                if tests[..<index].contains(.text(text, isTrue: !isTrue)) { return true }
            case .range(let name, let isWhole, let sign, let value):
                if let place = domains.firstIndex(where: { $0.name == name }) {
                    domains[place].domain.restrict(sign, value)
                } else {
                    var known = ValueDomain(isWhole: isWhole)
                    if let bounds = domain(name) { known.restrict(to: bounds) }
                    known.restrict(sign, value)
                    domains.append((name, known))
                }
            }
        }
        return domains.contains { $0.domain.isEmpty }
    }
}

/// Turns conditions into their forms.
struct ConditionReader {
    let compiler: Compiler

    /// The form of a condition, or of its denial; nil where it is too large.
    func form(_ expression: Expression, denied: Bool = false) -> ConditionForm? {
        switch expression.kind {
        case .truth(let value): return value == denied ? .never : .always
        case .not(let inner): return form(inner, denied: !denied)
        case .and(let left, let right), .or(let left, let right):
            guard let first = form(left, denied: denied), let second = form(right, denied: denied) else { return nil }
            if case .and = expression.kind { return denied ? first.or(second) : first.and(second) }
            return denied ? first.and(second) : first.or(second)
        case .comparison(let sign, let left, let right):
            return ConditionForm(alternatives: [[comparison(sign, left, right, denied, expression)]])
        default: return opaque(expression, denied)
        }
    }

    private func opaque(_ expression: Expression, _ denied: Bool) -> ConditionForm {
        ConditionForm(alternatives: [[.text(text(expression), isTrue: !denied)]])
    }

    private func comparison(
        _ sign: Comparison, _ left: Expression, _ right: Expression, _ denied: Bool, _ whole: Expression
    ) -> ConditionForm.Test {
        let other = ConditionForm.Test.text(text(whole), isTrue: !denied)
        let type = compiler.naturalType(left) ?? compiler.naturalType(right) ?? compiler.defaultType(left)
        // Of a double that is NaN an order and its opposite both fail.
        guard type.isOrdered || !type.literals.isEmpty, type != .string, type != .double || !denied else {
            return other
        }
        let (literal, isMirrored) =
            (try? compiler.literal(right, as: type)).flatMap { $0 }.map { ($0, false) }
            ?? (try? compiler.literal(left, as: type)).flatMap { $0 }.map { ($0, true) } ?? (.unknown, false)
        let value = type == .double ? literal.lowDouble : Double(literal.low)
        guard !literal.isUnknown, !value.isNaN, type == .double || abs(value) < ValueDomain.exactMax else {
            return other
        }
        let shown = isMirrored ? sign.mirrored : sign
        var name = text(isMirrored ? right : left)
        if type == .money { name += " in " + Currency(numeric: literal.currency).code }
        return .range(name: name, isWhole: type != .double, denied ? shown.negated : shown, value)
    }

    /// An expression as text, its lists too; two with one text are one.
    func text(_ expression: Expression) -> String {
        guard case .member(let value, let list) = expression.kind else { return compiler.rendered(expression) }
        switch list {
        case .named(let name, _): return compiler.rendered(value) + " in list " + name
        case .literal(let elements, _): return compiler.rendered(value) + " in \(elements.map { "\($0.kind)" })"
        }
    }
}
