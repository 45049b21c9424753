// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Runs compiled conditions: a stack of truths, and registers for values.
extension Scan {
    /// The truth of a rule's condition.
    @inline(__always)
    func truth(of head: UnsafePointer<RuleHead>) -> Truth {
        guard let entry = head.pointee.entry, let holds = ask(entry) else { return truth(of: head.pointee.code) }
        return Truth(holds)
    }

    /// Goes through a condition's graph; nil where a question has no answer. Inlined: a rule is little more than a question.
    @inline(__always)
    private func ask(_ entry: Int32) -> Bool? {
        // Safe: what a node goes on with is a node, or an end below zero.
        guard let nodes = state.pointee.tables.nodes.baseAddress else { return entry == ConditionNode.yes }
        var place = entry
        while place >= 0 {
            let node = nodes + Int(place)
            // Most questions are whether a velocity is in a range.
            if let velocity = node.pointee.velocity {
                if !isFound(velocity) { find(velocity) }
                let figure = state.pointee.figures + velocity
                if figure.pointee.isExactly(node.pointee.currency) {
                    place = node.pointee.next(node.pointee.holds(figure.pointee.low))
                    continue
                }
            }
            let holds: Bool
            switch node.pointee.instruction.operation {
            case .compareVelocity:
                let truth = compare(node.pointee.instruction)
                if truth == .unknown { return nil }
                holds = truth == .yes
            case .compare:
                let truth = compare(node)
                if truth == .unknown { return nil }
                holds = truth == .yes
            case .add, .subtract, .multiply, .divide, .remainder, .ratio, .convert, .move, .orElse:
                compute(node.pointee.instruction)
                holds = true
            default:
                let truth = test(node.pointee.instruction)
                if truth == .unknown { return nil }
                holds = truth == .yes
            }
            place = node.pointee.next(holds)
        }
        return place == ConditionNode.yes
    }

    @inline(__always)
    private func compare(_ node: UnsafePointer<ConditionNode>) -> Truth {
        guard node.pointee.hasRange else { return compare(node.pointee.instruction) }
        let left = value(node.pointee.instruction.left)
        if left.isExactly(node.pointee.currency) { return Truth(node.pointee.holds(left.low)) }
        return compare(node.pointee.instruction)
    }

    /// Runs a stretch of the program; the truth it leaves on the stack is the answer.
    func truth(of range: Range<Int>) -> Truth {
        // Two bits a truth. Nesting is bounded, so that the stack never holds more than a word does.
        var stack: UInt128 = 0
        var index = range.lowerBound
        let code = state.pointee.tables.code
        while index < range.upperBound {
            let instruction = code[index]
            index += 1
            switch instruction.operation {
            case .load: break
            case .add, .subtract, .multiply, .divide, .remainder, .ratio, .convert, .move, .orElse: compute(instruction)
            case .compareVelocity: stack.push(compareVelocity(instruction))
            case .compare:
                stack.push(compare(instruction))
            case .and: stack = (stack >> 4) << 2 | min(stack & 3, stack >> 2 & 3)
            case .or: stack = (stack >> 4) << 2 | max(stack & 3, stack >> 2 & 3)
            case .not: stack = (stack >> 2) << 2 | (2 - (stack & 3))
            case .skipIfNo: if stack & 3 == 0 { index = Int(instruction.target) }
            case .skipIfYes: if stack & 3 == 2 { index = Int(instruction.target) }
            case .jump: index = Int(instruction.target)
            case .branch: if stack.pop() != .yes { index = Int(instruction.target) }
            case .endIfUnknown: if stack & 3 == 1 { index = Int(instruction.target) }
            case .unknownIfUnknown:
                if stack & 3 == 1 {
                    _ = stack.pop()
                    state.pointee.registers[Int(instruction.register)] = .unknown
                    index = Int(instruction.target)
                }
            case .compareTruth:
                let (right, left) = (stack.pop(), stack.pop())
                stack.push(
                    left == .unknown || right == .unknown
                        ? .unknown : Truth(instruction.comparison.holds(Int64(left.rawValue), Int64(right.rawValue))))
            case .truthToDouble:
                let truth = stack.pop()
                state.pointee.registers[Int(instruction.register)] =
                    truth == .unknown ? .unknown : FigureValue(double: truth == .yes ? 1 : 0)
            default: stack.push(test(instruction))
            }
        }
        return stack.pop()
    }

    @inline(__always)
    private func compare(_ instruction: Instruction) -> Truth {
        let (left, right) = (value(instruction.left), value(instruction.right))
        if let truth = left.isExactly(instruction.comparison, right) { return truth }
        return compare(instruction.comparison, left, right)
    }

    /// Only amounts of two currencies ask for rates.
    @inline(__always)
    private func compare(_ sign: Comparison, _ left: FigureValue, _ right: FigureValue) -> Truth {
        left.isAligned(with: right)
            ? FigureValue.compare(sign, left, right) : program.rates.compare(sign, left, right)
    }

    @inline(__always)
    private func compareVelocity(_ instruction: Instruction) -> Truth {
        let velocity = Int(instruction.left.index)
        if !isFound(velocity) { find(velocity) }
        return state.pointee.figures[velocity].isExactly(
            instruction.comparison, state.pointee.tables.constants[Int(instruction.right.index)])
            ?? compare(instruction)
    }

    /// The truth of an instruction that looks at values alone.
    private func test(_ instruction: Instruction) -> Truth {
        switch instruction.operation {
        case .member: member(instruction)
        case .goodsMember: Truth(matchingGoods(instruction) != nil)
        case .externalMember: externalMember(instruction)
        case .externalGoods: externalGoods(instruction)
        case .oneOf: oneOf(instruction)
        case .known: Truth(!value(instruction.left).isUnknown)
        case .fact: truthFact(instruction.left.index)
        case .compareText:
            program.compareTexts(instruction.comparison, value(instruction.left), value(instruction.right))
        case .textContains, .textStarts, .textEnds:
            program.textTest(instruction.operation, value(instruction.left), value(instruction.right))
        case .yes: .yes
        default: .no
        }
    }

    private func compute(_ instruction: Instruction) {
        var (left, right) = (value(instruction.left), value(instruction.right))
        let result: FigureValue
        switch instruction.operation {
        case .move: result = left
        case .convert: result = program.convert(left, instruction.target)
        case .orElse: result = left.isUnknown ? right : left
        case .ratio:
            if !left.isAligned(with: right) { program.rates.align(&left, &right) }
            result = .ratio(left, right)
        default:
            if left.form == .double || right.form == .double {
                result = .computeDoubles(instruction.operation, left, right)
            } else {
                if !left.isAligned(with: right) { program.rates.align(&left, &right) }
                result = .compute(instruction.operation, left, right)
            }
        }
        state.pointee.registers[Int(instruction.register)] = result
    }

    private func member(_ instruction: Instruction) -> Truth {
        let value = value(instruction.left)
        guard value.isExact else { return .unknown }
        return Truth(program.list(Int(instruction.target), contains: UInt64(bitPattern: value.low)))
    }

    /// The first of the goods that a list holds.
    private func matchingGoods(_ instruction: Instruction) -> GoodsCode? {
        facts.goods.first { program.list(Int(instruction.target), contains: $0.packed) }
    }

    /// A list that is kept outside the rules; unknown where it is not there.
    private func externalMember(_ instruction: Instruction) -> Truth {
        let (list, lists) = (Int(instruction.target), program.outside.lists)
        guard lists.isKnown(list) else { return .unknown }
        let key: ListKey
        if instruction.left.index == UInt16(Fact.card.rawValue) {
            key = ListKey(facts.card)
        } else {
            let value = value(instruction.left)
            guard value.isExact else { return .unknown }
            key = ListKey(code: UInt64(bitPattern: value.low))
        }
        return Truth(lists.contains(list, key, at: facts.at) != nil)
    }

    private func externalGoods(_ instruction: Instruction) -> Truth {
        let (list, lists) = (Int(instruction.target), program.outside.lists)
        guard lists.isKnown(list) else { return .unknown }
        return Truth(facts.goods.contains { lists.contains(list, ListKey($0), at: facts.at) != nil })
    }

    /// Kleene's `or` over fixed values.
    private func oneOf(_ instruction: Instruction) -> Truth {
        let subject = value(instruction.left)
        var truth = Truth.no
        let first = Int(instruction.target)
        for index in first..<first + Int(instruction.right.index) {
            let element = program.constants[index]
            let equal =
                element.form == .text || element.form == .constantText
                ? program.compareTexts(.equal, subject, element) : compare(.equal, subject, element)
            if equal == .yes { return .yes }
            if equal == .unknown { truth = .unknown }
        }
        return truth
    }

    // MARK: - Explanation

    /// The value behind a figure, found anew; for rules that hit or could not be decided.
    func figure(of code: Range<Int>, at position: Int) -> Figure {
        let last = program.code[code.upperBound - 1]
        let truth = last.operation == .load ? .unknown : truth(of: code)
        let value: FigureValue =
            switch last.operation {
            case .goodsMember:
                matchingGoods(last).map { FigureValue(Int64(bitPattern: $0.packed)) } ?? .unknown
            case .fact: truth == .unknown ? .unknown : FigureValue(truth == .yes ? 1 : 0)
            default: value(last.left)
            }
        let hasLimit: Bool =
            switch last.operation {
            case .compare, .compareText, .textContains, .textStarts, .textEnds: true
            default: false
            }
        return Figure(
            source: position, value: value, limit: hasLimit ? self.value(last.right) : nil,
            holds: truth == .unknown ? nil : truth == .yes)
    }
}

extension FigureValue {
    /// How it compares, where both are whole numbers, or amounts of one currency, that are known exactly: nearly always.
    @inline(__always)
    fileprivate func isExactly(_ sign: Comparison, _ other: FigureValue) -> Truth? {
        guard low == high, other.low == other.high, form == .whole, other.form == .whole,
            currency == other.currency || currency == 0 || other.currency == 0
        else { return nil }
        return Truth(sign.holds(low, other.low))
    }

    /// Both are plain numbers, or amounts of one currency.
    @inline(__always)
    fileprivate func isAligned(with other: FigureValue) -> Bool {
        currency == other.currency || currency == 0 || other.currency == 0
    }

    /// It is a whole number that is known exactly, and as good to compare as it is with one of a currency.
    @inline(__always)
    fileprivate func isExactly(_ other: UInt16) -> Bool {
        low == high && form == .whole && (currency == other || currency == 0 || other == 0)
    }
}

extension UInt128 {
    @inline(__always)
    fileprivate mutating func push(_ truth: Truth) { self = self << 2 | UInt128(truth.rawValue) }

    /// Safe: only `push` and the operations on truths write the two bits, and 3 is none of theirs.
    @inline(__always)
    fileprivate mutating func pop() -> Truth {
        let truth: Truth = self & 3 == 2 ? .yes : self & 3 == 1 ? .unknown : .no
        self >>= 2
        return truth
    }
}
