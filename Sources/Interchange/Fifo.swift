// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// A queue whose front moves: what has been taken is dropped when it is half of the memory.
struct Fifo<Element> {
    private var elements: [Element?] = []
    private var start = 0

    var count: Int { elements.count - start }
    var first: Element? { start < elements.count ? elements[start] : nil }

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func popFirst() -> Element? {
        guard start < elements.count else { return nil }
        let element = elements[start]
        elements[start] = nil
        start += 1
        if start > 64, start * 2 > elements.count {
            elements.removeFirst(start)
            start = 0
        }
        return element
    }
}

extension Fifo: Sendable where Element: Sendable {}

/// Items by when they are due, the earliest first; among equal ones the first inserted. What is due no more is left in it
/// until its time comes, so that ending something costs nothing; who takes an item checks whether it still stands.
struct DueHeap<Item: Sendable>: Sendable {
    private struct Node: Sendable {
        var at: Instant
        var serial: UInt64
        var item: Item

        func comesBefore(_ other: Node) -> Bool { at != other.at ? at < other.at : serial < other.serial }
    }

    private var nodes: [Node] = []
    private var nextSerial: UInt64 = 0

    var first: Instant? { nodes.first?.at }

    mutating func insert(_ item: Item, at: Instant) {
        nextSerial += 1
        nodes.append(Node(at: at, serial: nextSerial, item: item))
        var child = nodes.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard nodes[child].comesBefore(nodes[parent]) else { break }
            nodes.swapAt(child, parent)
            child = parent
        }
    }

    /// The earliest that is due.
    mutating func popFirst(upTo now: Instant) -> Item? {
        guard let earliest = nodes.first, earliest.at <= now else { return nil }
        nodes.swapAt(0, nodes.count - 1)
        nodes.removeLast()
        var parent = 0
        while true {
            let left = 2 * parent + 1
            guard left < nodes.count else { break }
            let right = left + 1
            let child = right < nodes.count && nodes[right].comesBefore(nodes[left]) ? right : left
            guard nodes[child].comesBefore(nodes[parent]) else { break }
            nodes.swapAt(child, parent)
            parent = child
        }
        return earliest.item
    }

    /// All of them in their order.
    func inOrder() -> [Item] { nodes.sorted { $0.comesBefore($1) }.map(\.item) }
}
