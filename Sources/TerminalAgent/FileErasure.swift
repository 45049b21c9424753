// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Files that are destroyed rather than forgotten.
///
/// On a journalling file system and a flash translation layer older copies of a block may survive: this is what a file can
/// do, and why the emulated hardware is an emulation.
enum FileErasure {
    /// Overwrites a file where it lies and unlinks it, each step durable before the next. None there: nothing is done.
    static func destroy(_ path: String) throws {
        let file = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return }
            throw failure(path)
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw failure(path) }
        let zeros = [UInt8](repeating: 0, count: Int(status.st_size))
        var done = 0
        while done < zeros.count {
            let count = zeros.withUnsafeBytes { bytes in
                pwrite(file, bytes.baseAddress.map { $0 + done }, zeros.count - done, off_t(done))
            }
            guard count > 0 else { throw failure(path) }
            done += count
        }
        guard fsync(file) == 0, unlink(path) == 0 else { throw failure(path) }
        try synchroniseDirectory(URL(fileURLWithPath: path).deletingLastPathComponent().path)
    }

    /// Without it an old name may be back after a power failure.
    static func synchroniseDirectory(_ path: String) throws {
        let directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw failure(path) }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw failure(path) }
    }

    private static func failure(_ path: String) -> CocoaError {
        CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path])
    }
}
