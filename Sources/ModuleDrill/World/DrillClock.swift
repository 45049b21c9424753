// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Synchronization

/// The time of a drill. Rows run side by side; one that wants time to pass waits until every other row has ended or waits
/// too, and then the server's clock goes to the nearest of the times that are waited for. So it moves as seldom as can be.
final class DrillClock: Sendable {
    private struct Waiter {
        var until: Int64
        var signal: DispatchSemaphore
    }

    private struct State {
        /// Rows that have neither ended nor wait.
        var running: Int
        var waiters: [Waiter] = []
        /// Seconds that the server is ahead of this machine.
        var ahead: Int64 = 0
    }

    private let state: Mutex<State>
    private let hands: DispatchSemaphore
    private let move: @Sendable (Int64) -> Void

    /// - Parameters:
    ///   - rows: how many take part.
    ///   - hands: how many are worked on at the same time.
    ///   - move: sets the server's clock ahead.
    init(rows: Int, hands: Int, move: @escaping @Sendable (Int64) -> Void) {
        state = Mutex(State(running: rows))
        self.hands = DispatchSemaphore(value: hands)
        self.move = move
    }

    /// A row begins, once a hand is free.
    func enter() { hands.wait() }

    /// Lets so many seconds pass. Whoever waits has no hand in anything.
    func pass(_ seconds: Int64) {
        let signal = DispatchSemaphore(value: 0)
        state.withLock { state in
            state.waiters.append(Waiter(until: state.ahead + seconds, signal: signal))
            state.running -= 1
            moveIfIdle(&state)
        }
        hands.signal()
        signal.wait()
        hands.wait()
    }

    /// Does something that the clock need not wait for.
    func aside<Value>(_ body: () throws -> Value) rethrows -> Value {
        state.withLock { state in
            state.running -= 1
            moveIfIdle(&state)
        }
        defer { state.withLock { $0.running += 1 } }
        return try body()
    }

    /// A row has ended.
    func leave() {
        hands.signal()
        state.withLock { state in
            state.running -= 1
            moveIfIdle(&state)
        }
    }

    private func moveIfIdle(_ state: inout State) {
        guard state.running == 0, let next = state.waiters.map(\.until).min() else { return }
        state.ahead = next
        move(next)
        for waiter in state.waiters where waiter.until == next { waiter.signal.signal() }
        state.running = state.waiters.count { $0.until == next }
        state.waiters.removeAll { $0.until == next }
    }
}
