// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization
import Testing
import Vocabulary

/// The built program as a process of its own.
///
/// What it says goes to files: a pipe that another child has inherited would not end with the one it belongs to.
final class Child: Sendable {
    struct NotStarted: Error {
        var code: Int32
    }

    private enum Ending: Equatable {
        case exit(Int32)
        case signal(Int32)
    }

    private let pid: pid_t
    var processID: Int32 { pid }
    private let said: TemporaryDirectory
    private let ending = Mutex<Ending?>(nil)

    /// Beside the test bundle.
    static let program: String = {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { readlink("/proc/self/exe", $0, bytes.count) } ?? 0
        }
        let bundle = URL(filePath: String(decoding: buffer[..<max(0, count)], as: UTF8.self))
        return bundle.deletingLastPathComponent().appending(path: "tillguard").path
    }()

    /// - Parameter limits: shell commands that set limits before the program takes the process over.
    init(_ arguments: [String], directory: String = "/tmp", limits: String = "") throws {
        said = try TemporaryDirectory()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let flags = O_WRONLY | O_CREAT | O_TRUNC
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, said.file("output"), flags, 0o600)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, said.file("errors"), flags, 0o600)
        Self.closeInherited(&actions)
        let script = "cd '\(directory)' && \(limits) exec \"$0\" \"$@\""
        let words = ["sh", "-c", script, Self.program] + arguments
        var list: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in list { free(argument) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, "/bin/sh", &actions, nil, &list, environ)
        guard code == 0 else { throw NotStarted(code: code) }
        self.pid = pid
    }

    /// A child that held this process's sockets would go on listening where a test has stopped to. The function is GNU's
    /// and not among those that Swift imports.
    private static func closeInherited(_ actions: inout posix_spawn_file_actions_t) {
        typealias CloseFrom = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
        guard let symbol = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") else { return }
        _ = unsafeBitCast(symbol, to: CloseFrom.self)(&actions, 3)
    }

    deinit {
        if isRunning {
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
        }
    }

    private func read(_ name: String) -> String {
        FileManager.default.contents(atPath: said.file(name)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    var output: String { read("output") }
    var errors: String { read("errors") }
    /// Whole lines only.
    var events: [JSON] {
        output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            .compactMap { try? JSON(parsing: Array($0.utf8)) }
    }

    private var end: Ending? {
        ending.withLock { ending in
            guard ending == nil else { return ending }
            var status: Int32 = 0
            guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
            ending = status & 0x7F == 0 ? .exit(status >> 8 & 0xFF) : .signal(status & 0x7F)
            return ending
        }
    }

    var isRunning: Bool { end == nil }

    func interrupt() { kill(pid, SIGINT) }

    /// Memory that it occupies, in KiB; 0 when it has ended.
    var residentKiB: Int {
        let words = (try? String(contentsOfFile: "/proc/\(pid)/statm", encoding: .utf8))?.split(separator: " ") ?? []
        return words.count > 1 ? (Int(words[1]) ?? 0) * 4 : 0
    }

    /// Files and sockets that it holds open.
    var openFiles: Int { (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count) ?? 0 }

    func killAtOnce() { kill(pid, SIGKILL) }

    /// The exit code; nil for a process that a signal ended.
    func exit() async throws -> Int32? {
        try await eventually("the end of the process; it said: \(output) \(errors)") { !isRunning }
        guard case .exit(let code) = end else { return nil }
        return code
    }

    /// The first event that fits, on a server started with `--json`.
    func event(_ name: String, where fits: (JSON) -> Bool = { _ in true }) async throws -> JSON {
        var found: JSON?
        try await eventually("the event \(name)") {
            let hasEnded = !isRunning
            found = events.first { $0["event"]?.string == name && fits($0) }
            if found == nil, hasEnded { throw NotInTime(what: "\(name) of a process that said: \(errors)") }
            return found != nil
        }
        return try #require(found)
    }

    /// Runs a command to its end.
    static func run(_ arguments: [String], directory: String = "/tmp") async throws -> (code: Int32?, child: Child) {
        let child = try Child(arguments, directory: directory)
        return (try await child.exit(), child)
    }
}
