// SPDX-License-Identifier: Apache-2.0
import CPrefetch
import Vocabulary

/// A decision looks at a dozen places of memory that no cache holds, among millions of cards. Fetched one after the other
/// as they are needed they cost more than all computing; asked for at once they cost little more than one of them.
extension WindowStore {
    private static let line = 64

    /// Asks for all that is kept of the card that a search is likely to end with: the head of its record, the
    /// day, its ring, and what tells whether either is shared.
    ///
    /// - Parameter day: the local day of the transaction in hand.
    /// - Returns: the card's number.
    @inline(__always)
    static func prefetch(_ hash: UInt64, on day: UInt32, _ store: UnsafePointer<WindowStore>) -> Int? {
        guard let index = store.pointee.table.view.guess(hash) else { return nil }
        let record = UnsafeRawPointer(store.pointee.record(index))
        cprefetch(record)
        let place = store.pointee.rings.place(of: index)
        let ring = UnsafeRawPointer(store.pointee.rings.events(at: place).base)
        for offset in stride(from: 0, to: Rings.bytes(place.size), by: line) { cprefetch(ring + offset) }
        cprefetch(record + CardRecord.place(ofDay: Int(day)))
        store.pointee.cards.prefetchForWriting(index)
        store.pointee.rings.prefetchForWriting(place)
        return index
    }

    /// Asks for the card that the hand looks at with the next event.
    @inline(__always)
    func prefetchHand() {
        if hand + 1 < cards.count { cprefetch(UnsafeRawPointer(record(hand + 1)) + MemoryLayout<CardKey>.size) }
    }
}
