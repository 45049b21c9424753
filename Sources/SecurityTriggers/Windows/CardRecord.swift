// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What is kept of one card, beside its ring of events: 464 bytes.
struct CardRecord {
    var head: CardHead
    /// The last 32 days.
    var days: CardDays

    /// Bytes from the record's start to the tile of a day.
    static func place(ofDay day: Int) -> Int {
        (MemoryLayout<Self>.offset(of: \.days.tiles) ?? 0) + day % RollingDays.count * MemoryLayout<CardDay>.stride
    }
}

/// The part of a card's record that every event reads.
///
/// Invariants: events stand in the ring by event time, those of one time in the order they came; none is later than `latest`
/// or earlier than `forgotten`, or 45 days or more before `latest`; `overflowed` ≤ `forgotten` ≤ `latest`.
struct CardHead: Equatable {
    var key: CardKey
    /// The newest event time, in milliseconds since 1970.
    var latest: Int64
    /// The newest event time among events that were dropped for age or for want of room; `Int64.min` for none.
    var forgotten: Int64 = .min
    /// The newest event time among events dropped for want of room.
    var overflowed: Int64 = .min
    /// When the card was last in a terminal whose place is known; `Int64.min` for never.
    var presentAt: Int64 = .min
    /// Where that was.
    var presentSite: UInt32 = SiteRecord.none
    /// The local day of the first event, from 1970.
    var firstDay: UInt32
    /// ISO 4217 number of the amounts that the days sum; 0 before the first.
    var currency: UInt16 = 0
    /// Frauds that became known.
    var frauds: UInt16 = 0
    var count: UInt16 = 0
    /// The place of the earliest event in the ring; the others follow without a gap.
    var first: UInt16 = 0

    /// Events of a card lie within this many milliseconds of each other, so that 32 bits tell their times.
    static let spanMax = 45 * EventClock.day

    /// The place behind the newest event.
    var end: Int { @inline(__always) get { Int(first) + Int(count) } }

    /// The event time of an event of this ring, in milliseconds since 1970.
    @inline(__always)
    func time(of event: PackedEvent) -> Int64 { time(event.time) }

    /// The same of an event's 32 bits.
    @inline(__always)
    func time(_ bits: UInt32) -> Int64 { latest - Int64(UInt32(truncatingIfNeeded: latest) &- bits) }
}

/// A card's events for reading: good as long as the store stays as it is.
struct CardWindow {
    let head: CardHead
    let events: EventColumns

    /// The n-th earliest event.
    @inline(__always)
    subscript(index: Int) -> PackedEvent { events[Int(head.first) + index] }

    var count: Int { Int(head.count) }
    var latest: Int64 { head.latest }
    var forgotten: Int64 { head.forgotten }
    @inline(__always)
    func time(of event: PackedEvent) -> Int64 { head.time(of: event) }
}
