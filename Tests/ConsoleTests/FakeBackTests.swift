// SPDX-License-Identifier: Apache-2.0
import Console
import Synchronization
import Vocabulary

/// A port that is in the state a test puts it in, and remembers what it was asked for.
final class FakeBackTests: BackTestPort, Sendable {
    private let memory = Mutex((state: BackTestState.idle, started: [BackTestTask]()))

    var started: [BackTestTask] { memory.withLock { $0.started } }

    func set(_ state: BackTestState) { memory.withLock { $0.state = state } }

    func start(_ task: BackTestTask) async -> Bool {
        memory.withLock { memory in
            if case .running = memory.state { return false }
            memory.state = .running(task)
            memory.started.append(task)
            return true
        }
    }

    func state() async -> BackTestState { memory.withLock { $0.state } }

    func report(_ form: BackTestForm) async -> [UInt8]? {
        guard case .done = await state() else { return nil }
        return Array((form == .html ? "<p>report</p>" : "rule,fired\n").utf8)
    }
}
