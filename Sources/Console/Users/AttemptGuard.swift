// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Counts wrong answers and closes the door for a while; for log-ins by user and for codes by case.
///
/// Tries are forgotten after a right answer, or when none has been made for as long as a door stays closed.
struct AttemptGuard<Key: CustomStringConvertible & Sendable>: Sendable {
    private let ledger: AttemptLedger
    private let name: String
    private let limit: Int
    private let lockedFor: Interval

    /// - Parameters:
    ///   - ledger: where the tries are kept.
    ///   - name: tells this guard's doors from others' in the ledger.
    ///   - limit: wrong answers after which the door closes.
    init(_ ledger: AttemptLedger, name: String, limit: Int, lockedFor: Interval) {
        self.ledger = ledger
        self.name = name
        self.limit = limit
        self.lockedFor = lockedFor
    }

    /// How many wrong answers are left before the door closes; 0 while it is closed.
    func triesLeft(_ key: Key, now: Instant) -> Int {
        max(0, limit - (ledger.tries(door(key), now: now)?.count ?? 0))
    }

    /// Takes one try. Durable before the answer is looked at, so that answers given at the same time all count, and so
    /// do those before a restart.
    /// - Returns: false while the door is closed, or when the try could not be written down.
    func reserve(_ key: Key, now: Instant) async -> Bool {
        let (limit, until) = (limit, now + lockedFor)
        return await ledger.update(door(key), now: now) { tries in
            guard (tries?.count ?? 0) < limit else { return false }
            tries = AttemptLedger.Tries(count: (tries?.count ?? 0) + 1, until: until)
            return true
        }
    }

    /// The answer was right: what was counted is forgotten.
    func succeeded(_ key: Key, now: Instant) async {
        // If it cannot be written the tries stay, which costs the user a few and nobody else anything.
        _ = await ledger.update(door(key), now: now) { tries in
            tries = nil
            return true
        }
    }

    private func door(_ key: Key) -> String { "\(name):\(key)" }
}
