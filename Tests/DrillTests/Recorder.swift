// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization

/// What happened, in its order.
final class Recorder: Sendable {
    private let events = Mutex<[Int64]>([])

    func add(_ event: Int64) { events.withLock { $0.append(event) } }
    var list: [Int64] { events.withLock { $0 } }

    /// Runs what blocks where it may.
    static func onThread(_ body: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                body()
                continuation.resume()
            }
        }
    }
}
