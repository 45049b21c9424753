// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Compiler {
    mutating func compile(_ velocity: VelocityDeclaration) throws(RuleFileError) {
        readsPINOrStatus = false
        guard velocity.argument != "card" || velocity.key != .card else {
            throw RuleFileError(
                .type, at: velocity.argumentPosition, expected: "`terminal`, `merchant` or `mcc`", found: "`card`",
                hint: "different cards are counted by terminal or by merchant")
        }
        let column = velocity.isExact ? nil : try column(of: velocity)
        var argument: [FilterInstruction] = []
        if let fact = EventFact(rawValue: velocity.argument) {
            argument.append(Self.outcome(fact))
        } else if velocity.argument == "refunds" {
            argument.append(Self.field(.kind, mask: 1 << FactKind.refund.rawValue))
        }
        let filter = try test(argument, velocity.filters)
        let whole = velocity.function == .share ? try test([], velocity.filters) : filter
        let reset = try test([], velocity.reset.map { [$0] } ?? [])
        let told: ValueType =
            switch velocity.argument {
            case "merchant": .merchant
            case "mcc": .mcc
            case "card": .card
            default: .terminal
            }
        velocities.append(
            VelocityProgram(
                function: velocity.function, key: velocity.key, distinct: told,
                window: velocity.window.microseconds / 1_000, delay: velocity.delay.microseconds / 1_000,
                column: column, excludesCurrent: velocity.excludesCurrent,
                isOfSpending: velocity.argument == "amount" && !velocity.filters.contains(where: Self.asksForKind),
                filter: filter, whole: whole, reset: reset, resets: velocity.reset != nil))
        velocityReadsPIN.append(readsPINOrStatus)
    }

    private static func asksForKind(_ expression: Expression) -> Bool {
        switch expression.kind {
        case .name(let name): Fact(named: name) == .kind
        case .and(let left, let right), .or(let left, let right), .comparison(_, let left, let right):
            asksForKind(left) || asksForKind(right)
        case .not(let inner): asksForKind(inner)
        default: false
        }
    }

    /// Appends what an event has to pass: all of the conditions.
    private mutating func test(
        _ argument: [FilterInstruction], _ conditions: [Expression]
    ) throws(RuleFileError) -> EventTest {
        let start = filters.count
        filters += argument
        for condition in conditions { try filter(condition) }
        for _ in 1..<max(1, argument.count + conditions.count) { filters.append(FilterInstruction(operation: .and)) }
        return EventTest(start..<filters.count, in: filters)
    }

    /// A test of a fact that lies in the bits of an event.
    private static func field(_ fact: Fact, mask: UInt8) -> FilterInstruction {
        let (shift, width) =
            switch fact {
            case .pin: (PackedEvent.pinShift, PackedEvent.pinWidth)
            case .entry: (PackedEvent.entryShift, PackedEvent.entryWidth)
            default: (PackedEvent.kindShift, PackedEvent.kindWidth)
            }
        return FilterInstruction(operation: .field, shift: shift, width: width, mask: mask)
    }

    private static func outcome(_ fact: EventFact) -> FilterInstruction {
        let mask: UInt8
        switch fact {
        case .approved: mask = 1 << WindowOutcome.approved.rawValue
        case .declined: mask = 1 << WindowOutcome.declined.rawValue | 1 << (4 + WindowOutcome.declined.rawValue)
        case .reversed: mask = 0xF0
        case .confirmed: return FilterInstruction(operation: .confirmed)
        case .plain: return FilterInstruction(operation: .plain)
        case .unusual: return FilterInstruction(operation: .unusual)
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
        case .same(let what):
            // Safe: the parser took it from the same list.
            let fact = SameFact(rawValue: what) ?? .terminal
            filters.append(FilterInstruction(operation: .same, target: fact.number))
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
    private static let keptFacts = ["amount", "mcc", "terminal", "merchant", "pin", "kind", "hour", "entry"]

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
        case .pin, .kind, .entry:
            let bit = UInt8(1) << UInt8(value.low)
            filters.append(Self.field(fact, mask: sign == .equal ? bit : ~bit))
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
        let found = try list(reference, type: fact.type)
        guard !found.isExternal else {
            throw RuleFileError(
                .type, at: value.position, expected: "a list whose elements stand in the file",
                found: "`\(found.name)`",
                hint: "lists kept outside the rules are asked in a rule's when")
        }
        let operation: FilterInstruction.Operation =
            fact == .mcc ? .mccMember : fact == .terminal ? .terminalMember : .merchantMember
        filters.append(FilterInstruction(operation: operation, target: UInt32(found.index)))
    }
}
