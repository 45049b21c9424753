// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import SecurityTriggers
import Testing
import Vocabulary

@testable import Host

/// The records of lists, and what a snapshot keeps of them.
@Suite("Records of lists")
struct ListRecordTests {
    private static let file = ListFile(
        digest: FileDigest(of: Array("golden".utf8)), count: 10_000_000)
    private static let entry = ListEntry(
        ListKey(Samples.card), ListOrigin(source: "desk", reason: "reported by telephone · 电话挂失"),
        expires: Instant(seconds: 1_800_000_000))
    private static let forGood = ListEntry(
        ListKey(high: 0, low: 5_993), ListOrigin(source: "", reason: "tobacco"))

    private static let changes: [(name: String, change: ListChange)] = [
        (
            "list.loaded",
            .loaded(name: "hot", kind: .card, file: file, source: "scheme", keepsChanges: true, by: Samples.alice)
        ),
        (
            "list.loaded.empty",
            .loaded(name: "restricted", kind: .mcc, file: nil, source: "desk", keepsChanges: false, by: Samples.bob)
        ),
        ("list.added", .added(name: "hot", entry: entry, by: Samples.alice)),
        ("list.added.forGood", .added(name: "restricted", entry: forGood, by: Samples.bob)),
        (
            "list.removed",
            .removed(name: "hot", key: ListKey(high: 1, low: 2), reason: "found again", by: Samples.alice)
        ),
        ("list.dropped", .dropped(name: "gone", reason: "no longer used", by: Samples.alice)),
    ]

    @Test(
        "records of lists that an earlier version wrote decode for ever, to the same bytes, and none can be cut short")
    func golden() throws {
        let golden = try Files.golden("records-list-1.hex")
        #expect(golden.map(\.name) == Self.changes.map(\.name))
        for (line, (name, change)) in zip(golden, Self.changes) {
            let record = HostRecord(at: Samples.at, .list(change))
            #expect(record.encoded() == line.bytes, "\(name) \(Hex.text(record.encoded()))")
            #expect(try HostRecord(decoding: line.bytes) == record, "\(name)")
            for end in 0..<line.bytes.count {
                #expect(throws: CodecError.self) { try HostRecord(decoding: Array(line.bytes[..<end])) }
            }
            #expect(throws: CodecError.self) { try HostRecord(decoding: line.bytes + [0]) }
        }
    }

    @Test("a record of a list with any one byte changed is refused, or is another record with bytes of its own")
    func changed() {
        for (name, change) in Self.changes {
            let bytes = HostRecord(at: Samples.at, .list(change)).encoded()
            for index in bytes.indices {
                for bit in [UInt8(1), 0x10, 0x80] {
                    var damaged = bytes
                    damaged[index] ^= bit
                    guard let other = try? HostRecord(decoding: damaged) else { continue }
                    #expect(other.encoded() == damaged, "\(name), byte \(index): one record, one form")
                }
            }
        }
    }

    @Test("names that no rule could write and entries that no list would take are no records")
    func unsound() {
        let entry = { (reason: String, expires: Int64?) in
            ListEntry(
                ListKey(high: 0, low: 1), ListOrigin(source: "desk", reason: reason),
                expires: expires.map { Instant(seconds: $0) })
        }
        let changes: [ListChange] = [
            .dropped(name: "1st", reason: "x", by: Samples.alice), .dropped(name: "", reason: "x", by: Samples.alice),
            .added(name: "hot", entry: entry("4000 0000 0000 0002", nil), by: Samples.alice),
            .added(name: "hot", entry: entry("x", 0), by: Samples.alice),
        ]
        for change in changes {
            let bytes = HostRecord(at: Samples.at, .list(change)).encoded()
            #expect(throws: CodecError.self, "\(change)") { try HostRecord(decoding: bytes) }
        }
    }

    @Test("a snapshot keeps what was changed by hand, and is refused where that is out of order or twice there")
    func snapshot() throws {
        var book = ListBook()
        for (_, change) in Self.changes { book.apply(change, at: Samples.at) }
        var writer = ByteWriter()
        book.snapshot(to: &writer)
        var reader = ByteReader(writer.bytes)
        let read = try ListBook(snapshot: &reader)
        #expect(reader.isAtEnd && read.lists.map(\.name) == ["hot", "restricted"])
        #expect(read.lists.map(\.list.changeCount) == [2, 1] && read.missing.map(\.name) == ["hot"])
        #expect(read["hot"]?.list[Self.entry.key] == Self.entry && read["restricted"]?.by == Samples.bob)
        var again = ByteWriter()
        read.snapshot(to: &again)
        #expect(again.bytes == writer.bytes)
        for index in writer.bytes.indices {
            var damaged = writer.bytes
            damaged[index] ^= 1
            var reader = ByteReader(damaged)
            guard let other = try? ListBook(snapshot: &reader), reader.isAtEnd else { continue }
            var form = ByteWriter()
            other.snapshot(to: &form)
            #expect(form.bytes == damaged, "byte \(index): one state, one form")
        }
        let list = { (name: String) in
            HeldList(
                list: SecurityList(name: name, kind: .card), file: nil, source: "x", by: Samples.alice, at: Samples.at)
        }
        for names in [["b", "a"], ["a", "a"]] {
            var writer = ByteWriter()
            writer.list(names) { list($1).encode(to: &$0) }
            #expect(throws: CodecError.self) {
                var reader = ByteReader(writer.bytes)
                _ = try ListBook(snapshot: &reader)
            }
        }
    }
}
