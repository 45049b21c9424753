// SPDX-License-Identifier: Apache-2.0

/// The events of a card in columns: all times, then all amounts, kinds and sites. A walk reads the columns that it asks for,
/// several events at a time.
///
/// Places behind the last event hold a kind of 0, which no event has, so that a walk may look at a few of them too. It may even
/// look past the end of a column of kinds, since no number of a site has the bit that events have.
///
/// Good as long as the memory of `Rings` stays as it is.
struct EventColumns {
    let times: UnsafePointer<UInt32>
    let capacity: Int

    /// Events that a walk looks at together.
    static let stride = 4

    var amounts: UnsafePointer<UInt32> { @inline(__always) get { times + capacity } }
    var kinds: UnsafePointer<UInt32> { @inline(__always) get { times + 2 * capacity } }
    var sites: UnsafePointer<UInt32> { @inline(__always) get { times + 3 * capacity } }
    /// The number of the card whose events they are.
    var owner: UnsafePointer<UInt32> { @inline(__always) get { times + 4 * capacity } }

    @inline(__always)
    subscript(place: Int) -> PackedEvent {
        PackedEvent(time: times[place], amount: amounts[place], site: sites[place], kinds: kinds[place])
    }
}

/// The same for writing.
struct MutableEventColumns {
    let times: UnsafeMutablePointer<UInt32>
    let capacity: Int

    var kinds: UnsafeMutablePointer<UInt32> { @inline(__always) get { times + 2 * capacity } }
    var owner: UnsafeMutablePointer<UInt32> { @inline(__always) get { times + 4 * capacity } }

    @inline(__always)
    subscript(place: Int) -> PackedEvent {
        get {
            PackedEvent(
                time: times[place], amount: times[place + capacity], site: times[place + 3 * capacity],
                kinds: kinds[place])
        }
        nonmutating set {
            times[place] = newValue.time
            times[place + capacity] = newValue.amount
            kinds[place] = newValue.kinds
            times[place + 3 * capacity] = newValue.site
        }
    }

    /// Takes over so many events, which may lie here too.
    func take(_ count: Int, from events: EventColumns, at first: Int) {
        for column in 0..<4 {
            (times + column * capacity).update(from: events.times + column * events.capacity + first, count: count)
        }
    }

    /// Makes no events of what lies from a place on.
    func clear(from place: Int) { (kinds + place).update(repeating: 0, count: capacity - place) }
}
