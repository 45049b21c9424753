// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Triggers {
    /// Checks what must hold of every state; each broken invariant is one sentence. Slow: for tests, the simulator
    /// and after a snapshot was read.
    public func checkInvariants() -> [String] { store.checkInvariants() + store.sites.checkInvariants() }
}

extension WindowStore {
    func checkInvariants() -> [String] {
        var broken: [String] = []
        if table.count != cards.count || rings.count != cards.count {
            broken.append("each card has one slot and one ring")
        }
        if hand != 0, hand >= cards.count { broken.append("the hand points at a card") }
        for index in 0..<cards.count {
            let window = window(index)
            let head = window.head
            if find(head.key) != index { broken.append("card \(index) is found under its own number") }
            if rings.owner(of: rings.place(of: index)) != index { broken.append("card \(index) owns its ring") }
            if head.end > window.events.capacity || Int(head.count) > Rings.eventsMax {
                broken.append("card \(index) holds no more events than its ring")
                continue
            }
            if head.overflowed > head.forgotten || head.forgotten > head.latest {
                broken.append("card \(index): overflowed <= forgotten <= latest")
            }
            var before = head.forgotten
            for position in 0..<window.count {
                let event = window[position]
                let time = window.time(of: event)
                if time < before {
                    broken.append("card \(index): event \(position) comes after what is before it or was dropped")
                }
                if time <= head.latest - CardHead.spanMax {
                    broken.append("card \(index): event \(position) is within 45 days of the latest")
                }
                if event.kinds & PackedEvent.eventBit == 0 { broken.append("card \(index): event \(position) is one") }
                if Int(event.site) >= sites.count { broken.append("card \(index): event \(position) has a site") }
                before = time
            }
            for place in 0..<window.events.capacity where window.events.kinds(place) != 0 {
                if place < Int(head.first) || place >= head.end {
                    broken.append("card \(index): nothing lies before or behind its events")
                }
            }
        }
        return broken
    }
}
