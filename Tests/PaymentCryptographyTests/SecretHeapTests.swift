// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization
import Testing

@testable import PaymentCryptography

@Suite("Secret heap")
struct SecretHeapTests {
    private final class Held: Sendable {
        let key: SecretKey
        init() { key = SecretKey(count: 32) { $0[0] = 0x5A } }
    }

    @Test("more secrets than the arena holds still leave a new thread its random generator")
    func reserveIsKept() {
        // Five mebibytes: more than the arena.
        let held = (0..<160_000).map { _ in Held() }
        let bytes = Mutex<[UInt8]>([])
        let done = DispatchSemaphore(value: 0)
        // A thread of its own has no generator yet.
        Thread {
            bytes.withLock { $0 = RandomBytes.bytes(32) }
            done.signal()
        }.start()
        done.wait()
        #expect(bytes.withLock { $0.count == 32 && $0 != [UInt8](repeating: 0, count: 32) })
        #expect(held.allSatisfy { $0.key.withBytes { $0[0] == 0x5A } })
    }
}
