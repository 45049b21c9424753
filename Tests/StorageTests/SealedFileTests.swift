// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import Storage

struct SealedFileTests {
    let temporary: TemporaryDirectory
    var path: String { temporary.file("key") }
    init() throws { temporary = try TemporaryDirectory() }

    @Test func `what is written is read, closed to others, and replaced whole`() throws {
        #expect(try SealedFile.read(path) == nil)
        try SealedFile.write([1, 2, 3], to: path)
        #expect(try SealedFile.read(path) == [1, 2, 3])
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        try SealedFile.write([], to: path)
        #expect(try SealedFile.read(path) == [])
        #expect(try temporary.names() == ["key"])
    }

    @Test(arguments: [0o640, 0o604, 0o620, 0o601])
    func `a file open to others is refused`(mode: Int) throws {
        try SealedFile.write([1], to: path)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        #expect(throws: StorageError.exposed(path: path)) { try SealedFile.read(path) }
    }

    @Test func `a link in the file's place is not followed for reading and is replaced by writing`() throws {
        let target = temporary.file("target")
        try SealedFile.write([7], to: target)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
        #expect(throws: StorageError.self) { try SealedFile.read(path) }
        try SealedFile.write([8], to: path)
        #expect(try SealedFile.read(target) == [7])
        #expect(try SealedFile.read(path) == [8])
    }

    @Test func `a link left under the temporary name is not written through`() throws {
        let target = temporary.file("target")
        try SealedFile.write([7], to: target)
        try FileManager.default.createSymbolicLink(
            atPath: path + DurableFile.temporarySuffix, withDestinationPath: target)
        try SealedFile.write([8], to: path)
        #expect(try SealedFile.read(target) == [7])
        #expect(try SealedFile.read(path) == [8])
    }

    @Test func `a file has a longest length`() throws {
        try SealedFile.write([UInt8](repeating: 1, count: SealedFile.bytesMax), to: path)
        #expect(try SealedFile.read(path)?.count == SealedFile.bytesMax)
        #expect(throws: StorageError.tooLarge(path: path, bytesMax: SealedFile.bytesMax)) {
            try SealedFile.write([UInt8](repeating: 2, count: SealedFile.bytesMax + 1), to: path)
        }
        #expect(try SealedFile.read(path)?.first == 1)
        try DurableFile.grow(path)
        #expect(throws: StorageError.tooLarge(path: path, bytesMax: SealedFile.bytesMax)) { try SealedFile.read(path) }
    }

    @Test func `a failed write leaves the old file and no partial one`() throws {
        try FileManager.default.createDirectory(atPath: path + "/x", withIntermediateDirectories: true)
        #expect(throws: StorageError.self) { try SealedFile.write([1], to: path) }
        #expect(try temporary.names() == ["key"])
        #expect(throws: StorageError.system(operation: "open", path: temporary.file("no/key.partial"), code: ENOENT)) {
            try SealedFile.write([1], to: temporary.file("no/key"))
        }
    }

    @Test func `an error of the reader's body comes through`() throws {
        try SealedFile.write([1], to: path)
        #expect(throws: CancellationError.self) {
            try SealedFile.read(path) { _ in throw CancellationError() }
        }
    }
}

extension DurableFile {
    /// Adds a byte behind everybody's back.
    static func grow(_ path: String) throws {
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data([1]))
        try handle.close()
    }
}
