// SPDX-License-Identifier: Apache-2.0

/// The conditions of all rules as graphs of questions: each says where to go on for yes and for no, and the last whether the
/// rule holds.
///
/// It is the flat program of `Instruction`s with everything about truths found out beforehand: as long as every question has an
/// answer there is no stack, and one step a question. Where one has none the rule is run by its flat program, which knows
/// what to make of it. Both give the same truth, which a test holds for random conditions.
struct ConditionGraph {
    private(set) var nodes: [ConditionNode] = []
    private let code: [Instruction]
    private let constants: [FigureValue]
    private var known: [State: Int32] = [:]
    private var end = 0
    private var limit = 0

    /// A graph with more questions is left to the flat program.
    private static let nodesMax = 256

    /// Where in a condition one is, and the truths on the stack there.
    private struct State: Hashable {
        var place: Int
        var depth: UInt8 = 0
        var truths: UInt64 = 0

        mutating func push(_ truth: Bool) {
            truths = truths << 1 | (truth ? 1 : 0)
            depth += 1
        }
        mutating func pop() -> Bool {
            defer { (truths, depth) = (truths >> 1, depth - 1) }
            return truths & 1 == 1
        }
        var top: Bool { truths & 1 == 1 }
    }

    /// - Parameter code: as evaluations run it; see `Instruction.fused`.
    init(_ code: [Instruction], _ constants: [FigureValue]) { (self.code, self.constants) = (code, constants) }

    /// Adds a condition.
    ///
    /// - Returns: its first question, or an end; nil for a condition that is left to the flat program.
    mutating func add(_ range: Range<Int>) -> Int32? {
        let first = nodes.count
        (known, end, limit) = ([:], range.upperBound, first + Self.nodesMax)
        guard let entry = place(of: State(place: range.lowerBound)) else {
            nodes.removeSubrange(first...)
            return nil
        }
        return entry
    }

    private mutating func place(of state: State) -> Int32? {
        var state = state
        while state.place < end {
            guard state.depth < 60 else { return nil }
            let instruction = code[state.place]
            switch instruction.operation {
            case .load, .endIfUnknown, .unknownIfUnknown: state.place += 1
            case .yes, .no:
                state.push(instruction.operation == .yes)
                state.place += 1
            case .and, .or:
                let (right, left) = (state.pop(), state.pop())
                state.push(instruction.operation == .and ? left && right : left || right)
                state.place += 1
            case .not:
                state.push(!state.pop())
                state.place += 1
            case .skipIfNo: state.place = state.top ? state.place + 1 : Int(instruction.target)
            case .skipIfYes: state.place = state.top ? Int(instruction.target) : state.place + 1
            case .jump: state.place = Int(instruction.target)
            case .branch: state.place = state.pop() ? state.place + 1 : Int(instruction.target)
            // Truths as values are rare.
            case .compareTruth, .truthToDouble: return nil
            default: return question(instruction, state)
            }
        }
        return state.top ? ConditionNode.yes : ConditionNode.no
    }

    private mutating func question(_ instruction: Instruction, _ state: State) -> Int32? {
        if let place = known[state] { return place }
        guard nodes.count < limit else { return nil }
        let place = nodes.count
        known[state] = Int32(place)
        nodes.append(ConditionNode(instruction, constants))
        var next = state
        next.place += 1
        if nodes[place].isStep {
            guard let then = self.place(of: next) else { return nil }
            (nodes[place].then, nodes[place].otherwise) = (then, then)
            return Int32(place)
        }
        var other = next
        next.push(true)
        other.push(false)
        guard let then = self.place(of: next), let otherwise = self.place(of: other) else { return nil }
        (nodes[place].then, nodes[place].otherwise) = (then, otherwise)
        return Int32(place)
    }
}

/// One question of a condition, or the computation of a value for a later one.
struct ConditionNode: Sendable {
    var instruction: Instruction
    /// For a comparison with a constant that is a whole number known exactly: those that hold begin at `least` and end `span`
    /// numbers later, or are all others.
    private(set) var least: Int64 = 0
    private(set) var span: UInt64 = 0
    private(set) var isOutside = false
    private(set) var currency: UInt16 = 0
    /// Whether there is such a constant.
    private(set) var hasRange = false
    /// The velocity that is compared with it; below zero where it is something else, or there is none.
    private var compared: Int32 = -1
    /// The next question, or `yes` or `no`.
    var then: Int32 = Self.no
    var otherwise: Int32 = Self.no

    static let yes: Int32 = -1
    static let no: Int32 = -2

    init(_ instruction: Instruction, _ constants: [FigureValue]) {
        self.instruction = instruction
        let isComparison = instruction.operation == .compare || instruction.operation == .compareVelocity
        guard isComparison, instruction.right.source == .constant else { return }
        let constant = constants[Int(instruction.right.index)]
        guard constant.form == .whole, constant.isExact else { return }
        (hasRange, currency) = (true, constant.currency)
        if instruction.operation == .compareVelocity { compared = Int32(instruction.left.index) }
        (least, span) = (constant.low, 0)
        switch instruction.comparison {
        case .equal: break
        case .notEqual: isOutside = true
        case .greaterOrEqual, .less:
            span = UInt64(bitPattern: .max &- least)
            isOutside = instruction.comparison == .less
        case .lessOrEqual, .greater:
            (least, span) = (.min, UInt64(bitPattern: constant.low &- .min))
            isOutside = instruction.comparison == .greater
        }
    }

    /// It asks nothing.
    var isStep: Bool {
        switch instruction.operation {
        case .add, .subtract, .multiply, .divide, .remainder, .ratio, .convert, .move, .orElse: true
        default: false
        }
    }

    /// The velocity that is compared with a range.
    var velocity: Int? { @inline(__always) get { compared < 0 ? nil : Int(compared) } }

    @inline(__always)
    func next(_ holds: Bool) -> Int32 { holds ? then : otherwise }

    @inline(__always)
    func holds(_ value: Int64) -> Bool { (UInt64(bitPattern: value &- least) <= span) != isOutside }
}
