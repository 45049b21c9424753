// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Compiler {
    mutating func compile(_ velocity: VelocityDeclaration) throws(RuleFileError) {
        readsPINOrStatus = false
        let start = filters.count
        var terms = 0
        if let outcome = EventFact(rawValue: velocity.argument) {
            filters.append(Self.outcome(outcome))
            terms += 1
        }
        for filter in velocity.filters {
            try self.filter(filter)
            terms += 1
        }
        for _ in 1..<max(1, terms) { filters.append(FilterInstruction(operation: .and)) }
        let filter = start..<filters.count
        if let reset = velocity.reset { try self.filter(reset) }
        velocities.append(
            VelocityProgram(
                function: velocity.function,
                key: velocity.argument == "merchant" ? .merchant : velocity.argument == "mcc" ? .mcc : .terminal,
                window: velocity.window.microseconds / 1_000, excludesCurrent: velocity.excludesCurrent,
                filter: EventTest(filter, in: filters),
                reset: EventTest(filter.upperBound..<filters.count, in: filters), resets: velocity.reset != nil))
        velocityReadsPIN.append(readsPINOrStatus)
    }

    private static func outcome(_ fact: EventFact) -> FilterInstruction {
        let mask: UInt8 =
            switch fact {
            case .approved: 1 << WindowOutcome.approved.rawValue
            case .declined: 1 << WindowOutcome.declined.rawValue | 1 << (4 + WindowOutcome.declined.rawValue)
            case .reversed: 0xF0
            }
        return FilterInstruction(
            operation: .field, shift: PackedEvent.outcomeShift, width: PackedEvent.outcomeWidth, mask: mask)
    }

    /// Appends the test of one event; it leaves one truth on the stack.
    private mutating func filter(_ expression: Expression) throws(RuleFileError) {
        switch expression.kind {
        case .and(let left, let right): try pair(left, right, .and, .skipIfNo)
        case .or(let left, let right): try pair(left, right, .or, .skipIfYes)
        case .not(let inner):
            try filter(inner)
            filters.append(FilterInstruction(operation: .not))
        case .truth(let value): filters.append(FilterInstruction(operation: value ? .yes : .no))
        case .comparison(let sign, let left, let right): try comparison(sign, left, right, expression.position)
        case .member(let value, let reference): try member(value, reference)
        case .name(let name):
            if let outcome = EventFact(rawValue: name) {
                filters.append(Self.outcome(outcome))
                return
            }
            throw naturalType(expression) == nil && Fact(named: name) == nil
                ? unknownEventFact(name, expression.position)
                : RuleFileError(.type, at: expression.position, expected: "a condition", found: "`\(name)`")
        default:
            throw RuleFileError(
                .type, at: expression.position, expected: "a condition on one transaction",
                found: "`\(rendered(expression))`")
        }
    }

    private mutating func pair(
        _ left: Expression, _ right: Expression, _ operation: FilterInstruction.Operation,
        _ skip: FilterInstruction.Operation
    ) throws(RuleFileError) {
        try filter(left)
        let jump = filters.count
        filters.append(FilterInstruction(operation: skip))
        try filter(right)
        filters.append(FilterInstruction(operation: operation))
        filters[jump].target = UInt32(filters.count)
    }

    private func unknownEventFact(_ name: String, _ position: SourcePosition) -> RuleFileError {
        RuleFileError(
            .unknownName, at: position, expected: "a fact that windows keep", found: "`\(name)`",
            hint: Spelling.hint(for: name, among: Self.keptFacts + EventFact.allCases.map(\.rawValue)))
    }

    /// What a window remembers of each transaction.
    private static let keptFacts = ["amount", "mcc", "terminal", "merchant", "pin", "kind", "hour"]

    /// A fact that windows keep, for one side of a comparison.
    private func kept(_ expression: Expression) throws(RuleFileError) -> Fact? {
        guard case .name(let name) = expression.kind else { return nil }
        guard let fact = Fact(named: name) else { return nil }
        guard Self.keptFacts.contains(fact.name) else {
            throw RuleFileError(
                .type, at: expression.position, expected: "a fact that windows keep", found: "`\(name)`",
                hint: "they keep " + Self.keptFacts.joined(separator: ", "))
        }
        return fact
    }

    private mutating func comparison(
        _ sign: Comparison, _ left: Expression, _ right: Expression, _ position: SourcePosition
    ) throws(RuleFileError) {
        var (fact, other, sign) = (try kept(left), right, sign)
        if fact == nil {
            (fact, other, sign) = (try kept(right), left, sign.mirrored)
        }
        guard let fact else {
            for side in [left, right] {
                if case .name(let name) = side.kind, naturalType(side) == nil {
                    throw unknownEventFact(name, side.position)
                }
            }
            throw RuleFileError(
                .type, at: position, expected: "a fact that windows keep, compared with a fixed value",
                found: "`\(rendered(left)) \(sign.text) \(rendered(right))`")
        }
        guard fact.type.isOrdered || sign == .equal || sign == .notEqual else {
            throw RuleFileError(
                .type, at: position, expected: "`==` or `!=`", found: "`\(sign.text)`",
                hint: "these values have no order")
        }
        guard let value = try literal(other, as: fact.type) else {
            throw RuleFileError(
                .type, at: other.position, expected: "a fixed value: " + fact.type.name,
                found: "`\(rendered(other))`", hint: "a window's test looks at one transaction at a time")
        }
        if fact == .pin { readsPINOrStatus = true }
        switch fact {
        case .pin, .kind:
            let bit = UInt8(1) << UInt8(value.low)
            filters.append(
                FilterInstruction(
                    operation: .field, shift: fact == .pin ? PackedEvent.pinShift : PackedEvent.kindShift,
                    width: fact == .pin ? PackedEvent.pinWidth : PackedEvent.kindWidth,
                    mask: sign == .equal ? bit : ~bit))
        case .amount: filters.append(FilterInstruction(operation: .amount, comparison: sign, constant: value))
        case .mcc: filters.append(FilterInstruction(operation: .mcc, comparison: sign, constant: value))
        case .hour: filters.append(FilterInstruction(operation: .hour, comparison: sign, constant: value))
        case .terminal: filters.append(FilterInstruction(operation: .terminal, comparison: sign, constant: value))
        default: filters.append(FilterInstruction(operation: .merchant, comparison: sign, constant: value))
        }
    }

    private mutating func member(_ value: Expression, _ reference: ListReference) throws(RuleFileError) {
        guard let fact = try kept(value), [ValueType.mcc, .terminal, .merchant].contains(fact.type) else {
            throw RuleFileError(
                .type, at: value.position, expected: "`mcc`, `terminal` or `merchant` before `in`",
                found: "`\(rendered(value))`")
        }
        let (index, _) = try list(reference, type: fact.type)
        let operation: FilterInstruction.Operation =
            fact == .mcc ? .mccMember : fact == .terminal ? .terminalMember : .merchantMember
        filters.append(FilterInstruction(operation: operation, target: UInt32(index)))
    }
}
