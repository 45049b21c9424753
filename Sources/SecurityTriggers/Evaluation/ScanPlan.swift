// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// The velocities that a card's single events answer, ready for one pass over its ring: those that reach back least first.
struct ScanPlan: Sendable {
    let steps: [ScanStep]
    /// A bit for each velocity that is in the plan.
    let velocities: UInt32
    /// How many kinds of things are told apart: terminals, merchants, MCCs.
    let distinctKinds: Int

    init(_ velocities: [VelocityProgram], _ filters: [FilterInstruction]) {
        var steps: [ScanStep] = []
        for (index, velocity) in velocities.enumerated() where velocity.column == nil {
            steps.append(ScanStep(index, velocity, filters))
        }
        // Sorted by place too, so that the order hangs on nothing else.
        steps.sort { ($0.reach, $0.velocity) < ($1.reach, $1.velocity) }
        self.steps = steps
        self.velocities = steps.reduce(0) { $0 | 1 << UInt32($1.velocity) }
        distinctKinds = Set(steps.filter { $0.function == .distinct }.map(\.distinct)).count
    }
}

/// One velocity of a plan.
struct ScanStep: Sendable {
    /// The walk that finds it: one for each of the functions that most velocities have, with a simple test of each event, no
    /// reset and no delay, and one for all others.
    enum Walk: UInt8, Sendable { case count, sum, distinct, other }

    var walk: Walk
    var velocity: Int
    var function: VelocityDeclaration.Function
    /// Milliseconds: how far back the window begins, and ends.
    var reach: Int64
    var delay: Int64
    var distinct: ValueType
    var excludesCurrent: Bool
    var resets: Bool
    /// A bit for each kind whose amounts count.
    var kinds: UInt8
    var filter: ScanTest
    /// For `share`: which of the events that pass `filter` it counts.
    var part: ScanTest
    var reset: ScanTest

    init(_ index: Int, _ velocity: VelocityProgram, _ filters: [FilterInstruction]) {
        self.velocity = index
        (function, distinct, delay) = (velocity.function, velocity.distinct, velocity.delay)
        reach = velocity.window + velocity.delay
        excludesCurrent = velocity.excludesCurrent || velocity.delay > 0
        resets = velocity.resets
        kinds = velocity.isOfSpending ? PackedEvent.spendingKinds : .max
        part = ScanTest(velocity.filter, filters)
        filter = velocity.function == .share ? ScanTest(velocity.whole, filters) : part
        reset = ScanTest(velocity.reset, filters)
        walk = .other
        guard !resets, delay == 0, filter.form != .program else { return }
        switch function {
        case .count: walk = .count
        case .sum: walk = .sum
        case .distinct: walk = .distinct
        default: break
        }
    }
}

/// The test of one event: a few bits looked up in a mask, an amount, both, or any program.
struct ScanTest: Sendable {
    enum Form: UInt8, Sendable { case field, amount, program }
    var form = Form.field
    /// Place and width of the bits, and the values that pass: with a width of 0 every event does.
    var shift: UInt8 = 0
    var width: UInt8 = 0
    var mask: UInt8 = 1
    var comparison = Comparison.equal
    var limit: Int64 = 0
    var currency: UInt16 = 0
    var program = 0..<0
    /// The same as an unsigned range, for amounts that are known in `currency`: those from `least` on, `span` numbers further,
    /// or all others.
    private var least: UInt32 = 0
    private var span = UInt32.max
    private var isOutside = false
    /// The same test of bits as one comparison, `kinds & bits == pattern`, where there is one.
    private(set) var bits: UInt32 = 0
    private(set) var pattern: UInt32 = 0
    private(set) var hasPattern = true

    init(_ test: EventTest, _ filters: [FilterInstruction]) {
        switch test {
        case .all: break
        case .field(let shift, let width, let mask): (self.shift, self.width, self.mask) = (shift, width, mask)
        case .program(let range):
            if !isSimple(filters[range]) { (form, program) = (.program, range) }
        }
        setPattern()
    }

    /// There is one where the values that pass are all those that agree in some of the bits.
    private mutating func setPattern() {
        let all = UInt32(1) << UInt32(width) - 1
        let passing = (0...all).filter { mask >> $0 & 1 == 1 }
        let same = passing.reduce(all) { $0 & $1 } | ~passing.reduce(0) { $0 | $1 } & all
        hasPattern = passing.count == 1 << (all & ~same).nonzeroBitCount
        (bits, pattern) = (same << UInt32(shift), passing.reduce(all) { $0 & $1 } << UInt32(shift))
    }

    /// Takes in one test of bits and one of an amount, joined by `and`, or either; false for anything else.
    private mutating func isSimple(_ instructions: ArraySlice<FilterInstruction>) -> Bool {
        let terms = (instructions.count + 1) / 2
        guard terms <= 2, instructions.dropFirst(terms).allSatisfy({ $0.operation == .and }) else { return false }
        var (fields, amounts) = (0, 0)
        for term in instructions.prefix(terms) {
            switch term.operation {
            case .field:
                (shift, width, mask) = (term.shift, term.width, term.mask)
                fields += 1
            case .amount where term.constant.isExact && term.constant.form == .whole:
                (form, comparison, limit) = (.amount, term.comparison, term.constant.low)
                currency = term.constant.currency
                amounts += 1
            default: return restart()
            }
        }
        guard fields <= 1, amounts <= 1 else { return restart() }
        setRange()
        return true
    }

    /// Amounts that are known lie below `UInt32.max`: a limit beyond them is as good as the nearest.
    private mutating func setRange() {
        let bound = UInt32(clamping: limit)
        switch comparison {
        case .equal, .notEqual:
            (least, span) = (bound, 0)
            isOutside = comparison == .notEqual
        case .less, .greaterOrEqual:
            // Less than nothing is none: all but the others.
            (least, span) = (bound, .max - bound)
            isOutside = comparison == .less
        case .greater, .lessOrEqual:
            let next = limit < 0 ? 0 : bound == .max ? bound : bound + 1
            (least, span) = (next, .max - next)
            isOutside = comparison == .lessOrEqual
        }
    }

    private mutating func restart() -> Bool {
        (form, shift, width, mask) = (.field, 0, 0, 1)
        return false
    }

    /// Whether an amount passes that is known, in `currency`.
    @inline(__always)
    func passes(_ amount: UInt32) -> Bool { (amount &- least <= span) != isOutside }

    /// 1 where the bits of an event pass, else 0.
    @inline(__always)
    func bit(_ kinds: UInt32) -> UInt32 {
        UInt32(mask) &>> (kinds &>> UInt32(shift) & ((1 &<< UInt32(width)) &- 1)) & 1
    }
}

/// A test of bits and an amount in the few words that a walk asks each event by, without a branch.
struct EventMatch {
    private let bits: UInt32
    private let pattern: UInt32
    private let money: UInt32
    private let currency: UInt32
    private let least: UInt32
    private let span: UInt32
    private let isOutside: Bool
    /// Amounts that are known lie up to here.
    private let most: UInt32

    /// Of a test that has a pattern.
    @inline(__always)
    fileprivate init(_ test: ScanTest, least: UInt32, span: UInt32, isOutside: Bool) {
        (bits, pattern) = (test.bits, test.pattern)
        let asksAmount = test.form == .amount
        money = asksAmount ? PackedEvent.currencyBits : 0
        currency = asksAmount ? UInt32(test.currency) : 0
        most = asksAmount ? .max - 1 : .max
        (self.least, self.span, self.isOutside) = (least, asksAmount ? span : .max, asksAmount && isOutside)
    }

    /// Its bits pass, and its amount does or is not known in the test's currency.
    @inline(__always)
    func mayPass(_ event: UnsafePointer<PackedEvent>) -> Bool {
        let (amount, kinds) = (event.pointee.amount, event.pointee.kinds)
        let isOdd = (kinds & money != currency) || (amount > most)
        let isIn = (amount &- least <= span) != isOutside
        return (kinds & bits == pattern) && (isIn || isOdd)
    }

    /// What may pass does pass.
    @inline(__always)
    func isKnown(_ event: UnsafePointer<PackedEvent>) -> Bool {
        event.pointee.kinds & money == currency && event.pointee.amount <= most
    }
}

extension ScanTest {
    /// Only for a test that has a pattern and is no program.
    var match: EventMatch {
        @inline(__always) get { EventMatch(self, least: least, span: span, isOutside: isOutside) }
    }
}

/// What one step of a pass has found so far, 32 bytes: those of all velocities there can be fit into a stack's kilobyte.
struct ScanTally {
    var sure: Int32 = 0
    var possible: Int32 = 0
    /// The sum, or the least; of `share` the events that it is a share of.
    var low: Int64 = 0
    /// The most; of `share` the events that it may be a share of besides.
    var high: Int64 = 0
    var isExact = true
    /// No reset was undecided so far.
    var isSure = true
    /// A reset: nothing older counts.
    var isDone = false

    init(_ function: VelocityDeclaration.Function) {
        if function == .min || function == .max || function == .first || function == .last {
            (low, high) = (.max, .min)
        }
    }
}
