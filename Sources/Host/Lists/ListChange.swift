// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import SecurityTriggers
import Vocabulary

/// One change of the lists that rules name and do not hold. Every case is final once written; a new shape takes a new
/// kind.
///
/// One person alone changes lists, since a stolen card cannot wait for a second one: the change is in force with the
/// next decision, and stands here with name and reason.
public enum ListChange: Equatable, Sendable {
    /// A list, new or in place of the one of its name. Nil for a file: it begins empty.
    ///
    /// What was added and taken out by hand since the last file stays in force over the new one, unless it has
    /// expired or `keepsChanges` says no.
    case loaded(
        name: String, kind: ListKind, file: ListFile?, source: String, keepsChanges: Bool, by: StaffID)
    /// An entry, new or in place of the one of its key.
    case added(name: String, entry: ListEntry, by: StaffID)
    case removed(name: String, key: ListKey, reason: String, by: StaffID)
    /// The whole list is gone.
    case dropped(name: String, reason: String, by: StaffID)

    private enum Kind: UInt8 {
        case loaded = 1, added, removed, dropped
    }

    /// The list that the change is about.
    public var name: String {
        switch self {
        case .loaded(let name, _, _, _, _, _), .added(let name, _, _), .removed(let name, _, _, _),
            .dropped(let name, _, _):
            name
        }
    }

    /// Who made it.
    public var staff: StaffID {
        switch self {
        case .loaded(_, _, _, _, _, let staff), .added(_, _, let staff), .removed(_, _, _, let staff),
            .dropped(_, _, let staff):
            staff
        }
    }

    func encode(to writer: inout ByteWriter) {
        switch self {
        case .loaded(let name, let kind, let file, let source, let keepsChanges, let staff):
            writer.byte(Kind.loaded.rawValue)
            writer.text(name)
            writer.byte(kind.rawValue)
            writer.optional(file) { $1.encode(to: &$0) }
            writer.text(source)
            writer.flag(keepsChanges)
            writer.code(staff)
        case .added(let name, let entry, let staff):
            writer.byte(Kind.added.rawValue)
            writer.text(name)
            writer.listKey(entry.key)
            writer.listEntry(entry)
            writer.code(staff)
        case .removed(let name, let key, let reason, let staff):
            writer.byte(Kind.removed.rawValue)
            writer.text(name)
            writer.listKey(key)
            writer.text(reason)
            writer.code(staff)
        case .dropped(let name, let reason, let staff):
            writer.byte(Kind.dropped.rawValue)
            writer.text(name)
            writer.text(reason)
            writer.code(staff)
        }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        let kind = try reader.raw(Kind.self, "change of lists")
        let name = try reader.listName()
        switch kind {
        case .loaded:
            self = .loaded(
                name: name, kind: try reader.raw(ListKind.self, "kind of a list"),
                file: try reader.optional { (reader: inout ByteReader) throws(CodecError) in
                    try ListFile(from: &reader)
                }, source: try reader.text(), keepsChanges: try reader.flag(), by: try reader.code())
        case .added:
            let key = try reader.listKey()
            self = .added(name: name, entry: try reader.listEntry(key), by: try reader.code())
        case .removed:
            let key = try reader.listKey()
            self = .removed(name: name, key: key, reason: try reader.text(), by: try reader.code())
        case .dropped: self = .dropped(name: name, reason: try reader.text(), by: try reader.code())
        }
    }
}

/// A list's file, which lies beside the journal.
public struct ListFile: Equatable, Sendable {
    public var digest: FileDigest
    /// Entries in it.
    public var count: UInt32

    public init(digest: FileDigest, count: UInt32) { (self.digest, self.count) = (digest, count) }

    func encode(to writer: inout ByteWriter) {
        digest.encode(to: &writer)
        writer.unsigned(count)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        digest = try FileDigest(from: &reader)
        count = try reader.unsigned()
    }
}

extension ByteWriter {
    mutating func listKey(_ key: ListKey) {
        word(key.high)
        word(key.low)
    }

    /// All of an entry but its key; the expiry in whole seconds.
    mutating func listEntry(_ entry: ListEntry) {
        text(entry.origin.source)
        text(entry.origin.reason)
        optional(entry.expires) { $0.unsigned(UInt32(clamping: $1.seconds)) }
    }
}

extension ByteReader {
    mutating func listName() throws(CodecError) -> String {
        let start = offset
        let name = try text()
        guard ListStore.isName(name) else { throw .invalid(offset: start, what: "name of a list") }
        return name
    }

    mutating func listKey() throws(CodecError) -> ListKey {
        let high = try word()
        return ListKey(high: high, low: try word())
    }

    mutating func listEntry(_ key: ListKey) throws(CodecError) -> ListEntry {
        let start = offset
        let source = try text()
        let origin = ListOrigin(source: source, reason: try text())
        let expires = try optional { (reader: inout ByteReader) throws(CodecError) -> UInt32 in try reader.unsigned() }
        // Nothing that a list would not take.
        guard origin.isSound, expires != 0 else { throw .invalid(offset: start, what: "entry of a list") }
        return ListEntry(key, origin, expires: expires.map { Instant(seconds: Int64($0)) })
    }
}
