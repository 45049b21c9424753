// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Whether something happens a number of times within a stretch of time.
struct SlidingCount: Equatable, Sendable {
    let limit: Int
    let window: Interval
    private var instants: [Instant] = []

    init(limit: Int, within window: Interval) {
        (self.limit, self.window) = (limit, window)
    }

    /// Counts one more.
    ///
    /// - Returns: whether the limit is reached within the window; then counting starts anew.
    mutating func add(at now: Instant) -> Bool {
        instants.removeAll { now - $0 > window }
        instants.append(now)
        guard instants.count >= limit else { return false }
        instants.removeAll()
        return true
    }
}
