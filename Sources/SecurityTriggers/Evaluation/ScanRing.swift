// SPDX-License-Identifier: Apache-2.0

/// The events of a card that are not later than the transaction in hand, counted from the newest backwards.
struct ScanRing {
    /// Nil where there is none.
    private let events: UnsafePointer<PackedEvent>?
    let count: Int
    private let capacity: Int
    /// The place of the newest event.
    private let newest: Int
    /// Milliseconds modulo 2³² of the card's newest event, and by how much it is ahead of the transaction in hand.
    private let latest: UInt32
    private let ahead: Int64

    /// - Parameter count: events of the ring that are not later than `now`.
    @inline(__always)
    init(_ window: CardWindow, _ count: Int, _ now: Int64) {
        (events, self.count, capacity) = (window.events, count, window.head.capacity)
        newest = window.head.place(max(0, count - 1))
        (latest, ahead) = (UInt32(truncatingIfNeeded: window.latest), window.latest - now)
    }

    /// Milliseconds from an event to the transaction in hand.
    @inline(__always)
    func age(_ event: PackedEvent) -> Int64 { Int64(latest &- event.time) &- ahead }

    /// The n-th newest event, below `count`.
    @inline(__always)
    subscript(position: Int) -> PackedEvent {
        let place = newest &- position
        // Safe: a position below the count stands in the ring, and a card without a ring has no count.
        return events.unsafelyUnwrapped[place < 0 ? place &+ capacity : place]
    }

    /// How many events are younger than so many milliseconds.
    ///
    /// - Parameter known: how many at least.
    @inline(__always)
    func reached(_ reach: Int64, from known: Int) -> Int {
        // Most windows end within a few events, or behind them all.
        if known == count || age(self[count &- 1]) < reach { return count }
        if age(self[known]) >= reach { return known }
        // Of those from `first` on, `rest` may be older: the first is younger, and the one behind the rest is not.
        var (first, rest) = (known, count &- 1 &- known)
        while rest > 1 {
            let half = rest &>> 1
            first &+= age(self[first &+ half]) < reach ? half : 0
            rest &-= half
        }
        return first &+ 1
    }

    /// Hands so many of the newest events to `body`, in whatever order.
    @inline(__always)
    func each(_ reached: Int, _ body: (UnsafePointer<PackedEvent>) -> Void) {
        guard reached > 0, let events else { return }
        // Two stretches: up to the newest event, and where that is not all of them up to the ring's end.
        let first = max(0, newest &- reached &+ 1)
        let count = newest &- first &+ 1
        var (event, rest) = (events + first, count)
        while rest > 0 {
            body(event)
            (event, rest) = (event + 1, rest &- 1)
        }
        rest = reached &- count
        event = events + (capacity &- rest)
        while rest > 0 {
            body(event)
            (event, rest) = (event + 1, rest &- 1)
        }
    }
}
