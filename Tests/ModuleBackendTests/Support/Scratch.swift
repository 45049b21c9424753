// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A directory of a test's own, gone with it. Its path is short: a socket's may have no more than 107 bytes.
final class Scratch {
    let path: String

    /// In memory where there is such a place: thousands of files are brought to the disk here, one step at a time.
    static let base: String =
        FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm/" : NSTemporaryDirectory()

    init() throws {
        path = Self.base + "tg" + String(UInt32.random(in: .min ... .max), radix: 36)
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }
}

/// A program of the system, run to its end.
enum Tool {
    struct Failed: Error {
        var program: String
        var output: String
    }

    static func path(_ program: String) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        return (folders + ["/usr/bin", "/bin"]).map { $0 + "/" + program }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Spawned without Foundation's `Process`, which waits for a daemon as long as it lives.
    ///
    /// - Returns: what it has written.
    @discardableResult
    static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:]
    ) throws -> String {
        guard let path = path(program) else { throw Failed(program: program, output: "not installed") }
        let scratch = try Scratch()
        let output = scratch.file("output")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }.map { "\($0)=\($1)" }
        let words = ([path] + arguments).map { strdup($0) } + [nil]
        let settings = variables.map { strdup($0) } + [nil]
        defer { for word in words + settings { free(word) } }
        var process: pid_t = 0
        var status: Int32 = 0
        guard posix_spawn(&process, path, &actions, nil, words, settings) == 0, waitpid(process, &status, 0) == process
        else { throw Failed(program: program, output: "not started") }
        let text = try String(contentsOfFile: output, encoding: .utf8)
        guard status == 0 else { throw Failed(program: program, output: text) }
        return text
    }
}
