// SPDX-License-Identifier: Apache-2.0
import Foundation
import Host
import SecurityTriggers
import Testing
import Vocabulary

@testable import Storage

/// The files of lists beside the journal: named by what they hold, whole or not there.
@Suite("Files of lists")
struct ListFilesTests {
    private func bytes(_ values: String) throws -> [UInt8] {
        var importer = try ListImporter(
            name: "hot", kind: .mcc, origin: ListOrigin(source: "test", reason: "")
        ) { _ in CardKey(high: 0, low: 0) }
        importer.add(Array(values.utf8))
        return importer.finish().list.bytes
    }

    @Test("a file is found by its digest, is put once, and leaves nothing else behind")
    func roundTrip() throws {
        let directory = try TemporaryDirectory()
        let files = ListFiles(data: directory.path)
        let bytes = try bytes("5411\n5993\n")
        let opened = try files.put(bytes)
        #expect(opened.digest == FileDigest(of: bytes) && opened.list.importedCount == 2)
        #expect(try files.put(bytes) == opened)
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.file("lists"))
        #expect(names == ["\(opened.digest).list"])
        let read = try files.read(opened.digest)
        #expect(read == opened && read.list.contains(ListKey(MCC(5_993)), at: .epoch) != nil)
        #expect(try ListFiles.open(files.path(of: opened.digest)).bytes == bytes)
    }

    @Test("a file that is missing, changed, or another's is refused by its path, and put again it is whole")
    func damaged() throws {
        let directory = try TemporaryDirectory()
        let files = ListFiles(data: directory.path)
        let bytes = try bytes("5411\n")
        let digest = FileDigest(of: bytes)
        let path = files.path(of: digest)
        #expect(throws: ListFileError.missing(path: path)) { try files.read(digest) }
        _ = try files.put(bytes)
        for other in [Array(bytes.dropLast()), try self.bytes("5412\n"), []] {
            try Data(other).write(to: URL(filePath: path))
            #expect(throws: ListFileError.damaged(path: path)) { try files.read(digest) }
        }
        _ = try files.put(bytes)
        #expect(try files.read(digest).digest == digest)
    }

    @Test("what is no list's file is not put there")
    func unsound() throws {
        let directory = try TemporaryDirectory()
        let files = ListFiles(data: directory.path)
        #expect(throws: ListError.self) { try files.put(Array("nonsense".utf8)) }
        #expect(try directory.names().isEmpty)
    }
}
