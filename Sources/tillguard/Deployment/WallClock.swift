// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization
import Vocabulary

/// Where a deployment's time comes from: the system, or a recording that is being replayed.
enum WallClock {
    static let now: @Sendable () -> Instant = {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }
}

/// The system's clock, so far ahead as somebody sets it.
final class ShiftedClock: Sendable {
    private let ahead: Atomic<Int64>

    init(ahead seconds: Int64) { ahead = Atomic(seconds) }

    var now: Instant { WallClock.now() + .seconds(ahead.load(ordering: .acquiring)) }

    func set(ahead seconds: Int64) { ahead.store(seconds, ordering: .releasing) }
}

/// A clock that somebody sets; it never goes back.
final class VirtualClock: Sendable {
    private let microseconds: Atomic<Int64>

    init(_ start: Instant) { microseconds = Atomic(start.microseconds) }

    var now: Instant { Instant(microseconds: microseconds.load(ordering: .acquiring)) }

    func advance(to instant: Instant) {
        microseconds.max(instant.microseconds, ordering: .acquiringAndReleasing)
    }
}
