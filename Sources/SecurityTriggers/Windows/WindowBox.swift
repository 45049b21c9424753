// SPDX-License-Identifier: Apache-2.0

/// The windows at one place in memory. A value of their size would be copied whenever a function that reads it is called;
/// from here they are read and changed where they lie.
final class WindowBox: @unchecked Sendable {
    // Safe to share: `Triggers` changes what is here only while nobody else holds the box.
    let store: UnsafeMutablePointer<WindowStore>

    init(_ store: WindowStore) {
        self.store = .allocate(capacity: 1)
        self.store.initialize(to: store)
    }

    deinit {
        store.deinitialize(count: 1)
        store.deallocate()
    }
}
