// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Vocabulary

/// The built program, run to its end.
struct Program {
    var code: Int32
    var output: String
    var errors: String

    struct NotStarted: Error {
        var code: Int32
    }

    /// A program beside the test bundle.
    static func path(_ name: String) -> String {
        let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(filePath: bundle).deletingLastPathComponent().appending(path: name).path
    }

    /// The project's own folder.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Runs `tillguard crypto`.
    ///
    /// - Parameter input: what the standard input holds.
    static func crypto(_ arguments: [String], input: String = "") throws -> Program {
        try run(["crypto"] + arguments, input: input)
    }

    /// As above, with the words of a line; for arguments without spaces.
    static func crypto(_ line: String, input: String = "") throws -> Program {
        try crypto(line.split(separator: " ").map(String.init), input: input)
    }

    static func run(
        _ arguments: [String], input: String = "", of name: String = "tillguard"
    ) throws -> Program {
        let path = path(name)
        let folder = try Folder()
        try Data(input.utf8).write(to: URL(filePath: folder.file("input")))
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let flags = O_WRONLY | O_CREAT | O_TRUNC
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, folder.file("input"), O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, folder.file("output"), flags, 0o600)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, folder.file("errors"), flags, 0o600)
        var list: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for argument in list { free(argument) } }
        var pid: pid_t = 0
        let started = posix_spawn(&pid, path, &actions, nil, &list, environ)
        guard started == 0 else { throw NotStarted(code: started) }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        let code = status & 0x7F == 0 ? status >> 8 & 0xFF : -(status & 0x7F)
        return Program(code: code, output: try folder.read("output"), errors: try folder.read("errors"))
    }

    /// The one JSON object or array that was printed.
    var json: JSON {
        get throws {
            let lines = output.split(separator: "\n")
            #expect(lines.count == 1, "\(output)")
            return try JSON(parsing: Array((lines.first ?? "").utf8))
        }
    }
}

/// A directory that goes with its owner.
final class Folder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "tillguard-command-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    /// - Returns: the path.
    func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: URL(filePath: file(name)))
        return file(name)
    }

    func read(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: file(name))), as: UTF8.self)
    }
}

/// One known answer of Tests/Vectors/crypto.
struct Vector: Sendable, CustomTestStringConvertible {
    var json: JSON

    var id: String { json["id"]?.string ?? "?" }
    var operation: String { json["op"]?.string ?? "?" }
    var testDescription: String { "\(id) \(operation)" }

    func has(_ name: String) -> Bool { json["inputs"]?[name] != nil }

    /// An input as the command line takes it.
    func input(_ name: String) -> String {
        guard let value = json["inputs"]?[name] else { return "" }
        return value.string ?? value.text
    }

    func expected(_ name: String) -> String? {
        guard let value = json["expected"]?[name] else { return nil }
        return value.string ?? value.text
    }

    /// Those of a file, of one operation or of all.
    static func all(_ file: String, _ operations: String...) -> [Vector] {
        let url = Program.root.appending(path: "Tests/Vectors/crypto/\(file).json")
        guard let data = try? Data(contentsOf: url), let json = try? JSON(parsing: [UInt8](data)) else { return [] }
        let vectors = (json["vectors"]?.array ?? []).map { Vector(json: $0) }
        return operations.isEmpty ? vectors : vectors.filter { operations.contains($0.operation) }
    }
}
