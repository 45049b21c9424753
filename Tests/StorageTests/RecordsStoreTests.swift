// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import Journal
import Testing

@testable import Storage

struct RecordsStoreTests {
    struct Injected: Error {}

    let temporary: TemporaryDirectory
    init() throws { temporary = try TemporaryDirectory() }

    func open() throws -> RecordsStore {
        try RecordsStore(in: DataDirectory(temporary.path)) { migrator in
            migrator.registerMigration("notes") { database in
                try database.execute(sql: "CREATE TABLE note (sequence INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT")
            }
        }
    }

    static func write(_ sequence: UInt64, _ database: Database) throws {
        try database.execute(
            sql: "INSERT INTO note (sequence, text) VALUES (?, ?)", arguments: [Int64(sequence), "n\(sequence)"])
    }

    static func notes(_ store: RecordsStore) throws -> [Int] {
        try store.read { database in try Int.fetchAll(database, sql: "SELECT sequence FROM note ORDER BY sequence") }
    }

    @Test func `projections and checkpoint move together and stay`() throws {
        var store: RecordsStore? = try open()
        #expect(store?.checkpoint() == 0)
        #expect(store?.schemaVersion == 2)
        try store?.project(sequenceAfter: 2) { database in
            try Self.write(1, database)
            try Self.write(2, database)
        }
        try store?.project(sequenceAfter: 7) { database in try Self.write(7, database) }
        #expect(store?.checkpoint() == 7)
        store = nil
        let again = try open()
        #expect(again.checkpoint() == 7)
        #expect(try Self.notes(again) == [1, 2, 7])
    }

    @Test(arguments: 1...6)
    func `a body that fails at its n-th write leaves everything as it was`(failing: Int) throws {
        let store = try open()
        try store.project(sequenceAfter: 1) { database in try Self.write(1, database) }
        #expect(throws: Injected.self) {
            try store.project(sequenceAfter: 10) { database in
                for write in 1...6 {
                    if write == failing { throw Injected() }
                    try Self.write(UInt64(write + 1), database)
                }
            }
        }
        #expect(store.checkpoint() == 1)
        #expect(try Self.notes(store) == [1])
        // The same batch goes through afterwards.
        try store.project(sequenceAfter: 10) { database in
            for write in 1...6 { try Self.write(UInt64(write + 1), database) }
        }
        #expect(store.checkpoint() == 10)
    }

    @Test func `an SQL error in a body undoes the batch`() throws {
        let store = try open()
        #expect(throws: DatabaseError.self) {
            try store.project(sequenceAfter: 3) { database in
                try Self.write(1, database)
                try Self.write(1, database)
            }
        }
        #expect(store.checkpoint() == 0)
        #expect(try Self.notes(store).isEmpty)
    }

    @Test func `after every batch the files alone hold projections and checkpoint of the same moment`() throws {
        let store = try open()
        for sequence: UInt64 in 1...8 {
            try store.project(sequenceAfter: sequence) { database in try Self.write(sequence, database) }
            let crashed = try TemporaryDirectory()
            try temporary.copyDatabase("records.db", to: crashed)
            let found = try RecordsStore(in: DataDirectory(crashed.path)) { migrator in
                migrator.registerMigration("notes") { _ in }
            }
            #expect(found.checkpoint() == sequence)
            #expect(try Self.notes(found).count == Int(sequence))
        }
    }

    @Test func `a log torn anywhere never parts the checkpoint from the projections`() throws {
        let store = try open()
        for sequence: UInt64 in 1...8 {
            try store.project(sequenceAfter: sequence) { database in try Self.write(sequence, database) }
        }
        let log = try Data(contentsOf: URL(fileURLWithPath: temporary.file("records.db-wal")))
        var met = Set<UInt64>()
        for length in stride(from: 0, through: log.count, by: 2_477) {
            let crashed = try TemporaryDirectory()
            try temporary.copyDatabase("records.db", to: crashed)
            try log.prefix(length).write(to: URL(fileURLWithPath: crashed.file("records.db-wal")))
            let torn = try RecordsStore(in: DataDirectory(crashed.path)) { migrator in
                migrator.registerMigration("notes") { database in
                    try database.execute(sql: "CREATE TABLE note (sequence INTEGER PRIMARY KEY, text TEXT) STRICT")
                }
            }
            #expect(try Self.notes(torn) == (0..<Int(torn.checkpoint())).map { $0 + 1 }, "torn at \(length)")
            met.insert(torn.checkpoint())
        }
        #expect(met.count > 4)
    }

    @Test(arguments: [0, 4, 5, UInt64.max])
    func `the checkpoint never moves back, stands still or leaves what SQLite can count`(sequence: UInt64) throws {
        let store = try open()
        try store.project(sequenceAfter: 5) { _ in }
        #expect(throws: StorageError.checkpointNotAhead(checkpoint: 5, requested: sequence)) {
            try store.project(sequenceAfter: sequence) { _ in Issue.record("the body ran") }
        }
    }

    @Test func `a checkpoint changed behind the store's back stops the projection`() throws {
        let store = try open()
        #expect(throws: StorageError.checkpointNotAhead(checkpoint: 0, requested: 3)) {
            try store.project(sequenceAfter: 3) { database in
                try database.execute(sql: "UPDATE checkpoint SET sequence = 2")
            }
        }
        #expect(store.checkpoint() == 0)
    }

    @Test func `projections ahead of the journal are refused`() throws {
        let store = try open()
        try store.project(sequenceAfter: 5) { _ in }
        try store.requireNotAhead(of: JournalHead(next: 6, chain: Chain.genesis))
        #expect(throws: StorageError.recordsAhead(checkpoint: 5, journalNext: 5)) {
            try store.requireNotAhead(of: JournalHead(next: 5, chain: Chain.genesis))
        }
    }

    @Test func `discarded projections begin anew`() throws {
        try open().project(sequenceAfter: 5) { database in try Self.write(5, database) }
        try RecordsStore.discard(in: DataDirectory(temporary.path))
        let store = try open()
        #expect(store.checkpoint() == 0)
        #expect(try Self.notes(store).isEmpty)
    }

    @Test func `readers see committed projections only, also without blocking`() async throws {
        let store = try open()
        try store.project(sequenceAfter: 1) { database in
            try Self.write(1, database)
            #expect(try Self.notes(store).isEmpty)
        }
        let count = try await store.read { database in try Int.fetchOne(database, sql: "SELECT count(*) FROM note") }
        #expect(count == 1)
    }

    @Test func `a file without its checkpoint is refused`() throws {
        try open().close()
        try tamper(temporary.file("records.db"), "DELETE FROM checkpoint")
        #expect(throws: StorageError.schemaAltered(path: temporary.file("records.db"), object: "checkpoint")) {
            try open()
        }
    }
}
