// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization
import Vocabulary

/// A server of the run: the real program with `serve`, on free ports and a data directory of its own.
package final class ServerProcess: Sendable {
    /// The name of the rule file in a server's folder.
    static let rulesFile = "demo.rules"
    private static let startSeconds = 30
    private static let stopSeconds = 8

    let name: String
    /// Holds the data directory, the rule file and the log.
    let folder: String
    let identifier: Int32
    private let printed: Printed
    private let terminalPort: Mutex<Int>
    private let webPort: Mutex<Int>

    package var data: String { folder + "/data" }
    var rules: String { folder + "/" + Self.rulesFile }
    package var port: Int { terminalPort.withLock { $0 } }
    package var consolePort: Int { webPort.withLock { $0 } }
    package var lines: [JSON] { printed.lines }

    /// Starts the program; `waitUntilReady` says when it listens.
    /// - Parameters:
    ///   - executable: the program; it is started with `serve`.
    ///   - options: more of its options.
    package init(
        _ name: String, executable: String, folder: String, rulesText: String, origin: String, options: [String] = []
    ) throws {
        self.name = name
        self.folder = folder
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try Data(rulesText.utf8).write(to: URL(filePath: folder + "/" + Self.rulesFile))
        let log = folder + "/server.log"
        guard FileManager.default.createFile(atPath: log, contents: nil),
            let errors = FileHandle(forWritingAtPath: log)
        else { throw DemoError.noServer("\(log) cannot be written") }

        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: executable)
        process.arguments =
            [
                "serve", "--data", folder + "/data", "--port", "0", "--console-port", "0", "--json", "--quiet",
                "--rules",
                folder + "/" + Self.rulesFile, "--unattended-rules", "--origin", origin, "--log-level", "debug",
            ] + options
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = errors
        let printed = Printed()
        pipe.fileHandleForReading.readabilityHandler = { handle in
            let bytes = handle.availableData
            if bytes.isEmpty { handle.readabilityHandler = nil } else { printed.take(Array(bytes)) }
        }
        do { try process.run() } catch { throw DemoError.noServer("\(error)") }
        self.printed = printed
        identifier = process.processIdentifier
        terminalPort = Mutex(0)
        webPort = Mutex(0)
    }

    /// Waits for the line that says where it listens.
    package func waitUntilReady() throws {
        for _ in 0..<Self.startSeconds * 50 {
            if let started = lines.first(where: { $0["event"]?.string == "started" }) {
                terminalPort.withLock { $0 = Int(started["terminals"]?.integer ?? 0) }
                webPort.withLock { $0 = Int(started["console"]?.integer ?? 0) }
                return
            }
            guard isRunning else { break }
            Pause.milliseconds(20)
        }
        let log = (try? String(contentsOfFile: folder + "/server.log", encoding: .utf8)) ?? ""
        throw DemoError.noServer(
            isRunning ? "it printed no ports" : log.split(separator: "\n").last.map(String.init) ?? "")
    }

    private var isRunning: Bool { kill(identifier, 0) == 0 }

    /// Asks it to stop, and makes it if it does not. Safe to call twice.
    package func stop() {
        guard isRunning else { return }
        kill(identifier, SIGTERM)
        for _ in 0..<Self.stopSeconds * 50 where isRunning { Pause.milliseconds(20) }
        if isRunning { kill(identifier, SIGKILL) }
    }
}

/// What a server prints, line by line.
private final class Printed: Sendable {
    private struct State {
        var pending: [UInt8] = []
        var lines: [JSON] = []
    }
    private let state = Mutex(State())

    var lines: [JSON] { state.withLock { $0.lines } }

    func take(_ bytes: [UInt8]) {
        state.withLock { state in
            state.pending += bytes
            while let end = state.pending.firstIndex(of: 0x0A) {
                if let line = try? JSON(parsing: Array(state.pending[..<end])) { state.lines.append(line) }
                state.pending.removeFirst(end + 1)
            }
        }
    }
}

/// Waiting, in a program that has nothing else to do meanwhile.
package enum Pause {
    package static func milliseconds(_ count: Int) { Thread.sleep(forTimeInterval: Double(count) / 1_000) }
}
