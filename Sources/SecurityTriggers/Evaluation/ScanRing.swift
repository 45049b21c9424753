// SPDX-License-Identifier: Apache-2.0

/// The events of a card that are not later than the transaction in hand: the earliest at 0, the newest at `count` less one.
struct ScanRing {
    /// Their columns, behind whose end a walk may look on, see `EventColumns`. For a card without a ring they are anything at all,
    /// of which nothing is read.
    let times: UnsafePointer<UInt32>
    let amounts: UnsafePointer<UInt32>
    let sites: UnsafePointer<UInt32>
    let kinds: UnsafePointer<UInt32>
    let count: Int
    /// Milliseconds since 1970 of the card's newest event, and by how much it is ahead of the transaction in hand.
    let latest: Int64
    private let ahead: Int64

    /// - Parameters:
    ///   - card: whose they are.
    ///   - now: the time of the transaction in hand.
    @inline(__always)
    init(_ card: UnsafePointer<CardRecord>, _ events: EventColumns, _ now: Int64) {
        let first = Int(card.pointee.head.first)
        (times, amounts) = (events.times + first, events.amounts + first)
        (sites, kinds) = (events.sites + first, events.kinds + first)
        (latest, ahead) = (card.pointee.head.latest, card.pointee.head.latest - now)
        var count = Int(card.pointee.head.count)
        if ahead > 0 {
            // Only a late transaction finds events after it.
            while count > 0, card.pointee.head.time(times[count - 1]) > now { count -= 1 }
        } else if -ahead >= WindowStore.retention {
            // No window reaches back so far, and 32 bits may not.
            count = 0
        }
        self.count = count
    }

    /// Of a card that was never seen.
    @inline(__always)
    init(empty place: UnsafeRawPointer, _ now: Int64) {
        let nothing = place.assumingMemoryBound(to: UInt32.self)
        (times, amounts, sites, kinds) = (nothing, nothing, nothing, nothing)
        (count, latest, ahead) = (0, now, 0)
    }

    /// The event time of an event, in milliseconds since 1970.
    @inline(__always)
    func time(of event: PackedEvent) -> Int64 {
        latest - Int64(UInt32(truncatingIfNeeded: latest) &- event.time)
    }

    /// Milliseconds from an event to the transaction in hand.
    @inline(__always)
    func age(_ place: Int) -> Int64 {
        Int64(UInt32(truncatingIfNeeded: latest) &- times[place]) &- ahead
    }

    @inline(__always)
    subscript(place: Int) -> PackedEvent {
        PackedEvent(time: times[place], amount: amounts[place], site: sites[place], kinds: kinds[place])
    }

    /// Those of the events that a walk over a window has to look at: all that are in it, and at most three before.
    ///
    /// - Parameters:
    ///   - reach: milliseconds, no more than events are kept for.
    ///   - now: the time of the transaction in hand.
    @inline(__always)
    func events(within reach: UInt32, before now: Int64) -> EventLoops {
        // Most windows hold everything, or the newest few: what a search by halves would ask no processor foresees.
        var first = count
        repeat { first &-= EventColumns.stride } while first > 0 && age(first) < Int64(reach)
        first = max(0, first)
        return EventLoops(
            times: times + first, amounts: amounts + first, kinds: kinds + first, first: first, count: count &- first,
            now: UInt32(truncatingIfNeeded: now), reach: reach)
    }
}
