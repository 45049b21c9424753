// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What is kept of one card, beside its ring of events: 448 bytes, seven lines of which the first holds all that most events
/// look at, and one more the day.
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
    // In this order nothing is lost between them.
    var key: CardKey
    /// The newest event time, in milliseconds since 1970.
    @PackedTime var latest: Int64
    var count: UInt16 = 0
    /// The newest event time among events that were dropped for age or for want of room; `Int64.min` for none.
    @PackedTime var forgotten: Int64 = .min
    /// The place of the earliest event in the ring; the others follow without a gap.
    var first: UInt16 = 0
    /// The newest event time among events dropped for want of room.
    @PackedTime var overflowed: Int64 = .min
    /// ISO 4217 number of the amounts that the days sum; 0 before the first.
    var currency: UInt16 = 0
    /// When the card was last in a terminal whose place is known; `Int64.min` for never.
    @PackedTime var presentAt: Int64 = .min
    /// Frauds that became known.
    var frauds: UInt16 = 0
    /// Where that was.
    var presentSite: UInt32 = SiteRecord.none
    /// The local day of the first event, from 1970.
    var firstDay: UInt32

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
    let events: EventLines

    /// The n-th earliest event.
    @inline(__always)
    subscript(index: Int) -> PackedEvent { events[Int(head.first) + index] }

    var count: Int { Int(head.count) }
    var latest: Int64 { head.latest }
    var forgotten: Int64 { head.forgotten }
    @inline(__always)
    func time(of event: PackedEvent) -> Int64 { head.time(of: event) }
}

/// Milliseconds since 1970 in six bytes, or never, which is before all times.
@propertyWrapper
struct PackedTime: Equatable, BitwiseCopyable {
    private var low: UInt32
    private var high: Int16

    /// What six bytes hold, `Int64.min` besides.
    static let range = -(Int64(1) << 46)...(Int64(1) << 46)

    /// - Parameter wrappedValue: in `range`, or `Int64.min`.
    @inline(__always)
    init(wrappedValue: Int64) { (low, high) = Self.halves(wrappedValue) }

    @inline(__always)
    var wrappedValue: Int64 {
        get { high == .min ? .min : Int64(high) << 32 | Int64(low) }
        set { (low, high) = Self.halves(newValue) }
    }

    @inline(__always)
    private static func halves(_ time: Int64) -> (UInt32, Int16) {
        (UInt32(truncatingIfNeeded: time), time == .min ? .min : Int16(truncatingIfNeeded: time >> 32))
    }
}
