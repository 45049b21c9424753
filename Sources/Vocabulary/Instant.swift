// SPDX-License-Identifier: Apache-2.0

/// A point in time: microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// Cores never read a clock; they are handed an `Instant`.
public struct Instant: Hashable, Comparable, Sendable {
    public var microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }
    public init(seconds: Int64) { self.microseconds = seconds &* 1_000_000 }

    public static let epoch = Instant(microseconds: 0)
    public var seconds: Int64 { microseconds.floorDivided(by: 1_000_000) }

    public static func < (left: Instant, right: Instant) -> Bool { left.microseconds < right.microseconds }
    public static func + (left: Instant, right: Interval) -> Instant {
        Instant(microseconds: left.microseconds + right.microseconds)
    }
    public static func - (left: Instant, right: Interval) -> Instant {
        Instant(microseconds: left.microseconds - right.microseconds)
    }
    public static func - (left: Instant, right: Instant) -> Interval {
        Interval(microseconds: left.microseconds - right.microseconds)
    }
}

/// A length of time in microseconds; may be negative.
public struct Interval: Hashable, Comparable, Sendable {
    public var microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }

    public static let zero = Interval(microseconds: 0)
    public static func milliseconds(_ count: Int64) -> Interval { Interval(microseconds: count * 1_000) }
    public static func seconds(_ count: Int64) -> Interval { Interval(microseconds: count * 1_000_000) }
    public static func minutes(_ count: Int64) -> Interval { .seconds(count * 60) }
    public static func hours(_ count: Int64) -> Interval { .seconds(count * 3_600) }
    public static func days(_ count: Int64) -> Interval { .seconds(count * 86_400) }

    public static func < (left: Interval, right: Interval) -> Bool { left.microseconds < right.microseconds }
    public static func + (left: Interval, right: Interval) -> Interval {
        Interval(microseconds: left.microseconds + right.microseconds)
    }
    public static func * (left: Interval, right: Int64) -> Interval {
        Interval(microseconds: left.microseconds * right)
    }
}

extension Int64 {
    /// Division that rounds towards minus infinity, so that instants before 1970 have whole seconds too.
    public func floorDivided(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
