// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Small files closed to all but their owner (mode 0600), replaced whole: sealed keys, configuration.
public enum SealedFile {
    /// The longest file in bytes.
    public static let bytesMax = 1_024 * 1_024

    /// Writes or replaces a file; after a failure the old one stands.
    ///
    /// - Throws: `StorageError.tooLarge` or `.system`.
    public static func write(_ bytes: UnsafeRawBufferPointer, to path: String) throws {
        guard bytes.count <= bytesMax else { throw StorageError.tooLarge(path: path, bytesMax: bytesMax) }
        try DurableFile.replace(path, with: bytes)
    }

    /// Writes or replaces a file that holds no secret in clear; after a failure the old one stands.
    public static func write(_ bytes: [UInt8], to path: String) throws {
        try bytes.withUnsafeBytes { buffer in try write(buffer, to: path) }
    }

    /// Reads a file into memory that is wiped when `body` returns; for secrets.
    ///
    /// - Returns: what `body` returns; nil if there is no such file.
    /// - Throws: `StorageError.exposed` if others can read or write it, `.tooLarge`, `.system`, and what `body` throws.
    public static func read<Value>(
        _ path: String, _ body: (UnsafeRawBufferPointer) throws -> Value
    ) throws -> Value? {
        let file: FileDescriptor
        do throws(StorageError) {
            file = try FileDescriptor(path, O_RDONLY | O_NOFOLLOW)
        } catch .system(_, _, ENOENT) {
            return nil
        }
        let status = try file.status()
        guard status.st_mode & 0o077 == 0, status.st_uid == geteuid() else { throw StorageError.exposed(path: path) }
        let size = Int(status.st_size)
        guard size <= bytesMax else { throw StorageError.tooLarge(path: path, bytesMax: bytesMax) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(size, 1), alignment: 1)
        defer {
            if let start = buffer.baseAddress { explicit_bzero(start, buffer.count) }
            buffer.deallocate()
        }
        let count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<size]))
        return try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }

    /// Reads a file that holds no secret in clear.
    public static func read(_ path: String) throws -> [UInt8]? {
        try read(path) { Array($0) }
    }
}
