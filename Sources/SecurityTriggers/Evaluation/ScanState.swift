// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What a `Scan` knows.
struct ScanState {
    let program: RuleProgram
    /// The program's tables. Good as long as `program` is.
    let code: UnsafeBufferPointer<Instruction>
    let constants: UnsafeBufferPointer<FigureValue>
    let steps: UnsafeBufferPointer<ScanStep>
    let nodes: UnsafeBufferPointer<ConditionNode>
    /// The velocities that a walk over the ring finds, a bit for each, and how many kinds of things they tell apart.
    let planned: UInt32
    let distinctKinds: Int
    let facts: TransactionFacts
    /// The transaction in hand as an event; it counts as approved.
    let current: PackedEvent
    let currentSite: SiteRecord
    /// Milliseconds since 1970.
    let now: Int64
    /// Where the store's sites lie. Like `window` good as long as the store stays as it is: for one evaluation.
    let sites: BlockView
    let siteNumbers: BlockView
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
    let isLeftOut: Bool
    /// The time cannot be right; see `EventClock`.
    let isClockSuspect: Bool
    /// The figures of the velocities whose bit in `found` is set, in memory lent for the evaluation.
    let figures: UnsafeMutableBufferPointer<FigureValue>
    /// A bit for each velocity already found.
    var found: UInt32 = 0
    /// A score found already, which is exact or unknown.
    var scores = InlineArray<4, FigureValue?>(repeating: nil)
    var registers = InlineArray<8, FigureValue>(repeating: .unknown)

    /// Inlined, since the value is large and would be moved.
    ///
    /// - Parameter figures: room for one of each velocity, of whatever content.
    @inline(__always)
    init(
        _ program: RuleProgram, _ facts: TransactionFacts, _ store: UnsafePointer<WindowStore>,
        _ figures: UnsafeMutableBufferPointer<FigureValue>
    ) {
        WindowStore.prefetch(facts.card, store)
        self.program = program
        (code, constants) = (program.codeTable.elements, program.constantTable.elements)
        (steps, nodes) = (program.stepTable.elements, program.nodeTable.elements)
        (planned, distinctKinds) = (program.plan.velocities, program.plan.distinctKinds)
        self.figures = figures
        self.facts = facts
        (sites, siteNumbers) = (store.pointee.sites.records.view, store.pointee.sites.numbers.view)
        let instant = facts.at.milliseconds
        now = store.pointee.clock.place(instant)
        isClockSuspect = store.pointee.clock.isSuspect(instant)
        current = PackedEvent(
            milliseconds: now, amount: facts.amount, site: PackedEvent.siteMissing, pin: facts.pin, kind: facts.kind,
            entry: facts.entry, outcome: .approved)
        currentSite = Sites.known(facts.site, store.pointee.sites.index) ?? store.pointee.sites.record(facts.site)
        (terminalsSince, merchantsSince) = (store.pointee.terminals.since, store.pointee.merchants.since)
        terminalTiles = terminalsSince == nil ? nil : store.pointee.terminals.find(currentSite.terminalNumber)
        merchantTiles = merchantsSince == nil ? nil : store.pointee.merchants.find(currentSite.merchantNumber)
        verdicts =
            store.pointee.verdicts.since == nil ? nil : store.pointee.verdicts.find(currentSite.terminalNumber)
        guard let index = WindowStore.find(facts.card, store) else {
            (window, record, count) = (CardWindow(of: facts.card, at: now), nil, 0)
            isLeftOut = store.pointee.isFull
            return
        }
        WindowStore.prefetch(index, store)
        isLeftOut = false
        window = store.pointee.window(index)
        record = store.pointee.record(index)
        var count = window.count
        // Only a late transaction finds events after it.
        while count > 0, window.latest > now, window.time(of: window[count - 1]) > now { count -= 1 }
        self.count = count
    }
}
