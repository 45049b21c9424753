// SPDX-License-Identifier: Apache-2.0

/// The events of a card in columns: all times, then all amounts, sites and kinds. A walk reads the columns that it asks for,
/// several events at a time.
///
/// Good as long as the memory of `Rings` stays as it is.
struct EventColumns {
    let times: UnsafePointer<UInt32>
    let capacity: Int

    var amounts: UnsafePointer<UInt32> { @inline(__always) get { times + capacity } }
    var sites: UnsafePointer<UInt32> { @inline(__always) get { times + 2 * capacity } }
    var kinds: UnsafePointer<UInt32> { @inline(__always) get { times + 3 * capacity } }

    @inline(__always)
    subscript(place: Int) -> PackedEvent {
        PackedEvent(time: times[place], amount: amounts[place], site: sites[place], kinds: kinds[place])
    }
}

/// The same for writing.
struct MutableEventColumns {
    let times: UnsafeMutablePointer<UInt32>
    let capacity: Int

    @inline(__always)
    subscript(place: Int) -> PackedEvent {
        get {
            PackedEvent(
                time: times[place], amount: times[place + capacity], site: times[place + 2 * capacity],
                kinds: times[place + 3 * capacity])
        }
        nonmutating set {
            times[place] = newValue.time
            times[place + capacity] = newValue.amount
            times[place + 2 * capacity] = newValue.site
            times[place + 3 * capacity] = newValue.kinds
        }
    }

    /// Takes over so many events, which may lie here too.
    func take(_ count: Int, from events: EventColumns, at first: Int) {
        for column in 0..<4 {
            (times + column * capacity).update(from: events.times + column * events.capacity + first, count: count)
        }
    }
}
