// SPDX-License-Identifier: Apache-2.0
import CPrefetch
import Vocabulary

/// A decision looks at a dozen places of memory that no cache holds, among millions of cards. Fetched one after the other
/// as they are needed they cost more than all computing; asked for at once they cost little more than one of them.
extension WindowStore {
    private static let line = 64

    /// Where a transaction's card and site are, both searched side by side, with all that is kept of them on its way.
    @inline(__always)
    static func locate(_ facts: UnsafePointer<TransactionFacts>, _ store: UnsafePointer<WindowStore>) -> Located {
        let (table, sites) = (store.pointee.table.view, store.pointee.sites.index)
        let (card, wanted) = (facts.pointee.card, SiteRecord(wanted: facts.pointee.site))
        let (cardHash, siteHash) = (card.scattered(store.pointee.seed), sites.hash.hash(wanted))
        table.prefetch(cardHash)
        // What is guessed here is nearly always right.
        let site = sites.table.guess(siteHash)
        let siteRecord = site.map { SiteIndex.record(sites.records, $0) }
        if let siteRecord { cprefetch(siteRecord) }
        var located = Located()
        if let index = table.guess(cardHash) {
            let now = store.pointee.clock.place(facts.pointee.at.milliseconds)
            let record = prefetch(index, on: WindowStore.day(now, facts.pointee.offset), store, &located.events)
            if record.pointee.head.key == card { located.card = (index, record) }
        }
        if located.card == nil, let index = find(card, cardHash, table, store.pointee.cards.view) {
            located.card = (index, store.pointee.record(index))
            located.events = store.pointee.rings.events(of: index)
        }
        if let site, let siteRecord, siteRecord.pointee.isSame(wanted) {
            located.site = (site, siteRecord)
        } else if let site = sites.find(wanted, siteHash) {
            located.site = (site, SiteIndex.record(sites.records, site))
        }
        return located
    }

    /// Asks for all that is kept of a card: the head of its record, the day, its ring, and what tells whether either is shared.
    @inline(__always)
    private static func prefetch(
        _ index: Int, on day: UInt32, _ store: UnsafePointer<WindowStore>, _ events: inout EventLines?
    ) -> UnsafePointer<CardRecord> {
        let record = store.pointee.record(index)
        cprefetch(record)
        let place = store.pointee.rings.place(of: index)
        let ring = store.pointee.rings.events(at: place)
        for offset in stride(from: 0, to: Rings.bytes(place.size), by: line) {
            cprefetch(UnsafeRawPointer(ring.base) + offset)
        }
        cprefetch(UnsafeRawPointer(record) + CardRecord.place(ofDay: Int(day)))
        store.pointee.cards.prefetchForWriting(index)
        store.pointee.rings.prefetchForWriting(place)
        events = ring
        return record
    }

    /// Asks for the card that the hand looks at with the next event.
    @inline(__always)
    func prefetchHand() {
        if hand + 1 < cards.count { cprefetch(UnsafeRawPointer(record(hand + 1)) + MemoryLayout<CardKey>.size) }
    }
}

/// Where a transaction's card and its terminal's site lie: good as long as the store stays as it is.
struct Located {
    /// Its number and its record; nil for one that has no window.
    var card: (index: Int, record: UnsafePointer<CardRecord>)?
    /// The card's events.
    var events: EventLines?
    /// Nil for one where no event was.
    var site: (index: Int, record: UnsafePointer<SiteRecord>)?
}
