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
    /// The walk that finds it: one for each of the functions that most velocities have, without a reset and a delay, and one
    /// for all others.
    enum Walk: UInt8, Sendable { case count, sum, extreme, distinct, other }

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
        guard !resets, delay == 0 else { return }
        switch function {
        case .count: walk = .count
        case .sum, .mean: walk = .sum
        case .min, .max: walk = .extreme
        case .distinct: walk = .distinct
        default: break
        }
    }
}

/// The test of one event: some of its bits, an amount, both, or any program.
struct ScanTest: Sendable {
    enum Form: UInt8, Sendable { case field, amount, program }
    private(set) var form = Form.field
    /// An event whose `kinds & bits` are not `pattern` does not pass.
    private(set) var bits: UInt32 = 0
    private(set) var pattern: UInt32 = 0
    /// That is all that is asked of its bits. If not, and it is no program, there is one field, whose values that pass are looked
    /// up in a mask.
    private(set) var hasPattern = true
    private var shift: UInt8 = 0
    private var width: UInt8 = 0
    private var mask: UInt8 = 1
    private(set) var comparison = Comparison.equal
    private(set) var limit: Int64 = 0
    private(set) var currency: UInt16 = 0
    private(set) var program = 0..<0
    /// The same as an unsigned range, for amounts that are known in `currency`: those from `least` on, `span` numbers further,
    /// or all others.
    private var least: UInt32 = 0
    private var span = UInt32.max
    private var isOutside = false

    init(_ test: EventTest, _ filters: [FilterInstruction]) {
        switch test {
        case .all: break
        case .field(let shift, let width, let mask): look(shift, width, mask)
        case .program(let range):
            (form, program) = (.program, range)
            take(filters[range])
        }
    }

    /// Takes in what all of a test's terms ask: fields and an amount that are joined by `and`. What is left over stays a
    /// program, which need not run where the bits are others.
    private mutating func take(_ instructions: ArraySlice<FilterInstruction>) {
        let terms = instructions.filter { $0.operation != .and && $0.operation != .skipIfNo }
        guard !terms.contains(where: { [.or, .not, .skipIfYes].contains($0.operation) }) else { return }
        var (amounts, odd): ([FilterInstruction], [FilterInstruction]) = ([], [])
        for term in terms {
            if term.operation == .field, let found = Self.pattern(term.shift, term.width, term.mask),
                bits & found.bits & (pattern ^ found.pattern) == 0
            {
                (bits, pattern) = (bits | found.bits, pattern | found.pattern)
            } else if term.operation == .amount, term.constant.isExact, term.constant.form == .whole {
                amounts.append(term)
            } else {
                odd.append(term)
            }
        }
        guard amounts.count < 2, odd.isEmpty || odd.count == 1 && odd[0].operation == .field && bits == 0 else {
            return
        }
        form = .field
        if let field = odd.first { look(field.shift, field.width, field.mask) }
        guard let amount = amounts.first else { return }
        (form, comparison, limit) = (.amount, amount.comparison, amount.constant.low)
        currency = amount.constant.currency
        setRange()
    }

    private mutating func look(_ shift: UInt8, _ width: UInt8, _ mask: UInt8) {
        if let found = Self.pattern(shift, width, mask) {
            (bits, pattern) = found
        } else {
            (hasPattern, self.shift, self.width, self.mask) = (false, shift, width, mask)
        }
    }

    /// The bits in which all values that pass agree, where all values that agree in them pass.
    private static func pattern(_ shift: UInt8, _ width: UInt8, _ mask: UInt8) -> (bits: UInt32, pattern: UInt32)? {
        let all = UInt32(1) << UInt32(width) - 1
        let passing = (0...all).filter { mask >> $0 & 1 == 1 }
        let (ones, zeros) = (passing.reduce(all) { $0 & $1 }, ~passing.reduce(0) { $0 | $1 } & all)
        guard passing.count == 1 << (all & ~(ones | zeros)).nonzeroBitCount else { return nil }
        return ((ones | zeros) << UInt32(shift), ones << UInt32(shift))
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

    /// Whether an amount passes that is known, in `currency`.
    @inline(__always)
    func passes(_ amount: UInt32) -> Bool { (amount &- least <= span) != isOutside }

    /// Whether the bits of an event pass.
    @inline(__always)
    func passes(bits kinds: UInt32) -> Bool {
        if hasPattern { return kinds & bits == pattern }
        return mask &>> UInt8(truncatingIfNeeded: kinds &>> UInt32(shift) & ((1 &<< UInt32(width)) &- 1)) & 1 == 1
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
    /// 1 where the amounts that pass are all others.
    private let outside: UInt32
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
        (self.least, self.span, outside) = (least, asksAmount ? span : .max, asksAmount && isOutside ? 1 : 0)
    }

    /// 1 where an event's bits pass, and its amount does or is not known in the test's currency.
    @inline(__always)
    func mayPass(_ kinds: UInt32, _ amount: UInt32) -> UInt32 {
        let isBits: UInt32 = kinds & bits == pattern ? 1 : 0
        let isIn: UInt32 = (amount &- least <= span ? 1 : 0) ^ outside
        let isOdd: UInt32 = kinds & money != currency ? 1 : 0
        let isMore: UInt32 = amount > most ? 1 : 0
        return isBits & (isIn | isOdd | isMore)
    }

    /// What may pass does pass.
    @inline(__always)
    func isKnown(_ kinds: UInt32, _ amount: UInt32) -> Bool { kinds & money == currency && amount <= most }
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
