// SPDX-License-Identifier: Apache-2.0
import Foundation
import Journal
import Testing

@testable import Storage

struct DataDirectoryTests {
    let temporary: TemporaryDirectory
    init() throws { temporary = try TemporaryDirectory() }

    @Test func `a second opening is refused with the holder's process and allowed after the first has gone`() throws {
        var first: DataDirectory? = try DataDirectory(temporary.path)
        #expect(throws: StorageError.directoryInUse(path: temporary.path, process: getpid())) {
            try DataDirectory(temporary.path)
        }
        _ = first?.path
        first = nil
        _ = try DataDirectory(temporary.path)
    }

    @Test func `a second process is refused`() async throws {
        let directory = try DataDirectory(temporary.path)
        let path = temporary.path
        let holder = getpid()
        await #expect(processExitsWith: .success) { [path = path as String, holder = holder as Int32] in
            #expect(throws: StorageError.directoryInUse(path: path, process: holder)) { try DataDirectory(path) }
        }
        #expect(directory.path == path)
    }

    @Test func `a store keeps its directory locked`() throws {
        let store = try JournalStore(temporary.path)
        #expect(throws: StorageError.self) { try JournalStore(temporary.path) }
        try store.close()
        #expect(throws: StorageError.self) { try JournalStore(temporary.path) }
        withExtendedLifetime(store) {}
    }

    @Test func `a directory that is absent is made, closed to others`() throws {
        let path = temporary.file("a/b")
        _ = try DataDirectory(path)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        #expect(mode as? Int == 0o700)
    }

    @Test func `a path that cannot be a directory is an error`() throws {
        try Data().write(to: URL(fileURLWithPath: temporary.file("plain")))
        #expect(throws: (any Error).self) { try DataDirectory(temporary.file("plain")) }
    }

    @Test func `the errors say in words what to look at`() {
        let error = StorageError.directoryInUse(path: "/var/lib/till", process: 12)
        #expect("\(error)" == "the data directory /var/lib/till is in use by process 12")
        #expect(
            "\(StorageError.journalDamaged(.edited(first: 4)))"
                == "the journal is damaged: the commit that begins with record 4 was changed after it was written")
        #expect(
            "\(StorageError.notSynchronous(path: "j", level: 1))"
                == "j: SQLite's synchronous level is 1, but must be 2 (FULL)")
        let absent = StorageError.system(operation: "open", path: "j", code: ENOENT)
        #expect("\(absent)" == "open j: No such file or directory")
    }
}
