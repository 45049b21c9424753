// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A directory of a test's own, gone with it. Its path is short: a socket's may have no more than 107 bytes.
final class Scratch: Sendable {
    let path: String

    init() throws {
        let base = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm/" : NSTemporaryDirectory()
        path = base + "tg" + String(UInt32.random(in: .min ... .max), radix: 36)
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var socket: String { path + "/module.sock" }
}

struct Missing: Error {}

func require<T: ~Copyable>(_ value: consuming T?) throws -> T {
    guard let value else { throw Missing() }
    return value
}
