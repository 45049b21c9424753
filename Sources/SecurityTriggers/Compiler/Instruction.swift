// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Where an instruction finds a value.
struct Operand: Equatable, Sendable {
    enum Source: UInt8, Sendable { case constant, fact, velocity, register, score }
    var source: Source
    var index: UInt16

    static let none = Operand(source: .constant, index: 0)
}

/// One step of a condition's flat program. Truths go over a stack, values through registers.
struct Instruction: Equatable, Sendable {
    enum Operation: UInt8, Sendable {
        /// Names a value for an explanation; does nothing when a condition runs.
        case load
        /// Put a value into a register. A ratio is of two amounts or durations; `convert` has its `Conversion` in `target`.
        case add, subtract, multiply, divide, remainder, ratio, convert, move
        /// The right value where the left one is unknown.
        case orElse
        /// Takes the truth on top of the stack as 1 or 0.
        case truthToDouble
        /// Push a truth.
        case compare, compareText, member, goodsMember, externalMember, externalGoods, oneOf, known, fact, yes, no
        case textContains, textStarts, textEnds
        /// Replaces two truths by how they compare.
        case compareTruth
        /// Combine truths.
        case and, or, not
        /// Leave out the right side of `and` or `or` when the left side settles the matter.
        case skipIfNo, skipIfYes
        /// Go on elsewhere: always; where the truth taken from the stack is not yes; where it is unknown, leaving it or
        /// putting an unknown value into the register.
        case jump, branch, endIfUnknown, unknownIfUnknown
        /// `compare` where the left side is a velocity and the right side a constant; see `fused`.
        case compareVelocity
    }

    var operation: Operation
    var comparison: Comparison = .equal
    var register: UInt8 = 0
    var left: Operand = .none
    var right: Operand = .none
    /// An index into the lists, or the instruction to go on with.
    var target: UInt32 = 0

    /// The instruction as evaluations run it: most conditions compare a velocity with a limit, which needs no look at where
    /// the two sides come from.
    var fused: Instruction {
        guard operation == .compare, left.source == .velocity, right.source == .constant else { return self }
        var fused = self
        fused.operation = .compareVelocity
        return fused
    }
}

/// One step of the test that a velocity puts to each event of a window.
struct FilterInstruction: Equatable, Sendable {
    enum Operation: UInt8, Sendable {
        /// A few bits of the event's class, looked up in a mask.
        case field
        case amount
        case mcc, mccMember
        case terminal, terminalMember, merchant, merchantMember
        case hour
        /// What became known of the event, and how it stood to its card.
        case confirmed, plain, unusual
        /// `target` is the `SameFact` in which the event is like the transaction in hand.
        case same
        case yes, no
        case and, or, not
        case skipIfNo, skipIfYes
    }

    var operation: Operation
    var comparison: Comparison = .equal
    /// The field's place and width in the event's class.
    var shift: UInt8 = 0
    var width: UInt8 = 0
    /// The field values that pass.
    var mask: UInt8 = 0
    var constant = FigureValue(0)
    var target: UInt32 = 0
}

/// The test of a velocity in the forms that most have, so that the walk over a ring need not interpret it.
enum EventTest: Sendable {
    case all
    /// Field values that pass: place, width and mask, as in `FilterInstruction`.
    case field(shift: UInt8, width: UInt8, mask: UInt8)
    /// Any other, by its instructions.
    case program(Range<Int>)

    init(_ range: Range<Int>, in filters: [FilterInstruction]) {
        guard let only = filters[range].first, range.count == 1, only.operation == .field else {
            self = range.isEmpty ? .all : .program(range)
            return
        }
        self = .field(shift: only.shift, width: only.width, mask: only.mask)
    }
}

/// A velocity, ready to run.
struct VelocityProgram: Sendable {
    var function: VelocityDeclaration.Function
    /// Whose events.
    var key: VelocityDeclaration.Key
    /// For `distinct`: what is told apart.
    var distinct: ValueType
    /// Milliseconds; the window is (t − delay − window, t − delay].
    var window: Int64
    var delay: Int64
    /// What tiles answer it; nil for a card's single events, which then do.
    var column: TileColumn?
    var excludesCurrent: Bool
    /// It is of amounts, and no test of its own asks for the kind: what gives money back or moves none is left out.
    var isOfSpending = false
    var filter: EventTest
    /// For `share`: which events it is a share of; `filter` says which of them it counts.
    var whole: EventTest
    /// `all` when nothing resets it.
    var reset: EventTest
    var resets: Bool
}

/// A rule's condition, ready to run; everything else about a rule lies in its `RuleDetail`.
struct RuleHead: Sendable {
    var code: Range<Int>
    /// The first question of the condition's graph; nil for one that has none.
    var entry: Int32?
    var isShadow: Bool
    /// Something is to follow where the condition cannot be decided.
    var hasOnUnknown = false
    var isLiftable: Bool
}

/// What a rule does when it hits.
struct Consequence: Sendable, Equatable {
    var action = TriggerAction.approve
    var proofs: ProofSet = []
    var hold: Interval?
    var openCase: CaseLevel?
    var notifyIssuer = false
    var askCardholder = false
    var freeze: Interval?
    /// The catalogue's intent that the rule stands for, when it names one.
    var intent: String?
}
