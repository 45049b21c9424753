// SPDX-License-Identifier: Apache-2.0

/// The events of a card that are not later than the transaction in hand: the earliest at 0, the newest at `count` less one.
struct ScanRing {
    /// Their columns. For a card without a ring they are anything at all, of which nothing is read.
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
        // Only a late transaction finds events after it.
        if latest > now {
            while count > 0, card.pointee.head.time(times[count - 1]) > now { count -= 1 }
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

    /// The earliest event that is younger than so many milliseconds; `count` where none is.
    ///
    /// - Parameter most: where it lies at most.
    @inline(__always)
    func first(within reach: Int64, upTo most: Int) -> Int {
        // By how much an event may be behind the newest: all are by less than 32 bits hold.
        let (newest, limit) = (UInt32(truncatingIfNeeded: latest), UInt32(clamping: reach &+ ahead))
        // Most windows hold everything, or a few events.
        if most == 0 || newest &- times[0] < limit { return 0 }
        if newest &- times[most &- 1] >= limit { return most }
        // Events up to `older` are older, and `rest` places on is one that is not.
        var (older, rest) = (0, most &- 1)
        while rest > 1 {
            let half = rest &>> 1
            older &+= newest &- times[older &+ half] < limit ? 0 : half
            rest &-= half
        }
        return older &+ 1
    }
}
