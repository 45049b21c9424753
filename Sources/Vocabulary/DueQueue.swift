// SPDX-License-Identifier: Apache-2.0

/// Items by when they are due, the earliest first; of the same instant in the order they were added. A binary heap.
///
/// What is due no more may be left in it until its time comes: who takes an item checks whether it still stands, and
/// ending something costs nothing.
public struct DueQueue<Item> {
    @usableFromInline
    struct Entry {
        @usableFromInline var at: Instant
        @usableFromInline var order: UInt64
        @usableFromInline var item: Item

        @usableFromInline
        init(at: Instant, order: UInt64, item: Item) {
            self.at = at
            self.order = order
            self.item = item
        }

        @inlinable
        func isBefore(_ other: Entry) -> Bool { at != other.at ? at < other.at : order < other.order }
    }

    @usableFromInline var heap: [Entry] = []
    @usableFromInline var added: UInt64 = 0

    public init() {}

    /// When the earliest is due; nil when there is none.
    @inlinable
    public var next: Instant? { heap.first?.at }

    @inlinable
    public mutating func add(_ item: Item, at: Instant) {
        added += 1
        heap.append(Entry(at: at, order: added, item: item))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].isBefore(heap[parent]) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the earliest if it is due.
    @inlinable
    public mutating func take(dueAt now: Instant) -> (at: Instant, item: Item)? {
        guard let first = heap.first, first.at <= now else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return (first.at, first.item)
    }

    /// All of them in their order.
    @inlinable
    public func inOrder() -> [Item] { heap.sorted { $0.isBefore($1) }.map(\.item) }

    @inlinable
    mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in 2 * parent + 1...2 * parent + 2
            where child < heap.count && heap[child].isBefore(heap[least]) { least = child }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}

extension DueQueue: Sendable where Item: Sendable {}
extension DueQueue.Entry: Sendable where Item: Sendable {}
