// SPDX-License-Identifier: Apache-2.0

/// A table that never changes, in memory of its own: reading it asks for no count, as an array's element may.
///
/// The elements are good as long as somebody holds the table.
final class FixedTable<Element: Sendable>: @unchecked Sendable {
    // Safe to share: written here and never again.
    let elements: UnsafeBufferPointer<Element>
    private let memory: UnsafeMutableBufferPointer<Element>

    init(_ array: [Element]) {
        memory = UnsafeMutableBufferPointer<Element>.allocate(capacity: array.count)
        _ = memory.initialize(from: array)
        elements = UnsafeBufferPointer(memory)
    }

    deinit {
        memory.deinitialize()
        memory.deallocate()
    }
}
