// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The one directory that holds all data of a server, locked for as long as this value lives.
///
/// The lock is `flock` on a file named `lock`: the kernel drops it when the process ends, however it ends, so there
/// is never a stale lock to remove. Every store keeps its directory alive.
public final class DataDirectory: Sendable {
    /// The directory's path.
    public let path: String
    private let lock: FileDescriptor

    /// Opens a directory, makes it if it is absent (mode 0700), and locks it.
    ///
    /// - Throws: `StorageError.directoryInUse` if it is open already, `.system` if it cannot be made or written.
    public init(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
            // Foundation gives no number where a file stands in the way.
            let code = underlying.map { Int32(clamping: $0.code) } ?? ENOTDIR
            throw StorageError.system(operation: "making the data directory", path: path, code: code)
        }
        self.path = path
        lock = try FileDescriptor(path + "/lock", O_RDWR | O_CREAT)
        guard try lock.lockExclusively() else {
            throw StorageError.directoryInUse(path: path, process: Self.holder(lock))
        }
        try lock.truncate()
        try Array("\(getpid())\n".utf8).withUnsafeBytes { bytes in try lock.write(bytes) }
    }

    /// Gives the lock up once everything in the directory is closed, although stores may not have gone yet: whoever
    /// waited for the end of this server can open the directory at once.
    public func unlock() { lock.unlock() }

    /// The path of a file in the directory.
    func file(_ name: String) -> String { path + "/" + name }

    /// The process that wrote its number into the lock file.
    private static func holder(_ lock: FileDescriptor) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 16)
        guard let count = try? bytes.withUnsafeMutableBytes({ buffer in try lock.read(into: buffer) }) else {
            return nil
        }
        return Int32(String(decoding: bytes[..<count], as: UTF8.self).trimmingCharacters(in: .newlines))
    }
}
