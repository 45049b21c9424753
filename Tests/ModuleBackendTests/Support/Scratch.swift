// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A directory of a test's own, gone with it. Its path is short: a socket's may have no more than 107 bytes.
final class Scratch {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "tg" + String(UInt32.random(in: .min ... .max), radix: 36)
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

    /// - Returns: what it has written.
    @discardableResult
    static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:]
    ) throws -> String {
        guard let path = path(program) else { throw Failed(program: program, output: "not installed") }
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        // A file, since a program that goes into the background keeps a pipe open.
        let scratch = try Scratch()
        FileManager.default.createFile(atPath: scratch.file("output"), contents: nil)
        let output = try FileHandle(forWritingTo: URL(filePath: scratch.file("output")))
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        process.waitUntilExit()
        let text = try String(contentsOfFile: scratch.file("output"), encoding: .utf8)
        guard process.terminationStatus == 0 else { throw Failed(program: program, output: text) }
        return text
    }
}
