// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// The head of one card's ring, 48 bytes.
///
/// Invariants: events stand in the ring by event time, those of one time in the order they came; all are later than
/// `latest` − 48 h and none later than `latest`; none is earlier than `forgotten`; `overflowed` ≤ `forgotten`.
struct CardWindow: Interned {
    let key: CardKey
    /// The newest event time, in milliseconds since 1970.
    var latest: Int64
    /// The newest event time among events that were dropped for age or for want of room; `Int64.min` for none.
    var forgotten: Int64 = .min
    /// The newest event time among events dropped for want of room.
    var overflowed: Int64 = .min
    var chunk: UInt32
    /// The place of the earliest event in the chunk.
    var head: UInt8 = 0
    var sizeClass: UInt8 = 0
    var count: UInt16 = 0

    var capacity: Int { EventArena.capacity(sizeClass) }

    /// The place in the chunk of the n-th earliest event.
    func place(_ index: Int) -> Int { (Int(head) + index) & (capacity - 1) }

    /// The event time of an event of this ring, in milliseconds since 1970.
    func time(of event: PackedEvent) -> Int64 {
        latest - Int64(UInt32(truncatingIfNeeded: latest) &- event.time)
    }
}

/// All cards' rings.
struct WindowStore: Sendable {
    /// How long an event is kept, in milliseconds.
    static let retention: Int64 = 48 * 3_600 * 1_000
    /// How many events a card keeps at most; more is overflow.
    static let capacityMax = EventArena.capacity(EventArena.largestClass)

    private(set) var cards: Interner<CardWindow>
    private(set) var arena = EventArena()
    var sites: Sites

    init(seed: UInt64) {
        cards = Interner(seed: seed)
        sites = Sites(seed: seed)
    }

    func window(of card: CardKey) -> CardWindow? { cards.find(card).map { cards.values[$0] } }

    /// Takes an event into its card's ring at its own time, be it late or not.
    mutating func insert(_ event: WindowEvent) {
        let time = event.at.milliseconds
        let site = sites.intern(event.terminal, event.merchant)
        let packed = PackedEvent(
            milliseconds: time, amount: event.amount, site: site, mcc: event.mcc, pin: event.pin, kind: event.kind,
            outcome: event.outcome, isReversed: event.isReversed)
        let index = cards.find(event.card) ?? add(CardWindow(key: event.card, latest: time, chunk: arena.allocate(0)))
        insert(packed, at: time, into: index)
    }

    /// Adds an empty card, for a snapshot being read; false when it is there already.
    mutating func restore(_ card: CardKey, latest: Int64, forgotten: Int64, overflowed: Int64) -> Bool {
        guard cards.find(card) == nil else { return false }
        _ = add(
            CardWindow(
                key: card, latest: latest, forgotten: forgotten, overflowed: overflowed, chunk: arena.allocate(0)))
        return true
    }

    private mutating func add(_ window: CardWindow) -> Int { cards.intern(window.key, window).index }

    /// Adds the next event of the card restored last.
    mutating func restore(_ event: PackedEvent, at time: Int64) {
        insert(event, at: time, into: cards.values.count - 1)
    }

    private mutating func insert(_ event: PackedEvent, at time: Int64, into index: Int) {
        // The head is small: it is taken out, changed and put back.
        var window = cards.values[index]
        insert(event, at: time, into: &window)
        cards.values[index] = window
    }

    private mutating func insert(_ event: PackedEvent, at time: Int64, into window: inout CardWindow) {
        if time > window.latest {
            advance(&window, to: time)
        } else if time <= window.latest - Self.retention {
            window.forgotten = max(window.forgotten, time)
            return
        }
        if Int(window.count) == window.capacity, !makeRoom(&window, for: time) { return }
        // Late events sink to their place; those of the same time stay before them.
        var index = Int(window.count)
        while index > 0 {
            let earlier = arena[window.chunk, window.place(index - 1)]
            if window.time(of: earlier) <= time { break }
            arena[window.chunk, window.place(index)] = earlier
            index -= 1
        }
        arena[window.chunk, window.place(index)] = event
        window.count += 1
    }

    /// Moves the newest time on and drops what 48 hours have passed over.
    private func advance(_ window: inout CardWindow, to time: Int64) {
        let floor = time - Self.retention
        while window.count > 0 {
            let earliest = window.time(of: arena[window.chunk, Int(window.head)])
            if earliest > floor { break }
            window.forgotten = max(window.forgotten, earliest)
            window.head = UInt8(truncatingIfNeeded: window.place(1))
            window.count -= 1
        }
        window.latest = time
    }

    /// Doubles a full ring or, at the cap, drops its earliest event. False when that is the event to be added.
    private mutating func makeRoom(_ window: inout CardWindow, for time: Int64) -> Bool {
        guard window.sizeClass == EventArena.largestClass else {
            let wider = arena.allocate(window.sizeClass + 1)
            for index in 0..<Int(window.count) { arena[wider, index] = arena[window.chunk, window.place(index)] }
            arena.release(window.chunk, window.sizeClass)
            (window.chunk, window.head, window.sizeClass) = (wider, 0, window.sizeClass + 1)
            return true
        }
        let earliest = window.time(of: arena[window.chunk, Int(window.head)])
        let dropped = min(earliest, time)
        window.forgotten = max(window.forgotten, dropped)
        window.overflowed = max(window.overflowed, dropped)
        guard time >= earliest else { return false }
        window.head = UInt8(truncatingIfNeeded: window.place(1))
        window.count -= 1
        return true
    }

    /// Changes the events of a card's ring in place, the newest first, until `change` returns true.
    mutating func change(_ card: CardKey, _ change: (inout PackedEvent, Int64) -> Bool) {
        guard let index = cards.find(card) else { return }
        let window = cards.values[index]
        var position = Int(window.count)
        while position > 0 {
            position -= 1
            let place = window.place(position)
            var event = arena[window.chunk, place]
            let isDone = change(&event, window.time(of: event))
            arena[window.chunk, place] = event
            if isDone { return }
        }
    }
}
