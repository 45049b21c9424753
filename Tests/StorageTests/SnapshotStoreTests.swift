// SPDX-License-Identifier: Apache-2.0
import Foundation
import Journal
import Testing

@testable import Storage

struct SnapshotStoreTests {
    let temporary: TemporaryDirectory
    let store: SnapshotStore

    init() throws {
        temporary = try TemporaryDirectory()
        store = try SnapshotStore(in: DataDirectory(temporary.path))
    }

    static func snapshot(_ sequence: UInt64) -> SnapshotEnvelope {
        SnapshotEnvelope(
            version: 1, sequence: sequence, chain: [UInt8](repeating: 9, count: 32), state: Array("\(sequence)".utf8))
    }

    func names() throws -> [String] { try temporary.names().filter { $0.hasPrefix("snapshot-") } }

    func damage(_ sequence: UInt64) throws {
        let file = URL(fileURLWithPath: temporary.file(SnapshotStore.name(sequence)))
        var data = try Data(contentsOf: file)
        data[70] ^= 1
        try data.write(to: file)
    }

    @Test func `without a snapshot nothing is found`() throws {
        let found = try store.latest()
        #expect(found.snapshot == nil && found.skipped.isEmpty)
    }

    @Test func `the newest is found, and the last two are kept`() throws {
        for sequence: UInt64 in [0, 9, 10, 100, 1_000_000] { try store.save(Self.snapshot(sequence)) }
        #expect(try store.latest().snapshot == Self.snapshot(1_000_000))
        #expect(try names() == ["snapshot-00000000000000000100", "snapshot-00000000000001000000"])
    }

    @Test func `a damaged one is skipped, said so, and left as evidence`() throws {
        try store.save(Self.snapshot(5))
        try store.save(Self.snapshot(6))
        try damage(6)
        let found = try store.latest()
        #expect(found.snapshot == Self.snapshot(5))
        #expect(found.skipped.map(\.name) == [SnapshotStore.name(6)])
        #expect(found.skipped.first?.reason as? SnapshotError == .damaged)
        #expect(try names().count == 2)
    }

    @Test func `if all are damaged, all are named and none is used`() throws {
        try store.save(Self.snapshot(5))
        try store.save(Self.snapshot(6))
        try damage(5)
        try Data().write(to: URL(fileURLWithPath: temporary.file(SnapshotStore.name(6))))
        let found = try store.latest()
        #expect(found.snapshot == nil)
        #expect(found.skipped.map(\.name) == [SnapshotStore.name(6), SnapshotStore.name(5)])
    }

    @Test func `a snapshot under another's name is skipped`() throws {
        try store.save(Self.snapshot(5))
        try FileManager.default.moveItem(
            atPath: temporary.file(SnapshotStore.name(5)), toPath: temporary.file(SnapshotStore.name(8)))
        #expect(try store.latest().snapshot == nil)
    }

    @Test func `one newer than the journal is not used and does not push out good ones`() throws {
        try store.save(Self.snapshot(90))
        try store.save(Self.snapshot(95))
        try store.save(Self.snapshot(10))
        #expect(try store.latest(notAfter: 50).snapshot == Self.snapshot(10))
        #expect(try store.latest(notAfter: 9).snapshot == nil)
        #expect(try names().count == 3)
    }

    @Test func `saving the same again replaces it`() throws {
        try store.save(Self.snapshot(7))
        try damage(7)
        try store.save(Self.snapshot(7))
        #expect(try store.latest().snapshot == Self.snapshot(7))
        #expect(try names().count == 1)
    }

    @Test func `what an interrupted save left is removed, and other files are left alone`() throws {
        let place = try TemporaryDirectory()
        for name in ["snapshot-00000000000000000003.partial", "snapshot-3", "snapshots", "note"] {
            try Data([1]).write(to: URL(fileURLWithPath: place.file(name)))
        }
        let store = try SnapshotStore(in: DataDirectory(place.path))
        #expect(try store.latest().skipped.isEmpty)
        try store.save(Self.snapshot(4))
        #expect(
            try place.names() == ["lock", "note", "snapshot-00000000000000000004", "snapshot-3", "snapshots"])
    }

    @Test func `a save that fails leaves the ones before and no partial file`() throws {
        try store.save(Self.snapshot(4))
        // A directory in the file's place makes the rename fail.
        try FileManager.default.createDirectory(
            atPath: temporary.file(SnapshotStore.name(5)) + "/x", withIntermediateDirectories: true)
        #expect(throws: StorageError.self) { try store.save(Self.snapshot(5)) }
        #expect(try store.latest().snapshot == Self.snapshot(4))
        #expect(try !temporary.names().contains { $0.hasSuffix(".partial") })
    }
}
