// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// How many browsers listen, and whether they are to stop.
final class LiveListeners: Sendable {
    private struct State {
        var count = 0
        var isClosed = false
    }

    private let max: Int
    private let state = Mutex(State())

    init(max: Int) { self.max = max }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// - Returns: false when there are too many already.
    func enter() -> Bool {
        state.withLock { state in
            guard state.count < max, !state.isClosed else { return false }
            state.count += 1
            return true
        }
    }

    func leave() { state.withLock { $0.count -= 1 } }

    /// The server shuts down: every stream ends at its next beat.
    func close() { state.withLock { $0.isClosed = true } }
}
