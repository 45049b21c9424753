// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Files that are there whole or not at all, whenever the power fails.
enum DurableFile {
    /// The ending of a file that is being written; one that is found later was never finished.
    static let temporarySuffix = ".partial"

    /// Writes a file under a temporary name, brings it to the disk, and puts it in the place of `path`.
    ///
    /// A failure leaves what was there before, and no temporary file.
    static func replace(_ path: String, with bytes: UnsafeRawBufferPointer) throws(StorageError) {
        let temporary = path + temporarySuffix
        do throws(StorageError) {
            // A leftover may have another mode or be a link: it is never written through.
            _ = unlink(temporary)
            let file = try FileDescriptor(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
            try file.write(bytes)
            try file.synchronise()
            _ = try systemCall("rename", path) { rename(temporary, path) }
        } catch {
            _ = unlink(temporary)
            throw error
        }
        try synchroniseDirectory(of: path)
    }

    /// Reads a whole file, refusing one longer than `bytesMax`.
    static func read(_ path: String, bytesMax: Int) throws -> [UInt8] {
        let file = try FileDescriptor(path, O_RDONLY)
        let size = Int(try file.status().st_size)
        guard size <= bytesMax else { throw StorageError.tooLarge(path: path, bytesMax: bytesMax) }
        var bytes = [UInt8](repeating: 0, count: size)
        let count = try bytes.withUnsafeMutableBytes { buffer in try file.read(into: buffer) }
        bytes.removeSubrange(count...)
        return bytes
    }

    /// Brings the names in a file's directory to the disk: without it a new name may be gone after a power failure.
    static func synchroniseDirectory(of path: String) throws(StorageError) {
        let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try FileDescriptor(parent, O_RDONLY | O_DIRECTORY).synchronise()
    }

    /// Makes an empty file closed to others if there is none, so that SQLite, which takes over the mode of the file
    /// for its log, never opens the data to others.
    static func createIfAbsent(_ path: String) throws(StorageError) {
        do throws(StorageError) {
            try FileDescriptor(path, O_WRONLY | O_CREAT | O_EXCL).synchronise()
            try synchroniseDirectory(of: path)
        } catch .system(_, _, EEXIST) {
            return
        }
    }
}
