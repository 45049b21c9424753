// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What a `Scan` knows.
struct ScanState {
    /// Held by whoever asked for the evaluation.
    unowned(unsafe) let program: RuleProgram
    let tables: RuleTables
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
    /// The numbers of card and site, where they have one.
    private(set) var whereabouts = Whereabouts()
    /// No further card has a window, and this one has none.
    let isLeftOut: Bool
    /// The time cannot be right; see `EventClock`.
    let isClockSuspect: Bool
    /// The figures of the velocities whose bit in `found` is set.
    let figures: UnsafeMutablePointer<FigureValue>
    /// Values on the way.
    var registers: UnsafeMutablePointer<FigureValue>
    /// The scores whose bit in `scored` is set, which are exact or unknown.
    let scores: UnsafeMutablePointer<FigureValue>
    /// A bit for each velocity already found, and for each score.
    var found: UInt32 = 0
    var scored: UInt8 = 0
    /// The way to where the card was last, once it was asked for: nil where it is not known.
    var travel: Travel??

    /// Registers and scores of one evaluation.
    static var valuesMax: Int { RuleProgram.registers + RuleSet.limits.scores }

    /// Inlined, since the value is large and would be moved.
    ///
    /// - Parameters:
    ///   - figures: room for one of each velocity, of whatever content.
    ///   - values: room for what `valuesMax` says.
    @inline(__always)
    init(
        _ program: RuleProgram, _ facts: UnsafePointer<TransactionFacts>, _ store: UnsafePointer<WindowStore>,
        _ figures: UnsafeMutablePointer<FigureValue>, _ values: UnsafeMutablePointer<FigureValue>
    ) {
        // All that memory is asked for is asked as early as can be.
        let located = WindowStore.locate(facts, store)
        self.program = program
        tables = program.tables
        self.figures = figures
        registers = values
        registers.initialize(repeating: .unknown, count: RuleProgram.registers)
        scores = values + RuleProgram.registers
        self.facts = facts
        (sites, siteNumbers) = (store.pointee.sites.records.view, store.pointee.sites.numbers.view)
        let instant = facts.pointee.at.milliseconds
        now = store.pointee.clock.place(instant)
        isClockSuspect = store.pointee.clock.isSuspect(instant)
        current = PackedEvent(
            milliseconds: now, amount: facts.pointee.amount, site: PackedEvent.siteMissing, pin: facts.pointee.pin,
            kind: facts.pointee.kind, entry: facts.pointee.entry, outcome: .approved)
        if let site = located.site {
            currentSite = site.record.pointee
            whereabouts.site = UInt32(truncatingIfNeeded: site.index)
        } else {
            currentSite = store.pointee.sites.record(facts.pointee.site)
        }
        (terminalsSince, merchantsSince) = (store.pointee.terminals.since, store.pointee.merchants.since)
        terminalTiles = terminalsSince == nil ? nil : store.pointee.terminals.find(currentSite.terminalNumber)
        merchantTiles = merchantsSince == nil ? nil : store.pointee.merchants.find(currentSite.merchantNumber)
        verdicts =
            store.pointee.verdicts.since == nil ? nil : store.pointee.verdicts.find(currentSite.terminalNumber)
        guard let card = located.card, let events = located.events else {
            (ring, record) = (ScanRing(empty: UnsafeRawPointer(store), now), nil)
            (forgotten, overflowed) = (.min, .min)
            isLeftOut = store.pointee.isFull
            return
        }
        whereabouts.card = UInt32(truncatingIfNeeded: card.index)
        isLeftOut = false
        record = card.record
        (forgotten, overflowed) = (card.record.pointee.head.forgotten, card.record.pointee.head.overflowed)
        ring = ScanRing(card.record, events, now)
    }
}
