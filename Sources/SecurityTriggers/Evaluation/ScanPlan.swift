// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// The velocities that a card's single events answer, ready for one pass over its ring: those of one walk side by side.
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
        steps.sort { ($0.walk.rawValue, $0.velocity) < ($1.walk.rawValue, $1.velocity) }
        self.steps = steps
        self.velocities = steps.reduce(0) { $0 | 1 << UInt32($1.velocity) }
        distinctKinds = Set(steps.filter { $0.function == .distinct }.map(\.distinct)).count
    }
}

/// The place behind the last step of each walk; the next walk's begin there.
struct ScanWalks: BitwiseCopyable {
    let counts, countsOfAmounts, sums, extremes, distincts, others: Int

    init(_ plan: ScanPlan) {
        func end(_ walk: ScanStep.Walk) -> Int { plan.steps.count { $0.walk.rawValue <= walk.rawValue } }
        (counts, countsOfAmounts, sums) = (end(.count), end(.countOfAmounts), end(.sum))
        (extremes, distincts, others) = (end(.extreme), end(.distinct), end(.other))
    }
}

/// One velocity of a plan.
struct ScanStep: Sendable {
    /// The walk that finds it: one for each of the functions that most velocities have, where there is neither reset nor delay
    /// and a few bits say which events count, or those and an amount which are counted; and one for all others.
    enum Walk: UInt8, Sendable { case count, countOfAmounts, sum, extreme, distinct, other }

    var walk: Walk
    var velocity: Int
    var function: VelocityDeclaration.Function
    /// Milliseconds: how far back the window begins, which is no more than events are kept for, and ends.
    var reach: UInt32
    var delay: Int64
    var distinct: ValueType
    var excludesCurrent: Bool
    var resets: Bool
    /// A bit for each kind whose amounts count.
    var kinds: UInt8
    var filter: ScanTest
    /// The same for walks that are not `other`: of bits alone, where it is no amount that events are asked for.
    var test: EventBits
    var match: EventMatch
    /// For `share`: which of the events that pass `filter` it counts.
    var part: ScanTest
    var reset: ScanTest

    init(_ index: Int, _ velocity: VelocityProgram, _ filters: [FilterInstruction]) {
        self.velocity = index
        (function, distinct, delay) = (velocity.function, velocity.distinct, velocity.delay)
        reach = UInt32(clamping: velocity.window + velocity.delay)
        excludesCurrent = velocity.excludesCurrent || velocity.delay > 0
        resets = velocity.resets
        kinds = velocity.isOfSpending ? PackedEvent.spendingKinds : .max
        part = ScanTest(velocity.filter, filters)
        filter = velocity.function == .share ? ScanTest(velocity.whole, filters) : part
        match = filter.match
        let noSpending = kinds == .max ? 0 : PackedEvent.noSpendingBit
        test = EventBits(
            bits: filter.bits | noSpending | PackedEvent.eventBit, pattern: filter.pattern | PackedEvent.eventBit)
        reset = ScanTest(velocity.reset, filters)
        walk = .other
        guard !resets, delay == 0, filter.hasPattern, filter.form != .program else { return }
        switch function {
        case .count: walk = filter.form == .field ? .count : .countOfAmounts
        case .distinct: walk = .distinct
        case .sum, .mean: if filter.form == .field { walk = .sum }
        case .min, .max: if filter.form == .field { walk = .extreme }
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
    /// The same as an unsigned range, for amounts that are known in `currency`: those from `least` on, `span` numbers further, 0
    /// coming after the largest.
    private var least: UInt32 = 0
    private var span = UInt32.max

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
        (comparison, limit, currency) = (amount.comparison, amount.constant.low, amount.constant.currency)
        form = setRange() ? .amount : .program
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

    /// The largest amount stands for all above it: whether it passes is known as long as the limit lies below it.
    ///
    /// - Returns: false where it does not, and where nothing passes.
    private mutating func setRange() -> Bool {
        guard limit < Int64(UInt32.max) else { return false }
        let (bound, isBelow) = (UInt32(clamping: limit), limit < 0)
        switch comparison {
        case .equal: (least, span) = (bound, 0)
        case .lessOrEqual: span = bound
        case .less: span = bound &- 1
        case .greaterOrEqual: (least, span) = (bound, .max - bound)
        case .greater where !isBelow: (least, span) = (bound + 1, .max - bound - 1)
        case .notEqual where !isBelow: (least, span) = (bound + 1, .max - 1)
        case .greater, .notEqual: break
        }
        return comparison == .less ? limit > 0 : !isBelow || ![.equal, .lessOrEqual].contains(comparison)
    }

    /// Whether an amount in `currency` passes.
    @inline(__always)
    func passes(_ amount: UInt32) -> Bool { amount &- least <= span }

    /// Whether the bits of an event pass.
    @inline(__always)
    func passes(bits kinds: UInt32) -> Bool {
        if hasPattern { return kinds & bits == pattern }
        return mask &>> UInt8(truncatingIfNeeded: kinds &>> UInt32(shift) & ((1 &<< UInt32(width)) &- 1)) & 1 == 1
    }
}

/// A test of bits and an amount in the few words that a walk asks each event by: an event may pass whose bits pass, and whose
/// amount does or is in another currency.
struct EventMatch: Sendable {
    let test: EventBits
    /// The bits of the currency and what they are where an amount is asked for; 0 where none is.
    let money: UInt32
    let currency: UInt32
    /// The range of amounts: from `least` on, `span` numbers further.
    let least: UInt32
    let span: UInt32

    /// Of a test that has a pattern.
    fileprivate init(_ test: ScanTest, least: UInt32, span: UInt32) {
        self.test = EventBits(
            bits: test.bits | PackedEvent.eventBit, pattern: test.pattern | PackedEvent.eventBit)
        let asksAmount = test.form == .amount
        money = asksAmount ? PackedEvent.currencyBits : 0
        currency = asksAmount ? UInt32(test.currency) : 0
        (self.least, self.span) = (least, span)
    }

    /// Whether an event that may pass does pass.
    @inline(__always)
    func isSure(_ kinds: UInt32) -> Bool { kinds & money == currency }
}

extension ScanTest {
    /// Of use only for a test that has a pattern and is no program.
    var match: EventMatch {
        EventMatch(self, least: least, span: span)
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
