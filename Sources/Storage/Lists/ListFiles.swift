// SPDX-License-Identifier: Apache-2.0
import Foundation
import Host
import SecurityTriggers

/// The files of lists: `lists/<SHA-256>.list` in the data directory. The journal names them by their digest and holds
/// nothing else of them.
///
/// A file is named by what it holds, so that it never changes, and one that is put there by another process beside a
/// server in service is in nobody's way. A file that nothing names any more is left where it is: an older snapshot or
/// a restored journal may name it.
public struct ListFiles: Sendable {
    /// The longest file in bytes: 100 million entries with expiries and origins fit.
    public static let bytesMax = 1 << 32

    private let folder: String

    /// - Parameter data: the data directory.
    public init(data: String) { folder = data + "/lists" }

    /// Where the file of a digest lies.
    public func path(of digest: FileDigest) -> String { "\(folder)/\(digest).list" }

    /// Reads a list that lies anywhere, without putting it here.
    ///
    /// - Throws: `StorageError`, `ListError.damaged`.
    public static func open(_ path: String) throws -> (list: OpenedList, bytes: [UInt8]) {
        let bytes = try DurableFile.read(path, bytesMax: bytesMax)
        return (try OpenedList(reading: bytes), bytes)
    }

    /// Puts a list's file here: on the disk, name and all, when this returns. The same file again changes nothing.
    ///
    /// - Throws: `StorageError`, `ListError.damaged` for bytes of no list.
    public func put(_ bytes: [UInt8]) throws -> OpenedList {
        guard bytes.count <= Self.bytesMax else { throw StorageError.tooLarge(path: folder, bytesMax: Self.bytesMax) }
        let opened = try OpenedList(reading: bytes)
        let path = path(of: opened.digest)
        // What lies there under another's name is replaced.
        if let there = try? DurableFile.read(path, bytesMax: Self.bytesMax), FileDigest(of: there) == opened.digest {
            return opened
        }
        try makeFolder()
        try bytes.withUnsafeBytes { buffer in try DurableFile.replace(path, with: buffer) }
        return opened
    }

    /// Reads the file of a digest.
    ///
    /// - Throws: `ListFileError`, `StorageError` where the system does not give it.
    public func read(_ digest: FileDigest) throws -> OpenedList {
        let path = path(of: digest)
        let bytes: [UInt8]
        do { bytes = try DurableFile.read(path, bytesMax: Self.bytesMax) } catch StorageError.system(_, _, ENOENT) {
            throw ListFileError.missing(path: path)
        }
        guard FileDigest(of: bytes) == digest, let opened = try? OpenedList(reading: bytes) else {
            throw ListFileError.damaged(path: path)
        }
        return opened
    }

    private func makeFolder() throws {
        guard !FileManager.default.fileExists(atPath: folder) else { return }
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
            let code = underlying.map { Int32(clamping: $0.code) } ?? ENOTDIR
            throw StorageError.system(operation: "making the folder", path: folder, code: code)
        }
        try DurableFile.synchroniseDirectory(of: folder)
    }
}

/// Why the file of a list that the journal names cannot be used.
public enum ListFileError: Error, Equatable, Sendable, CustomStringConvertible {
    case missing(path: String)
    /// Another digest than the journal names.
    case damaged(path: String)

    public var description: String {
        switch self {
        case .missing(let path): "\(path) is missing"
        case .damaged(let path): "\(path) has another digest than the journal names: it was changed or is damaged"
        }
    }
}
