// SPDX-License-Identifier: Apache-2.0

/// Values in the order they were added, found by key. Iteration follows that order, never a hash, so that the
/// same records give the same state and the same digest in every process.
public struct Registry<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    public private(set) var keys: [Key] = []
    public var values: [Value] = []
    private var slots: [Key: Int32] = [:]

    public init() {}

    public var count: Int { keys.count }
    public var isEmpty: Bool { keys.isEmpty }

    /// The position of a key; positions never change, since nothing is ever removed.
    public func find(_ key: Key) -> Int? { slots[key].map(Int.init) }

    public subscript(key: Key) -> Value? { find(key).map { values[$0] } }

    /// - Returns: the position of the new value.
    @discardableResult
    public mutating func insert(_ key: Key, _ value: Value) -> Int {
        precondition(slots[key] == nil, "a registry holds each key once")
        slots[key] = Int32(keys.count)
        keys.append(key)
        values.append(value)
        return keys.count - 1
    }

    /// Reads or inserts, then changes in place.
    public mutating func update<R>(
        _ key: Key, default make: @autoclosure () -> Value, _ change: (inout Value) -> R
    ) -> R {
        let index = find(key) ?? insert(key, make())
        return change(&values[index])
    }
}
