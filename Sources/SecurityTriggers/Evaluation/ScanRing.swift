// SPDX-License-Identifier: Apache-2.0

/// The events of a card that are not later than the transaction in hand: the earliest at 0, the newest at `count` less one.
struct ScanRing {
    /// Where they lie. For a card without a ring that is anything at all, of which nothing is read.
    private let events: EventLines
    /// The place of the earliest there.
    private let first: Int
    let count: Int
    /// Milliseconds since 1970 of the card's newest event, and by how much it is ahead of the transaction in hand.
    let latest: Int64
    private let ahead: Int64

    /// - Parameters:
    ///   - card: whose they are.
    ///   - now: the time of the transaction in hand.
    @inline(__always)
    init(_ card: UnsafePointer<CardRecord>, _ events: EventLines, _ now: Int64) {
        self.events = events
        first = Int(card.pointee.head.first)
        latest = card.pointee.head.latest
        ahead = latest - now
        var count = Int(card.pointee.head.count)
        if ahead > 0 {
            // Only a late transaction finds events after it.
            while count > 0, card.pointee.head.time(events.time(first + count - 1)) > now { count -= 1 }
        } else if -ahead >= WindowStore.retention {
            // No window reaches back so far, and 32 bits may not.
            count = 0
        }
        self.count = count
    }

    /// Of a card that was never seen.
    @inline(__always)
    init(empty place: UnsafeRawPointer, _ now: Int64) {
        events = EventLines(base: place.assumingMemoryBound(to: UInt32.self), capacity: 0)
        (first, count, latest, ahead) = (0, 0, now, 0)
    }

    /// The event time of an event, in milliseconds since 1970.
    @inline(__always)
    func time(of event: PackedEvent) -> Int64 {
        latest - Int64(UInt32(truncatingIfNeeded: latest) &- event.time)
    }

    /// Milliseconds from an event to the transaction in hand.
    @inline(__always)
    func age(_ place: Int) -> Int64 { age(events.time(first &+ place)) }

    @inline(__always)
    private func age(_ time: UInt32) -> Int64 { Int64(UInt32(truncatingIfNeeded: latest) &- time) &- ahead }

    @inline(__always)
    subscript(place: Int) -> PackedEvent { events[first &+ place] }

    /// The lines that a walk over a window has to look at: those of all events that are in it.
    ///
    /// - Parameters:
    ///   - reach: milliseconds, no more than events are kept for.
    ///   - now: the time of the transaction in hand.
    @inline(__always)
    func events(within reach: UInt32, before now: Int64) -> EventLoops {
        // Line by line from the newest on: what a search by halves would ask no processor foresees.
        let (begin, end) = (first &>> 2, (first &+ count &+ 3) &>> 2)
        var line = end
        while line > begin {
            line &-= 1
            if age(events.time(line &* EventLines.width)) >= Int64(reach) { break }
        }
        return EventLoops(
            base: events.base + line &* EventLines.words, count: end &- line, now: UInt32(truncatingIfNeeded: now),
            reach: reach)
    }
}
