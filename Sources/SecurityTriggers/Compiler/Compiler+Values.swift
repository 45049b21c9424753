// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Compiler {
    /// Appends what finds a value, and tells where it then is.
    mutating func operand(_ expression: Expression, _ type: ValueType) throws(RuleFileError) -> Operand {
        if type == .string { return try textOperand(expression, takesCodes: false) }
        if let value = try literal(expression, as: type) { return try constant(value, expression.position) }
        switch expression.kind {
        case .name(let name): return try named(name, type, expression)
        case .arithmetic(let sign, let left, let right):
            return try arithmetic(sign, left, right, type, expression.position)
        case .negative(let inner): return try negative(inner, type, expression.position)
        case .conditional(let test, let yes, let no):
            return try conditional(test, expression.position) {
                (compiler: inout Compiler, isYes: Bool) throws(RuleFileError) -> Operand in
                try compiler.operand(isYes ? yes : no, type)
            }
        case .call(let function, let arguments):
            return try call(function, arguments[0], type, expression)
        default:
            throw mismatch(type, "`\(rendered(expression))`", expression.position)
        }
    }

    private mutating func named(
        _ name: String, _ type: ValueType, _ expression: Expression
    ) throws(RuleFileError) -> Operand {
        guard let natural = naturalType(expression) else { throw unknownName(name, expression.position) }
        guard natural == type else { throw mismatch(type, "`\(name)`, \(natural.name)", expression.position) }
        if let index = file.velocities.firstIndex(where: { $0.name == name }) {
            if velocityReadsPIN[index] { readsPINOrStatus = true }
            return Operand(source: .velocity, index: UInt16(index))
        }
        if let feature = file.features.first(where: { $0.name == name }) { return try value(of: feature) }
        if let index = file.scores.firstIndex(where: { $0.name == name }) {
            if isInFeature {
                throw RuleFileError(
                    .type, at: expression.position, expected: "facts and velocities in a feature", found: "`\(name)`",
                    hint: "a feature is not made of scores")
            }
            scoresAsked |= 1 << UInt8(index)
            if scoreReadsPIN[index] { readsPINOrStatus = true }
            return Operand(source: .score, index: UInt16(index))
        }
        guard let fact = Fact(named: name) else { throw unknownName(name, expression.position) }
        if fact.isOfPINOrStatus { readsPINOrStatus = true }
        return Operand(source: .fact, index: UInt16(fact.rawValue))
    }

    /// The next free register, at `mark`.
    mutating func take(_ mark: UInt8, _ position: SourcePosition) throws(RuleFileError) -> Operand {
        guard Int(mark) < RuleProgram.registers else {
            throw RuleFileError(
                .limit, at: position, expected: "at most \(RuleProgram.registers) open sub-expressions",
                found: "one more")
        }
        registers = mark + 1
        return Operand(source: .register, index: UInt16(mark))
    }

    private mutating func arithmetic(
        _ sign: Arithmetic, _ left: Expression, _ right: Expression, _ type: ValueType, _ position: SourcePosition
    ) throws(RuleFileError) -> Operand {
        var (leftType, rightType) = (type, type)
        var operation = sign.operation
        switch (sign, type) {
        case (.add, .number), (.subtract, .number), (.multiply, .number), (.divide, .number), (.remainder, .number),
            (.add, .money), (.subtract, .money), (.add, .duration), (.subtract, .duration), (.add, .double),
            (.subtract, .double), (.multiply, .double):
            break
        case (.multiply, .money):
            // An amount times a number, in either order.
            if naturalType(left) == .money { rightType = .number } else { leftType = .number }
        case (.divide, .money): rightType = .number
        case (.divide, .double):
            if let natural = naturalType(left), natural == .money || natural == .duration {
                (leftType, rightType, operation) = (natural, natural, .ratio)
            }
        default:
            throw RuleFileError(
                .type, at: position, expected: "numbers or amounts around `\(sign.rawValue)`", found: type.name,
                hint: type == .double ? "a remainder is of whole numbers" : nil)
        }
        let mark = registers
        let first = try operand(left, leftType)
        let second = try operand(right, rightType)
        let result = try take(mark, position)
        code.append(Instruction(operation: operation, register: mark, left: first, right: second))
        return result
    }

    private mutating func negative(
        _ inner: Expression, _ type: ValueType, _ position: SourcePosition
    ) throws(RuleFileError) -> Operand {
        // 0 − x would make the negative of 0.0 a positive zero.
        let isDouble = type == .double
        let kind: Expression.Kind =
            switch type {
            case .money: .money(Money(minorUnits: 0, Currency(numeric: 0)))
            case .double: .double(-1, text: "-1.0")
            case .duration: .duration(.zero)
            default: .number(0)
            }
        let constant = Expression(kind: kind, position: position)
        return try arithmetic(isDouble ? .multiply : .subtract, constant, inner, type, position)
    }

    /// `test ? yes : no`; unknown where the test is.
    private mutating func conditional(
        _ test: Expression, _ position: SourcePosition,
        _ value: (inout Compiler, Bool) throws(RuleFileError) -> Operand
    ) throws(RuleFileError) -> Operand {
        let mark = registers
        try self.test(test)
        let end = emit(.unknownIfUnknown)
        code[end].register = mark
        let branch = emit(.branch)
        let yes = try value(&self, true)
        code.append(Instruction(operation: .move, register: mark, left: yes))
        let out = emit(.jump)
        land(branch)
        registers = mark
        let no = try value(&self, false)
        code.append(Instruction(operation: .move, register: mark, left: no))
        land(end)
        land(out)
        return try take(mark, position)
    }

    // MARK: - Functions

    private mutating func call(
        _ function: CallFunction, _ argument: Expression, _ type: ValueType, _ expression: Expression
    ) throws(RuleFileError) -> Operand {
        let natural = naturalType(argument) ?? defaultType(argument)
        let conversion: Conversion? =
            switch (function, natural) {
            case (.size, .string), (.size, .terminal), (.size, .merchant): .size
            case (.int, .number), (.double, .double): .same
            case (.int, .double): .intOfDouble
            case (.int, .string): .intOfText
            case (.double, .number): .doubleOfInt
            case (.double, .string): .doubleOfText
            default: nil
            }
        let result: ValueType = function == .double ? .double : .number
        guard let conversion else {
            throw RuleFileError(
                .type, at: argument.position, expected: "a value that `\(function.rawValue)` takes", found: natural.name
            )
        }
        guard result == type else { throw mismatch(type, "`\(rendered(expression))`", expression.position) }
        let mark = registers
        let value =
            function == .size
            ? try textOperand(argument, takesCodes: true) : try operand(argument, natural)
        return try convert(value, by: conversion, into: mark, expression.position)
    }

    /// Converts at once where the value is fixed.
    private mutating func convert(
        _ value: Operand, by conversion: Conversion, into mark: UInt8, _ position: SourcePosition
    ) throws(RuleFileError) -> Operand {
        if conversion == .same { return value }
        let result = try take(mark, position)
        code.append(
            Instruction(operation: .convert, register: mark, left: value, target: conversion.rawValue))
        return result
    }

    /// - Parameter takesCodes: a terminal or a merchant may stand for its text.
    mutating func textOperand(_ expression: Expression, takesCodes: Bool) throws(RuleFileError) -> Operand {
        let mark = registers
        switch expression.kind {
        case .text(let text): return try constant(self.text(text), expression.position)
        case .call(.string, let arguments):
            return try textOf(arguments[0], into: mark, expression.position)
        case .conditional(let test, let yes, let no):
            return try conditional(test, expression.position) {
                (compiler: inout Compiler, isYes: Bool) throws(RuleFileError) -> Operand in
                try compiler.textOperand(isYes ? yes : no, takesCodes: takesCodes)
            }
        case .name(let name):
            guard let natural = naturalType(expression) else { throw unknownName(name, expression.position) }
            guard takesCodes, natural == .terminal || natural == .merchant else {
                throw mismatch(.string, "`\(name)`, \(natural.name)", expression.position)
            }
            return try textOf(expression, into: mark, expression.position)
        default: throw mismatch(.string, "`\(rendered(expression))`", expression.position)
        }
    }

    private mutating func textOf(
        _ argument: Expression, into mark: UInt8, _ position: SourcePosition
    ) throws(RuleFileError) -> Operand {
        let natural = naturalType(argument) ?? defaultType(argument)
        let conversion: Conversion? =
            switch natural {
            case .string: .same
            case .number: .textOfInt
            case .double: .textOfDouble
            case .terminal: .textOfTerminal
            case .merchant: .textOfMerchant
            default: nil
            }
        guard let conversion else {
            throw RuleFileError(
                .type, at: argument.position, expected: "a value that `string` takes", found: natural.name)
        }
        let value = try operand(argument, natural)
        if value.source == .constant, conversion != .same {
            // A fixed number may have more digits than a text made while judging.
            let number = constants[Int(value.index)]
            let text = conversion == .textOfDouble ? Conversion.text(of: number.lowDouble) : "\(number.low)"
            return try constant(self.text(text), position)
        }
        return try convert(value, by: conversion, into: mark, position)
    }

    /// A text as a constant: within the value where it is short, else by its number.
    mutating func text(_ text: String) -> FigureValue {
        let bytes = Array(text.utf8)
        if let short = FigureValue(text: bytes) { return short }
        var value = FigureValue(Int64(texts.count))
        value.form = .constantText
        if let known = textNumbers[text] {
            value.low = Int64(known)
            value.high = value.low
        } else {
            textNumbers[text] = texts.count
            texts.append(bytes)
        }
        return value
    }
}

extension Arithmetic {
    var operation: Instruction.Operation {
        switch self {
        case .add: .add
        case .subtract: .subtract
        case .multiply: .multiply
        case .divide: .divide
        case .remainder: .remainder
        }
    }
}

extension RuleProgram {
    /// Open sub-expressions that one comparison may have.
    static var registers: Int { 8 }
}
