// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// One transaction under evaluation: its facts, its card's ring, and the velocities found so far.
///
/// A velocity is found when a condition first asks for it, by a walk over the ring from the newest event backwards.
struct Scan {
    let program: RuleProgram
    let facts: TransactionFacts
    /// The transaction in hand as an event; it counts as approved.
    let current: PackedEvent
    let currentSite: SiteKey
    /// Milliseconds since 1970.
    let now: Int64
    let terminals: [TerminalID]
    let merchants: [MerchantID]
    let sites: [SiteKey]
    /// The segment that holds the card's ring, and where the ring begins in it.
    let segment: [PackedEvent]
    let base: Int
    let window: CardWindow
    /// The card was seen before; else `window` is an empty one.
    let hasCard: Bool
    /// Events of the ring that are not later than the transaction.
    let count: Int
    private var figures = InlineArray<32, FigureValue>(repeating: .unknown)
    /// A bit for each velocity already found.
    private var found: UInt32 = 0
    private var registers = InlineArray<8, FigureValue>(repeating: .unknown)

    /// Inlined, since the value is large and would be moved.
    @inline(__always)
    init(_ program: RuleProgram, _ facts: TransactionFacts, _ store: borrowing WindowStore) {
        self.program = program
        self.facts = facts
        terminals = store.sites.terminals.values
        merchants = store.sites.merchants.values
        sites = store.sites.sites.values
        now = facts.at.milliseconds
        current = PackedEvent(
            milliseconds: now, amount: facts.amount, site: PackedEvent.siteMissing, mcc: facts.mcc, pin: facts.pin,
            kind: facts.kind, outcome: .approved)
        currentSite = store.sites.numbers(facts.terminal, facts.merchant)
        guard let window = store.window(of: facts.card) else {
            window = CardWindow(key: facts.card, latest: now, chunk: 0)
            (segment, base, count, hasCard) = ([], 0, 0, false)
            return
        }
        self.window = window
        hasCard = true
        let place = EventArena.place(window.chunk)
        (segment, base) = (store.arena.segments[place.segment], place.base)
        var count = Int(window.count)
        // Only a late transaction finds events after it.
        while count > 0, window.latest > now, window.time(of: segment[base + window.place(count - 1)]) > now {
            count -= 1
        }
        self.count = count
    }

    func event(_ index: Int) -> PackedEvent { segment[base + window.place(index)] }

    /// Events were dropped for want of room, not 48 hours ago.
    var overflow: Bool { window.overflowed > now - WindowStore.retention }

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
            if found & 1 << UInt32(index) == 0 {
                figures[index] = figure(of: program.velocities[index])
                found |= 1 << UInt32(index)
            }
            return figures[index]
        case .fact: return fact(UInt8(truncatingIfNeeded: operand.index))
        }
    }

    private func fact(_ index: UInt8) -> FigureValue {
        switch Fact(rawValue: index) {
        case .amount:
            let money = facts.amount
            return money.minorUnits < 0 || money.currency.numeric == 0 ? .unknown : FigureValue(money)
        case .mcc: return current.mcc
        case .terminal: return FigureValue(Int64(bitPattern: facts.terminal.packed))
        case .merchant: return facts.merchant.map { FigureValue(Int64(bitPattern: $0.number)) } ?? .unknown
        case .pin: return FigureValue(Int64(facts.pin.rawValue))
        case .status: return FigureValue(Int64(facts.hotList?.rawValue ?? 0))
        case .kind: return FigureValue(Int64(facts.kind.rawValue))
        case .hour: return FigureValue(Self.hour(now))
        case .goods, .overflow, nil: return .unknown
        }
    }

    /// The hour of the day in UTC, 0–23.
    static func hour(_ milliseconds: Int64) -> Int64 {
        let rest = milliseconds % 86_400_000
        return (rest < 0 ? rest + 86_400_000 : rest) / 3_600_000
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
