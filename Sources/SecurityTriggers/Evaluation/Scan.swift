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
    let currentSite: SiteRecord
    /// Milliseconds since 1970.
    let now: Int64
    /// Where the store's sites lie. Like `window` good as long as the store stays as it is: for one evaluation.
    let sites: BlockView
    let window: CardWindow
    /// What is kept of the card beside its ring; nil for one that was never seen.
    let record: UnsafePointer<CardRecord>?
    /// Events of the ring that are not later than the transaction.
    let count: Int
    /// No further card has a window, and this one has none.
    private let isLeftOut: Bool
    /// The time cannot be right; see `EventClock`.
    let isClockSuspect: Bool
    private var figures = InlineArray<32, FigureValue>(repeating: .unknown)
    /// A bit for each velocity already found.
    private var found: UInt32 = 0
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
            if found & 1 << UInt32(index) == 0 {
                figures[index] = figure(of: program.velocities[index])
                found |= 1 << UInt32(index)
            }
            return figures[index]
        case .score: return score(Int(operand.index))
        case .fact: return fact(UInt8(truncatingIfNeeded: operand.index))
        }
    }
}
