// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization
import TerminalAgent
import Testing

@Suite("The client of the bench")
struct ControlClientTests {
    @Test("A client that finds no server closes its own descriptor once, and nobody else's")
    func noServer() async {
        let isDone = Atomic(false)
        // Whoever opens a file meanwhile gets the number that has just become free, and must keep it.
        async let lost: Int = Self.onThread {
            var lost = 0
            while !isDone.load(ordering: .relaxed) {
                let file = open("/dev/null", O_RDONLY | O_CLOEXEC)
                for _ in 0..<20 where fcntl(file, F_GETFD) == -1 { lost += 1 }
                close(file)
            }
            return lost
        }
        let found = await Self.onThread {
            (0..<40_000).count { _ in ControlClient(path: "/nowhere/terminals.sock") != nil }
        }
        isDone.store(true, ordering: .relaxed)
        #expect(found == 0)
        #expect(await lost == 0)
    }

    private static func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Thread { continuation.resume(returning: body()) }.start()
        }
    }
}
