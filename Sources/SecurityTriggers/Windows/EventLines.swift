// SPDX-License-Identifier: Apache-2.0

/// The events of a card, four to a line of 64 bytes, which is what a processor fetches at a time: four times, then four amounts,
/// kinds and sites. A walk looks at a line at once, and an event that comes in touches one.
///
/// Where no event is, be it behind the last or before the first, lies a kind of 0, which no event has: walks need not know how
/// many of a line's places are taken.
///
/// Good as long as the memory of `Rings` stays as it is.
struct EventLines {
    let base: UnsafePointer<UInt32>
    /// The places there are, a multiple of four.
    let capacity: Int

    /// Events in a line.
    static let width = 4
    /// Words in a line, and from its start to each kind of them.
    static let words = 16
    static let amounts = 4
    static let kinds = 8
    static let sites = 12

    /// Words from the start of the first line to the time of an event.
    @inline(__always)
    static func offset(_ place: Int) -> Int { (place &>> 2) &* words &+ (place & 3) }

    @inline(__always)
    subscript(place: Int) -> PackedEvent {
        let word = base + Self.offset(place)
        return PackedEvent(time: word[0], amount: word[Self.amounts], site: word[Self.sites], kinds: word[Self.kinds])
    }

    @inline(__always)
    func time(_ place: Int) -> UInt32 { base[Self.offset(place)] }
    func kinds(_ place: Int) -> UInt32 { base[Self.offset(place) &+ Self.kinds] }
}

/// The same for writing.
struct MutableEventLines {
    let base: UnsafeMutablePointer<UInt32>
    let capacity: Int

    @inline(__always)
    var events: EventLines { EventLines(base: base, capacity: capacity) }

    @inline(__always)
    subscript(place: Int) -> PackedEvent {
        get { events[place] }
        nonmutating set {
            let word = base + EventLines.offset(place)
            word[0] = newValue.time
            word[EventLines.amounts] = newValue.amount
            word[EventLines.kinds] = newValue.kinds
            word[EventLines.sites] = newValue.site
        }
    }

    /// Makes a place one where no event is.
    @inline(__always)
    func clear(_ place: Int) { base[EventLines.offset(place) &+ EventLines.kinds] = 0 }

    /// Takes over lines, which may lie here too, and has no event behind them.
    ///
    /// - Parameters:
    ///   - first: the place of the earliest event there. It comes to lie in the first line.
    ///   - end: the place behind the newest.
    func take(_ lines: EventLines, from first: Int, to end: Int) {
        let (begin, count) = (first / EventLines.width, (end + 3) / EventLines.width - first / EventLines.width)
        base.update(from: lines.base + begin * EventLines.words, count: count * EventLines.words)
        for place in count * EventLines.width..<capacity { clear(place) }
    }
}
