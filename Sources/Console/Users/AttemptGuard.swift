// SPDX-License-Identifier: Apache-2.0
import Synchronization
import Vocabulary

/// Counts wrong answers and closes the door for a while; for log-ins by user and for codes by case.
final class AttemptGuard<Key: Hashable & Sendable>: Sendable {
    private struct Attempts {
        var wrong = 0
        var lockedUntil: Instant?
    }

    private let limit: Int
    private let lockedFor: Interval
    private let attempts = Mutex<[Key: Attempts]>([:])

    /// - Parameter limit: wrong answers after which the door closes.
    init(limit: Int, lockedFor: Interval) {
        self.limit = limit
        self.lockedFor = lockedFor
    }

    /// How many wrong answers are left before the door closes; 0 while it is closed.
    func triesLeft(_ key: Key, now: Instant) -> Int {
        attempts.withLock { attempts in
            guard let known = attempts[key] else { return limit }
            guard let until = known.lockedUntil else { return limit - known.wrong }
            guard now >= until else { return 0 }
            attempts[key] = nil
            return limit
        }
    }

    /// Takes one try. Reserved before the answer is looked at, so that answers given at the same time all count.
    /// - Returns: false while the door is closed.
    func reserve(_ key: Key, now: Instant) -> Bool {
        attempts.withLock { attempts in
            var known = attempts[key] ?? Attempts()
            if let until = known.lockedUntil {
                guard now >= until else { return false }
                known = Attempts()
            }
            known.wrong += 1
            if known.wrong >= limit { known.lockedUntil = now + lockedFor }
            attempts[key] = known
            return true
        }
    }

    /// The answer was right: what was counted is forgotten.
    func succeeded(_ key: Key) { attempts.withLock { $0[key] = nil } }
}
