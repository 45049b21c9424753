// SPDX-License-Identifier: Apache-2.0
import Foundation

/// An open file of the operating system, closed when it goes.
final class FileDescriptor: Sendable {
    let number: Int32
    let path: String

    /// Opens a file; it is not handed on to child processes.
    init(_ path: String, _ flags: Int32, mode: mode_t = 0o600) throws(StorageError) {
        number = try systemCall("open", path) { open(path, flags | O_CLOEXEC, mode) }
        self.path = path
    }

    deinit {
        // What had to reach the disk was fsynced, whose result counts; a close has nothing more to say.
        _ = close(number)
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            done += try systemCall("write", path) { Foundation.write(number, rest.baseAddress, rest.count) }
        }
    }

    /// Reads until the end or until the buffer is full.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(StorageError) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = try systemCall("read", path) { Foundation.read(number, rest.baseAddress, rest.count) }
            if count == 0 { break }
            done += count
        }
        return done
    }

    func status() throws(StorageError) -> stat {
        var status = stat()
        _ = try systemCall("stat", path) { fstat(number, &status) }
        return status
    }

    /// Locks the file for this opening alone.
    ///
    /// - Returns: false if another opening, of this process or another, holds the lock.
    func lockExclusively() throws(StorageError) -> Bool {
        do throws(StorageError) {
            _ = try systemCall("flock", path) { flock(number, LOCK_EX | LOCK_NB) }
            return true
        } catch {
            guard case .system(_, _, EWOULDBLOCK) = error else { throw error }
            return false
        }
    }

    func unlock() {
        // Cannot fail on an open file; and if it did, the lock would go with the file.
        _ = flock(number, LOCK_UN)
    }

    /// Makes the file empty.
    func truncate() throws(StorageError) {
        _ = try systemCall("truncate", path) { ftruncate(number, 0) }
    }

    /// Waits until the file is on the disk.
    func synchronise() throws(StorageError) {
        _ = try systemCall("fsync", path) { fsync(number) }
    }
}

/// Runs a call that answers -1 on failure, again if a signal interrupted it.
func systemCall<Answer: FixedWidthInteger & SignedInteger>(
    _ operation: String, _ path: String, _ call: () -> Answer
) throws(StorageError) -> Answer {
    while true {
        let answer = call()
        if answer >= 0 { return answer }
        let code = errno
        if code != EINTR { throw .system(operation: operation, path: path, code: code) }
    }
}
