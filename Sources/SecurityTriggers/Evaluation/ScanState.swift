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
    let heads: UnsafeBufferPointer<RuleHead>
    /// The velocities that a walk over the ring finds, a bit for each, and how many kinds of things they tell apart.
    let planned: UInt32
    let distinctKinds: Int
    let facts: UnsafePointer<TransactionFacts>
    /// The transaction in hand as an event; it counts as approved.
    let current: PackedEvent
    let currentSite: SiteRecord
    /// Milliseconds since 1970.
    let now: Int64
    /// Where the store's sites lie. Like `ring` good as long as the store stays as it is: for one evaluation.
    let sites: BlockView
    let siteNumbers: BlockView
    /// Events of the card that are not later than the transaction.
    let ring: ScanRing
    /// As `CardHead` has them; `Int64.min` for a card that was never seen.
    let forgotten: Int64
    let overflowed: Int64
    /// What is kept of the card beside its ring; nil for one that was never seen.
    let record: UnsafePointer<CardRecord>?
    /// The tiles of the terminal and the merchant, and since when all of them were counted.
    let terminalTiles: UnsafePointer<EntityRecord>?
    let merchantTiles: UnsafePointer<EntityRecord>?
    let terminalsSince: Int64?
    let merchantsSince: Int64?
    /// What became known of the terminal, as far as a score asks for it.
    let verdicts: UnsafePointer<TerminalVerdicts>?
    /// No further card has a window, and this one has none.
    let isLeftOut: Bool
    /// The time cannot be right; see `EventClock`.
    let isClockSuspect: Bool
    /// The figures of the velocities whose bit in `found` is set, in memory lent for the evaluation.
    let figures: UnsafeMutableBufferPointer<FigureValue>
    /// A bit for each velocity already found.
    var found: UInt32 = 0
    /// The way to where the card was last, once it was asked for: nil where it is not known.
    var travel: Travel??
    /// A score found already, which is exact or unknown.
    var scores = InlineArray<4, FigureValue?>(repeating: nil)
    var registers = InlineArray<8, FigureValue>(repeating: .unknown)

    /// Inlined, since the value is large and would be moved.
    ///
    /// - Parameter figures: room for one of each velocity, of whatever content.
    @inline(__always)
    init(
        _ program: RuleProgram, _ facts: UnsafePointer<TransactionFacts>, _ store: UnsafePointer<WindowStore>,
        _ figures: UnsafeMutableBufferPointer<FigureValue>
    ) {
        let key = facts.pointee.card
        WindowStore.prefetch(key, store)
        self.program = program
        (code, constants) = (program.codeTable.elements, program.constantTable.elements)
        (steps, nodes) = (program.stepTable.elements, program.nodeTable.elements)
        heads = program.headTable.elements
        (planned, distinctKinds) = (program.plan.velocities, program.plan.distinctKinds)
        self.figures = figures
        self.facts = facts
        (sites, siteNumbers) = (store.pointee.sites.records.view, store.pointee.sites.numbers.view)
        let instant = facts.pointee.at.milliseconds
        now = store.pointee.clock.place(instant)
        isClockSuspect = store.pointee.clock.isSuspect(instant)
        current = PackedEvent(
            milliseconds: now, amount: facts.pointee.amount, site: PackedEvent.siteMissing, pin: facts.pointee.pin,
            kind: facts.pointee.kind, entry: facts.pointee.entry, outcome: .approved)
        let site = facts.pointee.site
        currentSite = Sites.known(site, store.pointee.sites.index) ?? store.pointee.sites.record(site)
        (terminalsSince, merchantsSince) = (store.pointee.terminals.since, store.pointee.merchants.since)
        terminalTiles = terminalsSince == nil ? nil : store.pointee.terminals.find(currentSite.terminalNumber)
        merchantTiles = merchantsSince == nil ? nil : store.pointee.merchants.find(currentSite.merchantNumber)
        verdicts =
            store.pointee.verdicts.since == nil ? nil : store.pointee.verdicts.find(currentSite.terminalNumber)
        guard let index = WindowStore.find(key, store) else {
            (ring, record) = (ScanRing(empty: UnsafeRawPointer(store), now), nil)
            (forgotten, overflowed) = (.min, .min)
            isLeftOut = store.pointee.isFull
            return
        }
        WindowStore.prefetch(index, store)
        isLeftOut = false
        let card = store.pointee.record(index)
        record = card
        (forgotten, overflowed) = (card.pointee.head.forgotten, card.pointee.head.overflowed)
        ring = ScanRing(card, store.pointee.rings.events(card.pointee.head.size, card.pointee.head.ring), now)
    }
}
