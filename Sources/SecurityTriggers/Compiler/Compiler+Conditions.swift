// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Compiler {
    /// Appends the program of a condition; it leaves one truth on the stack.
    mutating func condition(_ expression: Expression) throws(RuleFileError) {
        switch expression.kind {
        case .and(let left, let right): try pair(left, right, .and, .skipIfNo)
        case .or(let left, let right): try pair(left, right, .or, .skipIfYes)
        case .not(let inner):
            isNegated.toggle()
            try condition(inner)
            isNegated.toggle()
            code.append(Instruction(operation: .not))
        case .truth(let value): code.append(Instruction(operation: value ? .yes : .no))
        case .comparison(let sign, let left, let right): try comparison(sign, left, right, expression.position)
        case .member(let value, let reference): try member(value, reference)
        case .has(let name): try known(name, expression.position)
        case .name(let name):
            guard let fact = Fact(named: name), fact.type == .truth else {
                throw naturalType(expression) == nil
                    ? unknownName(name, expression.position)
                    : RuleFileError(
                        .type, at: expression.position, expected: "a condition", found: "`\(name)`",
                        hint: "compare it, such as \(name) >= …")
            }
            code.append(Instruction(operation: .overflow))
            note(name, .truth, sign: "is", from: code.count - 1)
        case .same:
            throw RuleFileError(
                .type, at: expression.position, expected: "a fact of the transaction in hand",
                found: "`\(rendered(expression))`",
                hint: "same(…) compares earlier transactions: use it in a velocity's where")
        case .number, .money, .text, .negative, .arithmetic:
            throw RuleFileError(
                .type, at: expression.position, expected: "a condition", found: "`\(rendered(expression))`")
        }
    }

    private mutating func pair(
        _ left: Expression, _ right: Expression, _ operation: Instruction.Operation, _ skip: Instruction.Operation
    ) throws(RuleFileError) {
        try condition(left)
        let jump = code.count
        code.append(Instruction(operation: skip))
        try condition(right)
        code.append(Instruction(operation: operation))
        code[jump].target = UInt32(code.count)
    }

    private mutating func comparison(
        _ sign: Comparison, _ left: Expression, _ right: Expression, _ position: SourcePosition
    ) throws(RuleFileError) {
        let type = naturalType(left) ?? naturalType(right) ?? .number
        switch type {
        case .goods:
            throw RuleFileError(
                .type, at: position, expected: "`in`", found: "`\(sign.text)`",
                hint: "goods are several: write goods in [TOBACCO] or goods in list …")
        case .truth:
            throw RuleFileError(
                .type, at: position, expected: "`and` or `or`", found: "`\(sign.text)`",
                hint: "conditions are joined, not compared")
        default: break
        }
        guard type.isOrdered || sign == .equal || sign == .notEqual else {
            throw RuleFileError(
                .type, at: position, expected: "`==` or `!=`", found: "`\(sign.text)`",
                hint: "these values have no order")
        }
        let start = code.count
        registers = 0
        let first = try operand(left, type)
        let second = try operand(right, type)
        // A literal on the left would make a strange figure: the named value comes first.
        let mirrored = first.source == .constant && second.source != .constant
        code.append(
            Instruction(
                operation: .compare, comparison: mirrored ? sign.mirrored : sign, left: mirrored ? second : first,
                right: mirrored ? first : second))
        let shown = mirrored ? sign.mirrored : sign
        note(
            rendered(mirrored ? right : left), type, sign: (isNegated ? shown.negated : shown).text, from: start)
    }

    private mutating func member(_ value: Expression, _ reference: ListReference) throws(RuleFileError) {
        guard case .name(let name) = value.kind, let fact = Fact(named: name),
            [ValueType.mcc, .goods, .terminal, .merchant].contains(fact.type)
        else {
            if case .name(let name) = value.kind, naturalType(value) == nil { throw unknownName(name, value.position) }
            throw RuleFileError(
                .type, at: value.position, expected: "`mcc`, `goods`, `terminal` or `merchant` before `in`",
                found: "`\(rendered(value))`")
        }
        let (index, listName) = try list(reference, type: fact.type)
        code.append(
            Instruction(
                operation: fact == .goods ? .goodsMember : .member,
                left: Operand(source: .fact, index: UInt16(fact.rawValue)), target: UInt32(index)))
        note(fact.name, fact.type, sign: isNegated ? "not in" : "in", list: listName, from: code.count - 1)
    }

    private mutating func known(_ name: String, _ position: SourcePosition) throws(RuleFileError) {
        let expression = Expression(kind: .name(name), position: position)
        guard let type = naturalType(expression) else { throw unknownName(name, position) }
        guard type != .truth, type != .goods else {
            throw RuleFileError(
                .type, at: position, expected: "a fact that may be missing", found: "`\(name)`",
                hint: "\(name) is always known")
        }
        let value = try operand(expression, type)
        code.append(Instruction(operation: .known, left: value))
        note(rendered(expression), type, sign: isNegated ? "missing" : "known", from: code.count - 1)
    }

    /// Appends what finds a value, and tells where it then is.
    mutating func operand(_ expression: Expression, _ type: ValueType) throws(RuleFileError) -> Operand {
        if let value = try literal(expression, as: type) { return try constant(value, expression.position) }
        switch expression.kind {
        case .name(let name):
            guard let natural = naturalType(expression) else { throw unknownName(name, expression.position) }
            guard natural == type else {
                throw mismatch(type, "`\(name)`, \(natural.name)", expression.position)
            }
            if let fact = Fact(named: name) {
                if fact == .pin || fact == .status { readsPINOrStatus = true }
                return Operand(source: .fact, index: UInt16(fact.rawValue))
            }
            let index = file.velocities.firstIndex { $0.name == name } ?? 0
            if velocityReadsPIN[index] { readsPINOrStatus = true }
            return Operand(source: .velocity, index: UInt16(index))
        case .arithmetic(let sign, let left, let right):
            return try arithmetic(sign, left, right, type, expression.position)
        case .negative(let inner):
            let zero = Expression(
                kind: type == .money ? .money(Money(minorUnits: 0, Currency(numeric: 0))) : .number(0),
                position: expression.position)
            return try arithmetic(.subtract, zero, inner, type, expression.position)
        default:
            throw mismatch(type, "`\(rendered(expression))`", expression.position)
        }
    }

    private mutating func arithmetic(
        _ sign: Arithmetic, _ left: Expression, _ right: Expression, _ type: ValueType, _ position: SourcePosition
    ) throws(RuleFileError) -> Operand {
        guard type == .number || type == .money else {
            throw RuleFileError(
                .type, at: position, expected: "numbers or amounts around `\(sign.rawValue)`", found: type.name)
        }
        let mark = registers
        var (leftType, rightType) = (type, type)
        if sign == .multiply, type == .money {
            // An amount times a number, in either order.
            if naturalType(left) == .money { rightType = .number } else { leftType = .number }
        }
        let first = try operand(left, leftType)
        let second = try operand(right, rightType)
        guard mark < RuleProgram.registers else {
            throw RuleFileError(
                .limit, at: position, expected: "at most \(RuleProgram.registers) open sub-expressions",
                found: "one more")
        }
        let operation: Instruction.Operation =
            switch sign {
            case .add: .add
            case .subtract: .subtract
            case .multiply: .multiply
            case .divide: .divide
            case .remainder: .remainder
            }
        code.append(Instruction(operation: operation, register: mark, left: first, right: second))
        registers = mark + 1
        return Operand(source: .register, index: UInt16(mark))
    }

    /// Remembers the comparison just compiled as a figure of the rule in hand.
    private mutating func note(
        _ name: String, _ type: ValueType, sign: String, list: String? = nil, from start: Int
    ) {
        figures.append(
            FigureSource(
                name: name, type: type, sign: sign, list: list, window: window(of: name), code: start..<code.count,
                isNegated: isNegated, isNamed: false))
    }

    func window(of name: String) -> String? {
        file.velocities.first { $0.name == name }.map { Self.text(of: $0.window) }
    }
}

extension RuleProgram {
    /// Open sub-expressions that one comparison may have.
    static var registers: UInt8 { 8 }
}
