// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// All that is kept of cards, and of the places where they were.
///
/// Cards lie in one dense array in the order they came. One that was idle for 40 days leaves when a hand that looks at one
/// card an event comes by, and the last card takes its place: by the order of events and never by a timer, so that the same
/// events leave the same cards.
struct WindowStore: Sendable {
    /// How long an event is kept, in milliseconds.
    static let retention: Int64 = 48 * 3_600 * 1_000
    /// How many events a card keeps at most; more is overflow.
    static let capacityMax = Rings.eventsMax
    /// A card without an event for longer than this may go.
    static let idleMax = 40 * EventClock.day

    private(set) var cards = BlockArray(stride: MemoryLayout<CardRecord>.stride)
    private(set) var table = KeyTable()
    var rings = Rings()
    var sites: Sites
    var terminals = Entities()
    var merchants = Entities()
    /// What became known of terminals, while a score asks for it.
    var verdicts = VerdictTable()
    var clock = EventClock()
    /// The next card that the hand looks at.
    var hand = 0
    /// A card beyond this has no window: the fact `overflow` says so.
    let cardsMax: Int
    let seed: UInt64

    init(seed: UInt64, cardsMax: Int) {
        precondition(cardsMax > 0 && cardsMax < KeyTable.numbersMax, "cards are numbered in 26 bits")
        (self.seed, self.cardsMax) = (seed, cardsMax)
        sites = Sites(seed: seed)
    }

    var residentBytes: Int {
        cards.residentBytes + table.residentBytes + rings.residentBytes + sites.residentBytes
            + terminals.residentBytes + merchants.residentBytes + verdicts.residentBytes
    }

    // MARK: Reading

    func find(_ card: CardKey) -> Int? { Self.find(card, card.scattered(seed), table.view, cards.view) }

    /// The same where a store lies, which is large and would be copied.
    ///
    /// - Parameter guess: the number of a card, perhaps of this one; any other is no mistake.
    @inline(__always)
    static func find(_ card: CardKey, guess: UInt32, _ store: UnsafePointer<WindowStore>) -> Int? {
        let cards = store.pointee.cards.view
        if Int(guess) < store.pointee.cards.count, record(cards, Int(guess)).pointee.head.key == card {
            return Int(guess)
        }
        return find(card, card.scattered(store.pointee.seed), store.pointee.table.view, cards)
    }

    @inline(never)
    static func find(_ card: CardKey, _ hash: UInt64, _ table: KeyTableView, _ cards: BlockView) -> Int? {
        table.find(hash) { record(cards, $0).pointee.head.key == card }
    }

    /// The record of a card, for reading: good until the next change.
    @inline(__always)
    func record(_ index: Int) -> UnsafePointer<CardRecord> { Self.record(cards.view, index) }

    @inline(__always)
    private static func record(_ cards: BlockView, _ index: Int) -> UnsafePointer<CardRecord> {
        // Safe: the array's stride is the record's, and every record below its count was written as one.
        cards.read(index).assumingMemoryBound(to: CardRecord.self)
    }

    @inline(__always)
    func window(_ index: Int) -> CardWindow {
        CardWindow(head: record(index).pointee.head, events: rings.events(of: index))
    }

    /// No further card has a window.
    var isFull: Bool { cards.count >= cardsMax }

    // MARK: Writing

    /// The record of a card, for writing: good until the next change of `cards`, which moves or copies records.
    mutating func change(_ index: Int) -> UnsafeMutablePointer<CardRecord> {
        // Safe: as in `record`.
        cards.write(index).assumingMemoryBound(to: CardRecord.self)
    }

    /// Takes an event into its card's ring at its own time, be it late or not.
    ///
    /// - Parameter guess: where card and site may be found.
    mutating func insert(_ event: WindowEvent, guess: Whereabouts) {
        let instant = event.at.milliseconds
        let time = clock.take(instant)
        sweep(at: instant)
        let day = Self.day(time, event.offset)
        let known = withUnsafeMutablePointer(to: &self) {
            Self.find(event.card, guess: guess.card, UnsafePointer($0))
        }
        guard !sites.isFull, let index = known ?? add(event.card, at: time, on: day) else {
            return overflow(event.card, at: time)
        }
        let site = sites.intern(event.site, guess: guess.site)
        var packed = PackedEvent(
            milliseconds: time, amount: event.amount, site: site, pin: event.pin, kind: event.kind, entry: event.entry,
            outcome: event.outcome, isReversed: event.isReversed)
        let record = change(index)
        var head = record.pointee.head
        Self.note(&packed, event, on: day, &head, &record.pointee.days)
        if event.isPresent, event.place != nil, time >= head.presentAt, !clock.isSuspect(instant) {
            (head.presentAt, head.presentSite) = (time, site)
        }
        insert(packed, at: time, &head, index)
        record.pointee.head = head
        count(packed, of: event.card, at: time)
        if table.isMoving {
            let (view, seed) = (cards.view, seed)
            table.settle { Self.record(view, $0).pointee.head.key.scattered(seed) }
        }
        sites.settle()
    }

    /// Counts an event where it happened, as far as that is asked for.
    @inline(__always)
    private mutating func count(_ event: PackedEvent, of card: CardKey, at time: Int64) {
        if verdicts.since != nil, event.isApproved, event.isOfSpending { verdict(event, at: time) }
        if terminals.since != nil || merchants.since != nil { tile(event, of: card, at: time) }
    }

    private mutating func verdict(_ event: PackedEvent, at time: Int64) {
        verdicts.change(sites[Int(event.site)].terminalNumber) {
            $0.apply(at: UInt32(clamping: time / 1_000), delay: TerminalVerdicts.delay)
        }
    }

    private mutating func tile(_ event: PackedEvent, of card: CardKey, at time: Int64) {
        let site = sites[Int(event.site)]
        terminals.change(site.terminalNumber, at: time) { $0.add(event, of: card, at: time) }
        merchants.change(site.merchantNumber, at: time) { $0.add(event, of: card, at: time) }
    }

    /// The local day of a time, from 1970.
    static func day(_ milliseconds: Int64, _ offset: Int8) -> UInt32 {
        UInt32(clamping: (milliseconds + Int64(offset) * 900_000).floorDivided(by: EventClock.day))
    }

    /// What the card's days say of an amount, and what it adds to them.
    private static func note(
        _ packed: inout PackedEvent, _ event: WindowEvent, on day: UInt32, _ head: inout CardHead,
        _ days: inout CardDays
    ) {
        let isCounted = event.outcome == .approved && !event.isReversed && event.kind.isSpending
        if isCounted, head.currency == 0 { head.currency = packed.currency }
        let amount = head.currency != 0 && packed.currency == head.currency ? packed.amount : nil
        let usual = days.apply(isCounted ? amount : nil, isDeclined: event.outcome == .declined, on: day)
        guard let amount else { return }
        let traits = TransactionTraits(amount, usual)
        if traits.isPlain { packed.set(PackedEvent.plainShift, 1, 1) }
        if traits.isUnusual { packed.set(PackedEvent.unusualShift, 1, 1) }
    }

    private mutating func add(_ card: CardKey, at time: Int64, on day: UInt32) -> Int? {
        guard !isFull else { return nil }
        return add(CardHead(key: card, latest: time, firstDay: day), CardDays(day: day), events: 1)
    }

    mutating func add(_ head: CardHead, _ days: CardDays, events: Int) -> Int {
        let index = cards.append()
        rings.add(holding: events)
        // Safe: nothing was there before; both parts are of trivial types.
        change(index).initialize(to: CardRecord(head: head, days: days))
        let (view, seed) = (cards.view, seed)
        table.insert(head.key.scattered(seed), index) { Self.record(view, $0).pointee.head.key.scattered(seed) }
        return index
    }

    /// An event found no room: the card's figures are lower bounds.
    private mutating func overflow(_ card: CardKey, at time: Int64) {
        guard let index = find(card) else { return }
        change(index).pointee.head.overflow(at: time)
    }

    private mutating func insert(_ event: PackedEvent, at time: Int64, _ head: inout CardHead, _ index: Int) {
        let floor = min(max(head.latest, time), clock.time ?? time) - Self.retention
        guard time > floor else {
            head.forgotten = max(head.forgotten, time)
            return
        }
        var ring = rings.change(index)
        // Only where the clock was moved back is a card so far ahead: what it holds is of no time that was.
        if head.latest - time >= CardHead.spanMax {
            while head.count > 0 { head.dropEarliest(ring) }
            (head.latest, head.forgotten) = (time, time - 1)
            head.overflowed = min(head.overflowed, head.forgotten)
        }
        Self.forget(&head, ring, until: floor)
        head.latest = max(head.latest, time)
        guard fit(&head, index, &ring, for: time) else { return }
        // Late events sink to their place; those of the same time stay before them.
        var place = head.end
        while place > Int(head.first), head.time(ring.events.time(place - 1)) > time {
            ring[place] = ring[place - 1]
            place -= 1
        }
        ring[place] = event
        head.count += 1
    }

    /// Drops what is not later than a time.
    private static func forget(_ head: inout CardHead, _ ring: MutableEventLines, until floor: Int64) {
        while head.count > 0 {
            let earliest = head.time(ring.events.time(Int(head.first)))
            if earliest > floor { return }
            head.forgotten = max(head.forgotten, earliest)
            head.dropEarliest(ring)
        }
        head.first = 0
    }

    /// Makes the ring such that one more event has room behind the newest and no more than half is empty; at the cap the earliest
    /// event goes. False when that is the event to be added.
    private mutating func fit(
        _ head: inout CardHead, _ index: Int, _ ring: inout MutableEventLines, for time: Int64
    ) -> Bool {
        if Int(head.count) == Rings.eventsMax {
            let earliest = head.time(ring.events.time(Int(head.first)))
            head.overflow(at: min(earliest, time))
            guard time >= earliest else { return false }
            head.dropEarliest(ring)
        }
        // Places that are needed once the earliest event lies in the first line.
        let needed = Int(head.first) % EventLines.width + Int(head.count) + 1
        if needed > ring.capacity
            || ring.capacity > EventLines.width && needed * 2 <= min(ring.capacity, Rings.eventsMax)
        {
            rings.resize(index, to: Rings.size(holding: needed), keeping: Int(head.first), head.end)
            ring = rings.change(index)
        } else if head.end == ring.capacity {
            ring.take(ring.events, from: Int(head.first), to: head.end)
        } else {
            return true
        }
        head.first %= UInt16(EventLines.width)
        return true
    }

    // MARK: Eviction

    /// Looks at one card, and lets it go when it was idle for long. Only an event that agrees with the clock says so.
    private mutating func sweep(at instant: Int64) {
        guard cards.count > 0, clock.agrees(instant), let time = clock.time else { return }
        hand = hand + 1 < cards.count ? hand + 1 : 0
        if record(hand).pointee.head.latest < time - Self.idleMax { remove(hand) }
        prefetchHand()
    }

    private mutating func remove(_ index: Int) {
        let (view, seed) = (cards.view, seed)
        let hashOf = { (number: Int) in Self.record(view, number).pointee.head.key.scattered(seed) }
        table.remove(hashOf(index), index, hashOf: hashOf)
        rings.remove(index)
        let last = cards.count - 1
        if index != last {
            let place = change(index)
            place.pointee = record(last).pointee
            table.renumber(place.pointee.head.key.scattered(seed), from: last, to: index)
        }
        cards.removeLast()
    }
}

extension CardHead {
    fileprivate mutating func dropEarliest(_ ring: MutableEventLines) {
        ring.clear(Int(first))
        first += 1
        count -= 1
    }

    /// An event was dropped for want of room.
    fileprivate mutating func overflow(at time: Int64) {
        forgotten = max(forgotten, min(time, latest))
        overflowed = max(overflowed, min(time, latest))
    }
}
