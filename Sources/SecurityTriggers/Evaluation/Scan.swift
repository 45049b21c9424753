// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// One transaction under evaluation: its facts, its card's ring, and the velocities found so far.
///
/// Velocities are found when a condition first asks for one: those that single events answer all at once, in one pass over
/// the ring from the newest event backwards, those that tiles answer one by one.
struct Scan {
    let program: RuleProgram
    let facts: TransactionFacts
    /// The transaction in hand as an event; it counts as approved.
    let current: PackedEvent
    let currentSite: SiteRecord
    /// Milliseconds since 1970.
    let now: Int64
    /// Where the store's sites lie. Like `window` good as long as the store stays as it is: for one evaluation.
    let sites: BlockView
    let window: CardWindow
    /// What is kept of the card beside its ring; nil for one that was never seen.
    let record: UnsafePointer<CardRecord>?
    /// The tiles of the terminal and the merchant, and since when all of them were counted.
    let terminalTiles: UnsafePointer<EntityRecord>?
    let merchantTiles: UnsafePointer<EntityRecord>?
    let terminalsSince: Int64?
    let merchantsSince: Int64?
    /// Events of the ring that are not later than the transaction.
    let count: Int
    /// No further card has a window, and this one has none.
    private let isLeftOut: Bool
    /// The time cannot be right; see `EventClock`.
    let isClockSuspect: Bool
    var figures = InlineArray<32, FigureValue>(repeating: .unknown)
    /// A bit for each velocity already found.
    var found: UInt32 = 0
    private var registers = InlineArray<8, FigureValue>(repeating: .unknown)

    /// Inlined, since the value is large and would be moved.
    @inline(__always)
    init(_ program: RuleProgram, _ facts: TransactionFacts, _ store: borrowing WindowStore) {
        self.program = program
        self.facts = facts
        sites = store.sites.records.view
        let instant = facts.at.milliseconds
        now = store.clock.place(instant)
        isClockSuspect = store.clock.isSuspect(instant)
        current = PackedEvent(
            milliseconds: now, amount: facts.amount, site: PackedEvent.siteMissing, pin: facts.pin, kind: facts.kind,
            entry: facts.entry, outcome: .approved)
        currentSite = store.sites.record(facts.site)
        (terminalsSince, merchantsSince) = (store.terminals.since, store.merchants.since)
        terminalTiles = terminalsSince == nil ? nil : store.terminals.find(currentSite.terminalNumber)
        merchantTiles = merchantsSince == nil ? nil : store.merchants.find(currentSite.merchantNumber)
        guard let index = store.find(facts.card) else {
            (window, record, count) = (CardWindow(of: facts.card, at: now), nil, 0)
            isLeftOut = store.isFull
            return
        }
        isLeftOut = false
        window = store.window(index)
        record = store.record(index)
        var count = window.count
        // Only a late transaction finds events after it.
        while count > 0, window.latest > now, window.time(of: window[count - 1]) > now { count -= 1 }
        self.count = count
    }

    /// Events were dropped for want of room, not 48 hours ago.
    var overflow: Bool { isLeftOut || window.overflowed > now - WindowStore.retention }

    // MARK: - Conditions

    /// Runs a stretch of the program; the truth it leaves on the stack is the answer.
    mutating func truth(of range: Range<Int>) -> Truth {
        // Two bits a truth. Nesting is bounded, so that the stack never holds more than a word does.
        var stack: UInt64 = 0
        var index = range.lowerBound
        while index < range.upperBound {
            let instruction = program.code[index]
            index += 1
            switch instruction.operation {
            case .load: break
            case .add, .subtract, .multiply, .divide, .remainder: compute(instruction)
            case .compare:
                let truth = FigureValue.compare(
                    instruction.comparison, value(instruction.left), value(instruction.right))
                stack = stack << 2 | UInt64(truth.rawValue)
            case .member: stack = stack << 2 | UInt64(member(instruction).rawValue)
            case .goodsMember: stack = stack << 2 | UInt64(Truth(matchingGoods(instruction) != nil).rawValue)
            case .known: stack = stack << 2 | UInt64(Truth(!value(instruction.left).isUnknown).rawValue)
            case .overflow: stack = stack << 2 | UInt64(Truth(overflow).rawValue)
            case .yes: stack = stack << 2 | UInt64(Truth.yes.rawValue)
            case .no: stack = stack << 2
            case .and: stack = (stack >> 4) << 2 | min(stack & 3, stack >> 2 & 3)
            case .or: stack = (stack >> 4) << 2 | max(stack & 3, stack >> 2 & 3)
            case .not: stack = (stack >> 2) << 2 | (2 - (stack & 3))
            case .skipIfNo: if stack & 3 == 0 { index = Int(instruction.target) }
            case .skipIfYes: if stack & 3 == 2 { index = Int(instruction.target) }
            }
        }
        return stack & 3 == 2 ? .yes : stack & 3 == 1 ? .unknown : .no
    }

    mutating func compute(_ instruction: Instruction) {
        let (left, right) = (value(instruction.left), value(instruction.right))
        registers[Int(instruction.register)] =
            switch instruction.operation {
            case .add: .add(left, right)
            case .subtract: .subtract(left, right)
            case .divide: .divide(left, right)
            case .remainder: .remainder(left, right)
            default: .multiply(left, right)
            }
    }

    mutating func value(_ operand: Operand) -> FigureValue {
        switch operand.source {
        case .constant: return program.constants[Int(operand.index)]
        case .register: return registers[Int(operand.index)]
        case .velocity:
            let index = Int(operand.index)
            if found & 1 << UInt32(index) == 0 { find(index) }
            return figures[index]
        case .fact: return fact(UInt8(truncatingIfNeeded: operand.index))
        }
    }

    private mutating func find(_ index: Int) {
        let velocity = program.velocities[index]
        guard let column = velocity.column else { return runPlan() }
        figures[index] = tileFigure(of: velocity, column)
        found |= 1 << UInt32(index)
    }

    private func fact(_ index: UInt8) -> FigureValue {
        switch Fact(rawValue: index) {
        case .amount:
            let money = facts.amount
            return money.minorUnits < 0 || money.currency.numeric == 0 ? .unknown : FigureValue(money)
        case .mcc: return facts.mcc.flatMap { $0.code > 9_999 ? nil : FigureValue(Int64($0.code)) } ?? .unknown
        case .terminal: return FigureValue(Int64(bitPattern: facts.terminal.packed))
        case .merchant: return facts.merchant.map { FigureValue(Int64(bitPattern: $0.number)) } ?? .unknown
        case .pin: return FigureValue(Int64(facts.pin.rawValue))
        case .status: return FigureValue(Int64(facts.hotList?.rawValue ?? 0))
        case .kind: return FigureValue(Int64(facts.kind.rawValue))
        case .hour: return FigureValue(Self.hour(now, facts.offset))
        case .goods, .overflow, nil: return .unknown
        }
    }

    /// The hour of the day where the terminal stands, 0–23.
    static func hour(_ milliseconds: Int64, _ offset: Int8) -> Int64 {
        let local = milliseconds + Int64(offset) * 900_000
        return (local - local.floorDivided(by: EventClock.day) * EventClock.day) / 3_600_000
    }

    private mutating func member(_ instruction: Instruction) -> Truth {
        let value = value(instruction.left)
        guard value.isExact else { return .unknown }
        return Truth(program.list(Int(instruction.target), contains: UInt64(bitPattern: value.low)))
    }

    /// The first of the goods that a list holds.
    private func matchingGoods(_ instruction: Instruction) -> GoodsCode? {
        facts.goods.first { program.list(Int(instruction.target), contains: $0.packed) }
    }

    // MARK: - Explanation

    /// The value behind a figure, found anew; for rules that hit or could not be decided.
    mutating func figure(_ source: FigureSource, at position: Int) -> Figure {
        for index in source.code.dropLast() { compute(program.code[index]) }
        let last = program.code[source.code.upperBound - 1]
        let truth = last.operation == .load ? .unknown : truth(of: source.code)
        let value: FigureValue =
            switch last.operation {
            case .goodsMember:
                matchingGoods(last).map { FigureValue(Int64(bitPattern: $0.packed)) } ?? .unknown
            case .overflow: FigureValue(overflow ? 1 : 0)
            default: value(last.left)
            }
        return Figure(
            source: position, value: value, limit: last.operation == .compare ? self.value(last.right) : nil,
            holds: truth == .unknown ? nil : truth == .yes)
    }
}
