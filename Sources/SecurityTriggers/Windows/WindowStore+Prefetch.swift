// SPDX-License-Identifier: Apache-2.0
import CPrefetch
import Vocabulary

/// A decision looks at a dozen places of memory that no cache holds, among millions of cards. Fetched one after the other
/// as they are needed they cost more than all computing; asked for at once they cost little more than one of them.
extension WindowStore {
    private static let line = 64

    /// Asks for the head of the record that a search for a card is likely to end with: it lies on two lines.
    ///
    /// - Returns: its number.
    @inline(__always)
    static func prefetchRecord(_ hash: UInt64, _ store: UnsafePointer<WindowStore>) -> Int? {
        guard let index = store.pointee.table.view.guess(hash) else { return nil }
        let record = UnsafeRawPointer(store.pointee.record(index))
        cprefetch(record)
        cprefetch(record + line)
        return index
    }

    /// Asks for the day of a card's record, its ring, and what tells whether either is shared.
    static func prefetch(_ index: Int, _ store: UnsafePointer<WindowStore>) {
        let record = store.pointee.record(index)
        let (size, number) = (record.pointee.head.size, record.pointee.head.ring)
        let ring = UnsafeRawPointer(store.pointee.rings.events(size, number).times)
        for offset in stride(from: 0, to: Rings.bytes(size), by: line) { cprefetch(ring + offset) }
        // A guess at most wrong by the local time.
        let day = Int(truncatingIfNeeded: record.pointee.head.latest / EventClock.day)
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
