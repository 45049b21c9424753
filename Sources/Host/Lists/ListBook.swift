// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import SecurityTriggers
import Vocabulary

/// The lists that rules name and do not hold: what is in force, and what must be read again.
///
/// The journal and a snapshot hold a list's name, the digest of its file, and what was changed by hand since. The
/// file's entries come from outside (`supply`): until they do the list is missing, and a condition over it is
/// unknown.
public struct ListBook: Sendable {
    /// In ascending order of their names.
    public private(set) var lists: [HeldList] = []

    /// Changes by hand of all lists together.
    public static let changesMax = 4 * SecurityList.changesMax

    public init() {}

    public subscript(name: String) -> HeldList? { index(of: name).map { lists[$0] } }

    private func index(of name: String) -> Int? { lists.firstIndex { $0.name == name } }

    /// Changes by hand, of all lists.
    public var changeCount: Int { lists.reduce(0) { $0 + $1.list.changeCount } }

    /// Lists whose files have not been handed in.
    public var missing: [HeldList] { lists.filter { !$0.isThere } }

    /// Those that are there, for rules to be bound to.
    public var store: ListStore {
        var store = ListStore()
        for held in lists where held.isThere {
            // Safe: names are checked where records are decided and read, each is there once, and there are no more
            // than fit.
            try? store.put(held.list)
        }
        return store
    }

    // MARK: - Changes

    /// Makes a change of the journal.
    public mutating func apply(_ change: ListChange, at: Instant) {
        switch change {
        case .loaded(let name, let kind, let file, let source, let keepsChanges, let staff):
            var list = SecurityList(name: name, kind: kind)
            let place = index(of: name)
            if keepsChanges, let place, lists[place].kind == kind {
                list = lists[place].list.over(list)
                list.forgetExpired(at: at)
            }
            let held = HeldList(list: list, file: file, source: source, by: staff, at: at)
            if let place {
                lists[place] = held
            } else if lists.count < ListStore.listsMax {
                lists.insert(held, at: lists.firstIndex { $0.name > name } ?? lists.count)
            }
        case .added(let name, let entry, _):
            // Decided on the list as it is; one that refuses it now is none that this host has made.
            guard let index = index(of: name) else { return }
            if lists[index].mayForgetExpired, !lists[index].list.hasRoom(for: entry.key) {
                lists[index].list.forgetExpired(at: at)
            }
            try? lists[index].list.add(entry)
        case .removed(let name, let key, _, _):
            if let index = index(of: name) { lists[index].remove(key) }
        case .dropped(let name, _, _): lists.removeAll { $0.name == name }
        }
    }

    /// Puts a file's entries under what was changed since.
    ///
    /// - Returns: whether a list wanted the file.
    @discardableResult
    public mutating func supply(_ file: OpenedList) -> Bool {
        guard let index = index(of: file.list.name), lists[index].file == file.file,
            lists[index].kind == file.list.kind
        else { return false }
        lists[index].supply(file.list)
        return true
    }

    // MARK: - Snapshot

    func snapshot(to writer: inout ByteWriter) {
        writer.list(lists) { $1.encode(to: &$0) }
    }

    init(snapshot reader: inout ByteReader) throws(CodecError) {
        let start = reader.offset
        lists = try reader.list { (reader: inout ByteReader) throws(CodecError) in try HeldList(from: &reader) }
        guard brokenInvariants().isEmpty else { throw .invalid(offset: start, what: "lists") }
    }

    /// Sentences about what must never be so.
    func brokenInvariants() -> [String] {
        var broken: [String] = []
        if zip(lists, lists.dropFirst()).contains(where: { $0.name >= $1.name }) {
            broken.append("lists are out of order")
        }
        if lists.count > ListStore.listsMax { broken.append("there are more lists than may be") }
        return broken
    }
}

/// A list as the host holds it.
public struct HeldList: Sendable {
    /// The file's entries, as far as they are there, and over them what was changed by hand.
    public internal(set) var list: SecurityList
    /// Nil for a list that began empty.
    public let file: ListFile?
    /// Where its entries come from.
    public let source: String
    /// Who loaded it, and when.
    public let by: StaffID
    public let at: Instant
    /// Whether the file's entries are there.
    public private(set) var isThere: Bool

    public var name: String { list.name }
    public var kind: ListKind { list.kind }

    init(list: SecurityList, file: ListFile?, source: String, by: StaffID, at: Instant) {
        (self.list, self.file, self.source, self.by, self.at) = (list, file, source, by, at)
        isThere = file == nil
    }

    /// Without a file nothing comes back when an expired entry is forgotten.
    var mayForgetExpired: Bool { file == nil }

    /// What the file holds is not known in recovery, so that over one a removal is always noted.
    mutating func remove(_ key: ListKey) {
        // Decided on the list as it is; one that refuses it now is none that this host has made.
        if file == nil { try? list.remove(key) } else { try? list.takeOut(key) }
    }

    mutating func supply(_ file: SecurityList) { (list, isThere) = (list.over(file), true) }

    func encode(to writer: inout ByteWriter) {
        writer.text(name)
        writer.byte(kind.rawValue)
        writer.optional(file) { $1.encode(to: &$0) }
        writer.text(source)
        writer.code(by)
        writer.instant(at)
        writer.list(list.changes) { writer, change in
            writer.listKey(change.key)
            writer.optional(change.entry) { $0.listEntry($1) }
        }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        let name = try reader.listName()
        let kind = try reader.raw(ListKind.self, "kind of a list")
        let file = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try ListFile(from: &reader) }
        let source = try reader.text()
        let by: StaffID = try reader.code()
        self.init(
            list: SecurityList(name: name, kind: kind), file: file, source: source, by: by, at: try reader.instant())
        let start = reader.offset
        for _ in 0..<(try reader.count()) {
            let key = try reader.listKey()
            let entry = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
                try reader.listEntry(key)
            }
            // Ascending, or one state would have several forms.
            if let last = list.changes.last?.key, !(last < key) { throw .invalid(offset: start, what: "list changes") }
            do throws(ListError) {
                if let entry { try list.add(entry) } else { try list.takeOut(key) }
            } catch { throw .invalid(offset: start, what: "list changes") }
        }
    }
}

/// A list out of its file, with the file's digest: what a command to load it brings.
public struct OpenedList: Equatable, Sendable {
    public let list: SecurityList
    public let digest: FileDigest

    /// Reads a file.
    ///
    /// - Throws: `damaged` for bytes that no list's file has.
    public init(reading bytes: [UInt8]) throws(ListError) {
        list = try SecurityList(reading: bytes)
        digest = FileDigest(of: bytes)
    }

    var file: ListFile { ListFile(digest: digest, count: UInt32(clamping: list.importedCount)) }

    /// The digest says it all.
    public static func == (left: OpenedList, right: OpenedList) -> Bool { left.digest == right.digest }
}
