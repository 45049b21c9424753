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
    /// What became known of the terminal, as far as a score asks for it.
    let verdicts: UnsafePointer<TerminalVerdicts>?
    /// Events of the ring that are not later than the transaction.
    let count: Int
    /// No further card has a window, and this one has none.
    private let isLeftOut: Bool
    /// The time cannot be right; see `EventClock`.
    let isClockSuspect: Bool
    var figures = InlineArray<32, FigureValue>(repeating: .unknown)
    /// A bit for each velocity already found.
    var found: UInt32 = 0
    /// A score found already, which is exact or unknown.
    var scores = InlineArray<4, FigureValue?>(repeating: nil)
    var registers = InlineArray<8, FigureValue>(repeating: .unknown)

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
        verdicts = store.verdicts.since == nil ? nil : store.verdicts.find(currentSite.terminalNumber)
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

    mutating func value(_ operand: Operand) -> FigureValue {
        switch operand.source {
        case .constant: return program.constants[Int(operand.index)]
        case .register: return registers[Int(operand.index)]
        case .velocity:
            let index = Int(operand.index)
            if found & 1 << UInt32(index) == 0 { find(index) }
            return figures[index]
        case .score: return score(Int(operand.index))
        case .fact: return fact(UInt8(truncatingIfNeeded: operand.index))
        }
    }

    private mutating func find(_ index: Int) {
        let velocity = program.velocities[index]
        guard let column = velocity.column else { return runPlan() }
        figures[index] = tileFigure(of: velocity, column)
        found |= 1 << UInt32(index)
    }
}
