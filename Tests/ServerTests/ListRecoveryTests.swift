// SPDX-License-Identifier: Apache-2.0
import Foundation
import Host
import HostServer
import Journal
import SecurityTriggers
import Storage
import Testing
import Vocabulary

@testable import tillguard

/// Lists in force at a start: with their files, or not at all.
@Suite("Lists at a start")
struct ListRecoveryTests {
    private func list(_ values: String) throws -> [UInt8] {
        var importer = try ListImporter(
            name: "restricted", kind: .mcc, origin: ListOrigin(source: "test", reason: "")
        ) { _ in CardKey(high: 0, low: 0) }
        importer.add(Array(values.utf8))
        return importer.finish().list.bytes
    }

    /// A data directory whose journal has a list in force, and nothing else.
    private func directory(_ opened: OpenedList) throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        let file = ListFile(digest: opened.digest, count: UInt32(opened.list.importedCount))
        let record = HostRecord(
            at: .epoch,
            .list(
                .loaded(
                    name: opened.list.name, kind: opened.list.kind, file: file, source: "test", keepsChanges: true,
                    by: Deployment.system.staff)))
        var chain = Chain(after: .genesis)
        let data = try DataDirectory(directory.path)
        let journal = try JournalStore(in: data)
        try journal.append(chain.seal(RecordFrame.encode([record.encoded()]), count: 1))
        try journal.close()
        data.unlock()
        return directory
    }

    /// What the start says that is refused; nil where it is not.
    private func refusal(_ directory: TemporaryDirectory) throws -> String? {
        do {
            let recovered = try RecoveredHost.open(
                at: directory.path, rules: try RuleSet(parsing: RuleFiles.shipped), logger: silent)
            #expect(recovered.host.lists.missing.isEmpty && recovered.host.lists.lists.count == 1)
            return nil
        } catch let error as RecoveryError { return "\(error)" }
    }

    @Test("A list in force without its file, or with another one in its place, stops the start and is named")
    func missing() throws {
        let bytes = try list("5993\n")
        let opened = try OpenedList(reading: bytes)
        let directory = try directory(opened)
        let files = ListFiles(data: directory.path)
        let missing = try #require(try refusal(directory))
        #expect(missing.contains("restricted") && missing.contains("\(opened.digest).list is missing"), "\(missing)")
        _ = try files.put(bytes)
        #expect(try refusal(directory) == nil)
        try Data(try list("5411\n")).write(to: URL(filePath: files.path(of: opened.digest)))
        let changed = try #require(try refusal(directory))
        #expect(changed.contains("restricted") && changed.contains("another digest"), "\(changed)")
    }

    @Test("A back-test of a data directory sees its lists, and refuses one without its file")
    func backTest() throws {
        let bytes = try list("5993\n")
        let directory = try directory(try OpenedList(reading: bytes))
        #expect(throws: ListFileError.self) { try JournalTransactions(data: directory.path).lists() }
        _ = try ListFiles(data: directory.path).put(bytes)
        let store = try JournalTransactions(data: directory.path).lists()
        #expect(store["restricted"]?.contains(ListKey(MCC(5_993)), at: .epoch) != nil)
    }
}
