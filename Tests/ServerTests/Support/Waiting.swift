// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOPosix
import Testing

/// Something that was waited for did not come.
struct NotInTime: Error, CustomStringConvertible {
    var what: String
    var description: String { "\(what) did not come in time" }
}

/// How long a test waits for what must come; on a busy machine it comes late, and that is no failure.
let patience = TimeAmount.seconds(60)

/// Waits until a condition holds, looking again each time the event loop has turned a few milliseconds further.
func eventually(
    _ what: String, within limit: TimeAmount = patience, _ condition: () async throws -> Bool
) async throws {
    let loop = MultiThreadedEventLoopGroup.singleton.any()
    let deadline = NIODeadline.now() + limit
    while try await !condition() {
        guard NIODeadline.now() < deadline else { throw NotInTime(what: what) }
        try await loop.scheduleTask(in: .milliseconds(10)) {}.futureResult.get()
    }
}

/// At most so many servers at a time, so that none is starved by the others.
actor Slots {
    static let shared = Slots(3)
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) { free = count }

    func take() async {
        if free > 0 {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func giveBack() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }

    static func with<Value>(_ body: () async throws -> Value) async throws -> Value {
        await shared.take()
        let result: Result<Value, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        await shared.giveBack()
        return try result.get()
    }
}
