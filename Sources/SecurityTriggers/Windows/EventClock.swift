// SPDX-License-Identifier: Apache-2.0

/// What time it is as far as events agree: the highest event time that is believed.
///
/// An event more than a day ahead is taken in at its own time and believed by nothing else: it empties no window and evicts
/// no card. Eight such in a row are no mistake of one clock, and move the time on; 64 in a row far behind move it back.
struct EventClock: Equatable, Sendable {
    static let day: Int64 = 86_400_000
    /// An event further ahead than this is suspect.
    static let aheadMax = day
    /// No event stands further ahead than this: what comes later is put there.
    static let farthest = 40 * day
    static let behindMax = 2 * day
    static let aheadRun: UInt8 = 8
    static let behindRun: UInt8 = 64
    /// 1970 to the end of 2199; what lies outside is put at the edge.
    static let range: ClosedRange<Int64> = 0...7_258_118_399_999

    /// Milliseconds since 1970; nil before the first event.
    private(set) var time: Int64?
    /// Suspect events in a row, and the earliest of them.
    private(set) var ahead: UInt8 = 0
    private(set) var aheadLow: Int64 = 0
    /// Events far behind in a row, and the latest of them.
    private(set) var behind: UInt8 = 0
    private(set) var behindHigh: Int64 = 0

    init() {}

    /// As a snapshot held it; nil for what no run of events gives.
    init?(time: Int64?, ahead: UInt8, aheadLow: Int64, behind: UInt8, behindHigh: Int64) {
        guard ahead < Self.aheadRun, behind < Self.behindRun, ahead == 0 || behind == 0 else { return nil }
        for instant in [time ?? 0, aheadLow, behindHigh] where !Self.range.contains(instant) { return nil }
        (self.time, self.ahead, self.aheadLow) = (time, ahead, aheadLow)
        (self.behind, self.behindHigh) = (behind, behindHigh)
    }

    /// Where an event of that time stands.
    @inline(__always)
    func place(_ instant: Int64) -> Int64 {
        let last = time.map { min(Self.range.upperBound, $0 + Self.farthest) } ?? Self.range.upperBound
        return min(max(instant, Self.range.lowerBound), last)
    }

    /// The time cannot be right: far ahead of what events agree on, or out of all range.
    func isSuspect(_ instant: Int64) -> Bool {
        !Self.range.contains(instant) || time.map { instant > $0 + Self.aheadMax } ?? false
    }

    /// The event agrees with the time within what is plain.
    func agrees(_ instant: Int64) -> Bool {
        time.map { instant <= $0 + Self.aheadMax && instant >= $0 - Self.behindMax } ?? false
    }

    /// Takes an event's time in.
    ///
    /// - Returns: where the event stands.
    mutating func take(_ instant: Int64) -> Int64 {
        let place = place(instant)
        guard let time else {
            self.time = place
            return place
        }
        if place > time + Self.aheadMax {
            aheadLow = ahead == 0 ? place : min(aheadLow, place)
            (ahead, behind) = (ahead + 1, 0)
            if ahead == Self.aheadRun { (self.time, ahead) = (aheadLow, 0) }
        } else if place < time - Self.behindMax {
            behindHigh = behind == 0 ? place : max(behindHigh, place)
            (behind, ahead) = (behind + 1, 0)
            if behind == Self.behindRun { (self.time, behind) = (behindHigh, 0) }
        } else {
            (ahead, behind) = (0, 0)
            self.time = max(time, place)
        }
        return place
    }
}
