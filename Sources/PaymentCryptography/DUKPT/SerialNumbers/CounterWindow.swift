// SPDX-License-Identifier: Apache-2.0

/// Which values of a rising counter have been seen: the highest, and the 64 up to it. A value below the window is too
/// old; one inside it that has not been seen is accepted once.
///
/// The width counts values of the counter, not the legal steps of DUKPT between them. Since steps are never shorter
/// than values, this is the stricter of the two: where a scheme skips counters with too many ones, a KSN from before a
/// gap of 64 or more is refused, though fewer than 64 transactions old. It needs no knowledge of the scheme, and so
/// serves any counter.
public struct CounterWindow: Equatable, Sendable {
    /// How many values it remembers.
    public static let width: UInt32 = 64

    /// The highest value seen; zero before the first.
    public private(set) var highest: UInt32
    /// Bit `i` set: `highest - i` has been seen.
    public private(set) var seen: UInt64

    /// A window as it was stored.
    public init(highest: UInt32 = 0, seen: UInt64 = 0) {
        self.highest = highest
        self.seen = seen
    }

    /// What the window knows of a value.
    public enum Verdict: Equatable, Sendable { case fresh, seen, tooOld }

    /// What the window knows of a value; changes nothing.
    public func classify(_ counter: UInt32) -> Verdict {
        if counter > highest { return .fresh }
        let distance = highest - counter
        if distance >= Self.width { return .tooOld }
        return seen >> UInt64(distance) & 1 == 1 ? .seen : .fresh
    }

    /// Records a value that `classify` called fresh.
    public mutating func insert(_ counter: UInt32) {
        if counter > highest {
            let distance = counter - highest
            seen = distance >= Self.width ? 1 : seen << UInt64(distance) | 1
            highest = counter
        } else {
            seen |= 1 << UInt64(highest - counter)
        }
    }

    /// Everything up to this value counts as seen from now on; nothing changes for a value below the highest.
    public mutating func raise(to counter: UInt32) {
        guard counter >= highest else { return }
        highest = counter
        seen = .max
    }

    /// The value that a fresh counter is certainly above.
    public var floor: UInt32 { highest >= Self.width ? highest - Self.width : 0 }
}
