// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// One value behind one lock, for closures of several threads.
final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    func change<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
        value.withLock { value in
            var copy = value
            let result = body(&copy)
            value = copy
            return result
        }
    }

    func read<Result: Sendable>(_ body: (Value) -> Result) -> Result { change { body($0) } }
}
