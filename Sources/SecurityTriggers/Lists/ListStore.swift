// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// All lists by name. A value, like each list in it: what is put in is in force with the next look-up, and at once.
///
///     var lists = ListStore()
///     try lists.put(imported.list)
///     let hot = lists.bind([("hot", .card)])          // when rules or lists change
///     hot.contains(0, ListKey(card), at: now)         // with every transaction
public struct ListStore: Sendable {
    /// Ascending by name.
    public private(set) var lists: [SecurityList] = []

    public static let listsMax = 256

    public init() {}

    /// The place of the list of that name.
    public func index(of name: some StringProtocol) -> Int? { lists.firstIndex { $0.name == name } }

    public subscript(name: String) -> SecurityList? { index(of: name).map { lists[$0] } }

    /// Puts a list in, in place of the one of its name.
    ///
    /// - Throws: `kind` where that one is of another kind, `name`, `full`.
    public mutating func put(_ list: SecurityList) throws(ListError) {
        guard Self.isName(list.name) else { throw .name }
        if let index = index(of: list.name) {
            guard lists[index].kind == list.kind else { throw .kind }
            lists[index] = list
        } else {
            guard lists.count < Self.listsMax else { throw .full }
            lists.insert(list, at: lists.firstIndex { $0.name > list.name } ?? lists.count)
        }
    }

    /// Changes the list of that name by one entry.
    public mutating func add(_ entry: ListEntry, to name: String) throws(ListError) {
        guard let index = index(of: name) else { throw .unknown }
        try lists[index].add(entry)
    }

    /// Takes an entry out of the list of that name.
    public mutating func remove(_ key: ListKey, from name: String) throws(ListError) {
        guard let index = index(of: name) else { throw .unknown }
        try lists[index].remove(key)
    }

    /// The lists that a rule set names, in its order, so that a look-up needs a number and no name.
    public func bind(_ wanted: [(name: String, kind: ListKind)]) -> BoundLists {
        BoundLists(
            wanted.map { wanted in
                index(of: wanted.name).map { lists[$0] }.flatMap { $0.kind == wanted.kind ? $0 : nil }
            })
    }

    /// A letter, then letters, figures and low lines: what a rule file can name.
    public static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= SecurityList.nameBytesMax else { return false }
        return Self.isLetter(first)
            && text.utf8.allSatisfy { Self.isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}

/// The lists of one rule set, by its own numbers.
public struct BoundLists: Sendable {
    private let lists: [SecurityList?]

    /// Of a rule set that names none.
    public init() { lists = [] }
    init(_ lists: [SecurityList?]) { self.lists = lists }

    /// A list that is there and of the kind that the rule set says. Where it is not, a condition over it is unknown.
    public func isKnown(_ index: Int) -> Bool { lists.indices.contains(index) && lists[index] != nil }

    /// Whether a list holds a key; nil for a list that is not there too.
    public func contains(_ index: Int, _ key: ListKey, at instant: Instant) -> ListHit? {
        lists.indices.contains(index) ? lists[index]?.contains(key, at: instant) : nil
    }

    /// Source and reason of a hit.
    public func origin(of hit: ListHit, in index: Int) -> ListOrigin? {
        lists.indices.contains(index) ? lists[index]?.origin(of: hit) : nil
    }
}
