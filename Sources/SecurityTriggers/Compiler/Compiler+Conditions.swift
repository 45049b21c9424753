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
        case .conditional(let test, let yes, let no): try choice(test, yes, no)
        case .call(let function, let arguments) where function.arity == 2:
            try textTest(function, arguments, expression)
        case .name(let name): try truthFact(name, expression)
        case .same:
            throw RuleFileError(
                .type, at: expression.position, expected: "a fact of the transaction in hand",
                found: "`\(rendered(expression))`",
                hint: "same(…) compares earlier transactions: use it in a velocity's where")
        case .number, .double, .duration, .money, .text, .negative, .arithmetic, .call:
            throw RuleFileError(
                .type, at: expression.position, expected: "a condition", found: "`\(rendered(expression))`")
        }
    }

    private mutating func pair(
        _ left: Expression, _ right: Expression, _ operation: Instruction.Operation, _ skip: Instruction.Operation
    ) throws(RuleFileError) {
        try condition(left)
        let jump = emit(skip)
        try condition(right)
        code.append(Instruction(operation: operation))
        land(jump)
    }

    /// `test ? yes : no` where both are conditions: an unknown test leaves its own truth.
    private mutating func choice(_ test: Expression, _ yes: Expression, _ no: Expression) throws(RuleFileError) {
        try self.test(test)
        let end = emit(.endIfUnknown)
        let branch = emit(.branch)
        try condition(yes)
        let out = emit(.jump)
        land(branch)
        try condition(no)
        land(end)
        land(out)
    }

    /// A condition that says neither yes nor no for the rule, whatever stands before it.
    mutating func test(_ expression: Expression) throws(RuleFileError) {
        let wasNegated = isNegated
        isNegated = false
        try condition(expression)
        isNegated = wasNegated
    }

    /// Appends an instruction that will jump, and tells where it stands.
    mutating func emit(_ operation: Instruction.Operation) -> Int {
        code.append(Instruction(operation: operation))
        return code.count - 1
    }

    /// Lets a jump end here.
    mutating func land(_ jump: Int) { code[jump].target = UInt32(code.count) }

    private mutating func truthFact(_ name: String, _ expression: Expression) throws(RuleFileError) {
        guard !isDeclared(name), let fact = Fact(named: name), fact.type == .truth else {
            throw naturalType(expression) == nil
                ? unknownName(name, expression.position)
                : RuleFileError(
                    .type, at: expression.position, expected: "a condition", found: "`\(name)`",
                    hint: "compare it, such as \(name) >= …")
        }
        code.append(
            Instruction(operation: .fact, left: Operand(source: .fact, index: UInt16(fact.rawValue))))
        note(fact.name, .truth, sign: "is", from: code.count - 1)
    }

    private mutating func comparison(
        _ sign: Comparison, _ left: Expression, _ right: Expression, _ position: SourcePosition
    ) throws(RuleFileError) {
        let type = naturalType(left) ?? naturalType(right) ?? defaultType(left)
        switch type {
        case .goods, .card:
            throw RuleFileError(
                .type, at: position, expected: "`in`", found: "`\(sign.text)`",
                hint: type == .goods
                    ? "goods are several: write goods in [TOBACCO] or goods in list …" : "write card in list …")
        case .truth:
            try test(left)
            try test(right)
            code.append(Instruction(operation: .compareTruth, comparison: sign))
            return
        default: break
        }
        guard type.isOrdered || sign == .equal || sign == .notEqual else {
            throw RuleFileError(
                .type, at: position, expected: "`==` or `!=`", found: "`\(sign.text)`",
                hint: "these values have no order")
        }
        let start = code.count
        let mark = registers
        let first = try operand(left, type)
        let second = try operand(right, type)
        registers = mark
        // A literal on the left would make a strange figure: the named value comes first.
        let mirrored = first.source == .constant && second.source != .constant
        let shown = mirrored ? sign.mirrored : sign
        code.append(
            Instruction(
                operation: type == .string ? .compareText : .compare, comparison: shown,
                left: mirrored ? second : first, right: mirrored ? first : second))
        note(
            rendered(mirrored ? right : left), type, sign: (isNegated ? shown.negated : shown).text, from: start)
    }

    /// `a.contains(b)` and its like; a terminal or a merchant is a text there.
    private mutating func textTest(
        _ function: CallFunction, _ arguments: [Expression], _ expression: Expression
    ) throws(RuleFileError) {
        let start = code.count
        let mark = registers
        let subject = try textOperand(arguments[0], takesCodes: true)
        let part = try textOperand(arguments[1], takesCodes: true)
        registers = mark
        let operation: Instruction.Operation =
            switch function {
            case .startsWith: .textStarts
            case .endsWith: .textEnds
            default: .textContains
            }
        code.append(Instruction(operation: operation, left: subject, right: part))
        note(
            rendered(arguments[0]), .string, sign: (isNegated ? "not " : "") + function.rawValue, from: start)
    }

    private mutating func member(_ value: Expression, _ reference: ListReference) throws(RuleFileError) {
        let type = naturalType(value) ?? defaultType(value)
        if case .name(let name) = value.kind, naturalType(value) == nil { throw unknownName(name, value.position) }
        guard type.isListed else { return try oneOf(value, type, reference) }
        guard case .name(let name) = value.kind, let fact = Fact(named: name) else {
            throw RuleFileError(
                .type, at: value.position, expected: "`mcc`, `goods`, `terminal`, `merchant` or `card` before `in`",
                found: "`\(rendered(value))`")
        }
        let found = try list(reference, type: fact.type)
        let operation: Instruction.Operation =
            found.isExternal
            ? (fact == .goods ? .externalGoods : .externalMember) : fact == .goods ? .goodsMember : .member
        code.append(
            Instruction(
                operation: operation, left: Operand(source: .fact, index: UInt16(fact.rawValue)),
                target: UInt32(found.index)))
        note(fact.name, fact.type, sign: isNegated ? "not in" : "in", list: found.name, from: code.count - 1)
    }

    /// A value that is one of several fixed ones of its type.
    private mutating func oneOf(
        _ value: Expression, _ type: ValueType, _ reference: ListReference
    ) throws(RuleFileError) {
        guard case .literal(let elements, _) = reference, type != .truth else {
            throw RuleFileError(
                .type, at: value.position, expected: "`mcc`, `goods`, `terminal`, `merchant` or `card` before `in`",
                found: "`\(rendered(value))`")
        }
        let start = code.count
        let mark = registers
        let subject = try operand(value, type)
        registers = mark
        let first = constants.count
        for element in elements { try append(element, type) }
        guard constants.count <= Int(UInt16.max) else {
            throw RuleFileError(.limit, at: value.position, expected: "at most 65536 different values", found: "one more")
        }
        code.append(
            Instruction(
                operation: .oneOf, left: subject,
                right: Operand(source: .constant, index: UInt16(elements.count)), target: UInt32(first)))
        note(rendered(value), type, sign: isNegated ? "not in" : "in", list: "[…]", from: start)
    }

    /// Appends an element of a list of fixed values to the constants.
    private mutating func append(_ element: ListElement, _ type: ValueType) throws(RuleFileError) {
        let kind: Expression.Kind? =
            switch element.kind {
            case .number(let value): Int64(exactly: value).map { .number($0) }
            case .word(let word): .name(word)
            case .text(let text): .text(text)
            case .expression(let expression): expression.kind
            case .span: nil
            }
        let expression = kind.map { Expression(kind: $0, position: element.position) }
        if type == .string, case .text(let text) = expression?.kind {
            constants.append(self.text(text))
        } else if let expression, type != .string, let value = try literal(expression, as: type) {
            constants.append(value)
        } else {
            throw RuleFileError(
                .type, at: element.position, expected: "a fixed value: " + type.name, found: "another element",
                hint: "spans stand in lists of codes")
        }
    }

    private mutating func known(_ name: String, _ position: SourcePosition) throws(RuleFileError) {
        let expression = Expression(kind: .name(name), position: position)
        guard let type = naturalType(expression) else { throw unknownName(name, position) }
        guard type != .truth, type != .goods, type != .card else {
            throw RuleFileError(
                .type, at: position, expected: "a fact that may be missing", found: "`\(name)`",
                hint: "\(name) is always known")
        }
        let start = code.count
        let mark = registers
        let value = try operand(expression, type)
        registers = mark
        code.append(Instruction(operation: .known, left: value))
        note(rendered(expression), type, sign: isNegated ? "missing" : "known", from: start)
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
