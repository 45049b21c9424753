// SPDX-License-Identifier: Apache-2.0
import CPrefetch
import Vocabulary

/// A decision looks at a dozen places of memory that no cache holds, among millions of cards. Fetched one after the other
/// as they are needed they cost more than all computing; asked for at once they cost little more than one of them.
extension WindowStore {
    fileprivate static let line = 64

    /// Asks for what a search for a card looks at first.
    @inline(__always)
    static func prefetch(_ card: CardKey, _ store: UnsafePointer<WindowStore>) {
        store.pointee.table.view.prefetch(card.scattered(store.pointee.seed))
    }

    /// Asks for the rest of a card's record, its ring, and what tells whether either is shared.
    static func prefetch(_ index: Int, _ store: UnsafePointer<WindowStore>) {
        let record = store.pointee.record(index)
        let (size, number) = (record.pointee.head.size, record.pointee.head.ring)
        let ring = UnsafeRawPointer(store.pointee.rings.events(size, number).times)
        for offset in stride(from: 0, to: Rings.bytes(size), by: line) { cprefetch(ring + offset) }
        // The head's second line, and the day's tile: a guess at most wrong by the local time.
        let day = Int(truncatingIfNeeded: record.pointee.head.latest / EventClock.day)
        cprefetch(UnsafeRawPointer(record) + line)
        cprefetch(UnsafeRawPointer(record) + CardRecord.place(ofDay: day))
        store.pointee.cards.prefetchForWriting(index)
        store.pointee.rings.prefetchForWriting(size, number)
    }

    /// Asks for the card that the hand looks at with the next event.
    @inline(__always)
    func prefetchHand() {
        if hand + 1 < cards.count { cprefetch(UnsafeRawPointer(record(hand + 1)) + MemoryLayout<CardKey>.size) }
    }
}

extension Triggers {
    /// Transactions that are fetched for in one go: as many as a processor has requests to memory under way, and a few more.
    static let batchMax = 16

    /// Has what decisions on these transactions will look at brought near to the processor: cards, rings and sites. It
    /// changes nothing and no result hangs on it.
    ///
    /// Who has several transactions waiting says so with some ten of them at a time, and then decides each as usual: what is
    /// fetched for all of them at once costs little more than for one, and nothing is waited for afterwards. All steps of one
    /// kind are made for all transactions before the next step, which needs what the step before had fetched.
    public func prefetch(_ transactions: Span<TransactionFacts>) {
        var first = 0
        while first < transactions.count {
            let count = min(Self.batchMax, transactions.count - first)
            storeInPlace.pointee.prefetch(transactions.extracting(first..<first + count))
            first += count
        }
    }
}

extension WindowStore {
    /// - Parameter transactions: at most `Triggers.batchMax`.
    fileprivate func prefetch(_ transactions: Span<TransactionFacts>) {
        var cardHashes = InlineArray<16, UInt64>(repeating: 0)
        var siteHashes = InlineArray<16, UInt64>(repeating: 0)
        let (table, sites) = (table.view, sites.index)
        for index in transactions.indices {
            cardHashes[index] = transactions[index].card.scattered(seed)
            siteHashes[index] = sites.hash.hash(SiteRecord(wanted: transactions[index].site))
            table.prefetch(cardHashes[index])
            sites.table.prefetch(siteHashes[index])
        }
        // Whose record it is will be seen when it is there: one that agrees in a few bits is nearly always the one.
        var numbers = InlineArray<16, Int>(repeating: -1)
        for index in transactions.indices {
            if let number = table.find(cardHashes[index], { _ in true }) {
                numbers[index] = number
                cprefetch(record(number))
                cprefetch(UnsafeRawPointer(record(number)) + Self.line)
            }
            if let number = sites.table.find(siteHashes[index], { _ in true }) {
                let record = sites.records.read(number)
                cprefetch(record)
                cprefetch(record + MemoryLayout<SiteRecord>.stride - 1)
            }
        }
        withUnsafePointer(to: self) { store in
            for index in transactions.indices where numbers[index] >= 0 { Self.prefetch(numbers[index], store) }
        }
    }
}
