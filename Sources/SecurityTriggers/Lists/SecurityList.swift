// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What a list says of a key that it holds.
public struct ListHit: Equatable, Sendable {
    /// Where its origin stands, for `SecurityList.origin(of:)`.
    let place: Int32
    /// From then on it counts no more.
    public let expires: Instant?
}

/// A named list: a generation as it was imported, and over it the single entries that were added or taken out since.
///
/// It is a value: a copy costs three counts, so that a new one is swapped in at once and whoever still reads the old one
/// goes on with it. A look-up asks for no memory.
public struct SecurityList: Sendable {
    public let name: String
    public let kind: ListKind
    let base: ListGeneration
    /// Ascending by key; nil is an entry of the generation that was taken out.
    private(set) var overlay: [(key: ListKey, entry: ListEntry?)] = []

    /// Single changes that a list takes until it must be imported anew or `compacted`.
    public static let changesMax = 65_536
    public static let nameBytesMax = 64

    /// An empty list.
    public init(name: String, kind: ListKind) { self.init(name: name, kind: kind, base: .empty) }

    init(name: String, kind: ListKind, base: ListGeneration) {
        (self.name, self.kind, self.base) = (name, kind, base)
    }

    /// Entries of the generation and single changes since.
    public var importedCount: Int { base.keys.count }
    public var changeCount: Int { overlay.count }
    /// The single changes, ascending by key; nil for an entry that was taken out.
    public var changes: [(key: ListKey, entry: ListEntry?)] { overlay }

    /// Entries, expired ones too.
    public var count: Int {
        overlay.reduce(base.keys.count) { count, change in
            let isImported = base.find(change.key) != nil
            return count + (change.entry != nil ? (isImported ? 0 : 1) : (isImported ? -1 : 0))
        }
    }

    /// The entry of a key, whether it has expired or not.
    public subscript(key: ListKey) -> ListEntry? {
        if let index = find(key) { return overlay[index].entry }
        return base.find(key).map { base.entry($0) }
    }

    // MARK: Look-up

    /// Whether the list holds a key at a time.
    @inline(__always)
    public func contains(_ key: ListKey, at instant: Instant) -> ListHit? {
        if !overlay.isEmpty, let index = find(key) { return hit(inOverlay: index, instant) }
        guard let place = base.find(key) else { return nil }
        let expiry = base.expiry(place)
        guard expiry == 0 || instant.seconds < Int64(expiry) else { return nil }
        return ListHit(
            place: Int32(base.origin(place)), expires: expiry == 0 ? nil : Instant(seconds: Int64(expiry)))
    }

    private func hit(inOverlay index: Int, _ instant: Instant) -> ListHit? {
        guard let entry = overlay[index].entry else { return nil }
        if let expires = entry.expires, instant >= expires { return nil }
        return ListHit(place: ~Int32(index), expires: entry.expires)
    }

    /// Source and reason of a hit that this very list gave.
    public func origin(of hit: ListHit) -> ListOrigin {
        guard hit.place < 0 else { return base.origins[Int(hit.place)] }
        return overlay[Int(~hit.place)].entry?.origin ?? ListOrigin(source: "", reason: "")
    }

    private func find(_ key: ListKey) -> Int? {
        let index = position(of: key)
        return index < overlay.count && overlay[index].key == key ? index : nil
    }

    private func position(of key: ListKey) -> Int {
        var (low, high) = (0, overlay.count)
        while low < high {
            let middle = (low + high) / 2
            if ListKey.precedes(overlay[middle].key, key) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    // MARK: Single changes

    /// Adds an entry, or replaces the one of its key.
    ///
    /// - Throws: `full`, and `origin` for a source or reason that is too long or could hold a card's number.
    public mutating func add(_ entry: ListEntry) throws(ListError) {
        guard entry.origin.isSound else { throw .origin }
        if let expires = entry.expires, !(1...Int64(UInt32.max)).contains(expires.seconds) { throw .expiry }
        try put(entry.key, entry)
    }

    /// Takes an entry out.
    ///
    /// - Throws: `unknown` where the list does not hold it, `full`.
    public mutating func remove(_ key: ListKey) throws(ListError) {
        let index = find(key)
        guard index.map({ overlay[$0].entry != nil }) ?? (base.find(key) != nil) else { throw .unknown }
        if base.find(key) == nil, let index {
            overlay.remove(at: index)
        } else {
            try put(key, nil)
        }
    }

    /// Takes a key out, whatever the generation holds: the change is noted, and holds over another generation too.
    ///
    /// - Throws: `full`.
    public mutating func takeOut(_ key: ListKey) throws(ListError) { try put(key, nil) }

    /// Whether one more change finds room, of this key.
    public func hasRoom(for key: ListKey) -> Bool { overlay.count < Self.changesMax || find(key) != nil }

    /// Forgets added entries that count no more at a time: what the generation says of their keys counts again.
    public mutating func forgetExpired(at instant: Instant) {
        overlay.removeAll { change in change.entry?.expires.map { $0 <= instant } ?? false }
    }

    /// The single changes of this list over the generation of another one.
    public func over(_ file: SecurityList) -> SecurityList {
        var list = SecurityList(name: file.name, kind: file.kind, base: file.base)
        list.overlay = overlay
        return list
    }

    private mutating func put(_ key: ListKey, _ entry: ListEntry?) throws(ListError) {
        let index = position(of: key)
        if index < overlay.count, overlay[index].key == key {
            overlay[index].entry = entry
        } else {
            guard overlay.count < Self.changesMax else { throw .full }
            overlay.insert((key, entry), at: index)
        }
    }

    /// The same list with the single changes sorted in, and without what has expired.
    public func compacted(at instant: Instant) -> SecurityList {
        var builder = ListBuilder()
        forEach { entry in
            if let expires = entry.expires, expires <= instant { return }
            guard let place = builder.place(of: entry.origin) else { return }
            builder.add(entry.key, expiry: entry.expires.map { UInt32(clamping: $0.seconds) } ?? 0, place: place)
        }
        return SecurityList(name: name, kind: kind, base: builder.generation())
    }

    /// Every entry, expired ones too: those of the generation in its order, then the single ones by key.
    public func forEach(_ body: (ListEntry) -> Void) {
        for place in base.keys.indices where find(base.keys[place]) == nil { body(base.entry(place)) }
        for change in overlay { change.entry.map(body) }
    }
}

/// Why a list is not changed or not read.
public enum ListError: Error, Equatable, Sendable {
    /// No room for another single change, list or source.
    case full
    /// The list does not hold the entry, or there is no list of that name.
    case unknown
    /// A source or reason is too long, or has as many figures as a card's number.
    case origin
    /// Not between 1970 and 2106.
    case expiry
    /// Not a name of letters, figures and low lines.
    case name
    /// A list of that name is of another kind.
    case kind
    /// A file of another format, cut off, or changed at this byte.
    case damaged(offset: Int)
}
