// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Changes of what is kept already, and what a snapshot brings back.
extension WindowStore {
    /// Changes the events of a card's ring in place, the newest first, until `change` returns true.
    ///
    /// - Returns: the event that it returned true for.
    @discardableResult
    mutating func change(_ card: CardKey, _ change: (inout PackedEvent, Int64) -> Bool) -> PackedEvent? {
        guard let index = find(card) else { return nil }
        let head = record(index).pointee.head
        let ring = rings.change(index)
        for place in (Int(head.first)..<head.end).reversed() {
            var event = ring[place]
            let isFound = change(&event, head.time(of: event))
            ring[place] = event
            if isFound { return event }
        }
        return nil
    }

    mutating func changeRecord(_ card: CardKey, _ change: (inout CardRecord) -> Void) {
        guard let index = find(card) else { return }
        change(&self.change(index).pointee)
    }

    /// Adds the next card of a snapshot with an empty ring; false when it is there already.
    mutating func restore(_ head: CardHead, _ days: CardDays, events: Int) -> Bool {
        guard find(head.key) == nil, !isFull else { return false }
        _ = add(head, days, events: events)
        return true
    }

    /// Adds the next event of the card restored last, which has room for it; false for one out of order, or of no site.
    mutating func restore(_ event: PackedEvent, age: UInt32) -> Bool {
        let record = change(cards.count - 1)
        let head = record.pointee.head
        let ring = rings.change(cards.count - 1)
        let time = head.latest - Int64(age)
        let before = head.count > 0 ? head.time(ring.events.time(head.end - 1)) : head.forgotten
        guard time >= before, age < CardHead.spanMax, Int(event.site) < sites.count else { return false }
        ring[head.end] = event
        record.pointee.head.count += 1
        return true
    }

    mutating func restore(_ clock: EventClock, hand: Int) -> Bool {
        guard hand == 0 || hand < cards.count else { return false }
        (self.clock, self.hand) = (clock, hand)
        return true
    }
}
