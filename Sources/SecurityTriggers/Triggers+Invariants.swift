// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Triggers {
    /// Checks what must hold of every state; each broken invariant is one sentence. Slow: for tests, the simulator
    /// and after a snapshot was read.
    public func checkInvariants() -> [String] {
        var broken: [String] = []
        let units = EventArena.unit
        for (index, window) in store.cards.values.enumerated() where store.cards.find(window.key) != index {
            broken.append("card \(index) is found under its own number")
        }
        for (index, site) in store.sites.sites.values.enumerated() where store.sites.sites.find(site) != index {
            broken.append("site \(index) is found under its own number")
        }
        for (index, window) in store.cards.values.enumerated() {
            if Int(window.count) > window.capacity || window.sizeClass > EventArena.largestClass {
                broken.append("card \(index) holds no more events than its ring")
                continue
            }
            if window.overflowed > window.forgotten || window.forgotten > window.latest {
                broken.append("card \(index): overflowed <= forgotten <= latest")
            }
            var before = window.forgotten
            for position in 0..<Int(window.count) {
                let event = store.arena[window.chunk, window.place(position)]
                let time = window.time(of: event)
                if time < before {
                    broken.append("card \(index): event \(position) comes after what is before it or was dropped")
                }
                if time <= window.latest - WindowStore.retention {
                    broken.append("card \(index): event \(position) is younger than 48 hours")
                }
                if Int(event.site) >= store.sites.sites.values.count {
                    broken.append("card \(index): event \(position) has a site")
                }
                before = time
            }
        }
        let chunks = store.cards.values.map { (start: Int($0.chunk), units: $0.capacity / units) }
            .sorted { $0.start < $1.start }
        for (left, right) in zip(chunks, chunks.dropFirst()) where left.start + left.units > right.start {
            broken.append("the rings at \(left.start) and \(right.start) do not overlap")
        }
        return broken
    }
}
