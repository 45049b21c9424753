// SPDX-License-Identifier: Apache-2.0
import Console
import Foundation
import Logging
import ServiceLifecycle
import Synchronization
import Vocabulary

/// Runs `tillguard rules backtest` on the server's journal: a process of its own at the lowest priority, one at a time, ended
/// when it takes too long. Its files lie in a folder of the data directory that goes with it; what it found is kept in memory.
final class BackTestRunner: BackTestPort, Service {
    /// A longer report is none of a back-test.
    static let reportBytesMax = 16 * 1_024 * 1_024

    private struct Memory {
        var state = BackTestState.idle
        var html: [UInt8] = []
        var csv: [UInt8] = []
    }

    private let data: String
    private let executable: String
    private let limit: Duration
    private let logger: Logger
    private let memory = Mutex(Memory())
    private let tasks: AsyncStream<BackTestTask>
    private let queue: AsyncStream<BackTestTask>.Continuation

    private var folder: String { data + "/backtest" }

    /// - Parameters:
    ///   - data: the data directory, whose journal is read.
    ///   - executable: the program itself.
    ///   - limit: how long it may take.
    init(data: String, executable: String = "/proc/self/exe", limit: Duration = .seconds(600), logger: Logger) {
        (self.data, self.executable, self.limit, self.logger) = (data, executable, limit, logger)
        (tasks, queue) = AsyncStream.makeStream()
    }

    func start(_ task: BackTestTask) async -> Bool {
        let isTaken = memory.withLock { memory in
            if case .running = memory.state { return false }
            memory = Memory(state: .running(task))
            return true
        }
        if isTaken { queue.yield(task) }
        return isTaken
    }

    func state() async -> BackTestState { memory.withLock { $0.state } }

    func report(_ form: BackTestForm) async -> [UInt8]? {
        memory.withLock { memory in
            guard case .done = memory.state else { return nil }
            return form == .html ? memory.html : memory.csv
        }
    }

    func run() async throws {
        // What a server that was killed has left.
        clear()
        for await task in tasks.cancelOnGracefulShutdown() {
            let found: Memory
            do { found = try await perform(task) } catch {
                logger.error("a back-test failed", metadata: ["error": "\(error)"])
                found = Memory(state: .failed(task))
            }
            clear()
            memory.withLock { $0 = found }
        }
    }

    private func clear() { try? FileManager.default.removeItem(atPath: folder) }

    private func perform(_ task: BackTestTask) async throws -> Memory {
        clear()
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        let process = Process()
        process.executableURL = URL(filePath: executable)
        process.arguments = try arguments(task)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try file("report.json")
        process.standardError = try file("errors.txt")
        try process.run()
        // It has one thread yet, and those to come inherit this: traffic goes first.
        setpriority(Int32(PRIO_PROCESS.rawValue), id_t(process.processIdentifier), 19)
        guard await isFinished(process) else { return Memory(state: .tooLong(task)) }
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            let said = try contents("errors.txt").prefix(1_024)
            throw DeploymentError.refused(String(decoding: said, as: UTF8.self))
        }
        let figures = try JSON(parsing: contents("report.json"))
        return Memory(
            state: .done(task, figures), html: try contents("report.html"), csv: try contents("report.csv"))
    }

    private func arguments(_ task: BackTestTask) throws -> [String] {
        var arguments = [
            "rules", "backtest", "--json", "--journal", data, "--html", folder + "/report.html", "--csv",
            folder + "/report.csv", "--rules", folder + "/candidate.rules",
        ]
        try Data(task.candidate.utf8).write(to: URL(filePath: folder + "/candidate.rules"))
        if let present = task.present {
            try Data(present.utf8).write(to: URL(filePath: folder + "/present.rules"))
            arguments += ["--present", folder + "/present.rules"]
        }
        return arguments
    }

    /// - Returns: false when it was ended: it took too long, or the server stops.
    private func isFinished(_ process: Process) async -> Bool {
        let end = ContinuousClock.now + limit
        var isEnded = false
        while process.isRunning {
            if !isEnded, ContinuousClock.now >= end || Task.isCancelled || Task.isShuttingDownGracefully {
                kill(process.processIdentifier, SIGKILL)
                isEnded = true
            }
            // Cancelled, this waits no more; the process is gone in a moment.
            try? await Task.sleep(for: .milliseconds(50))
        }
        return !isEnded
    }

    private func file(_ name: String) throws -> FileHandle {
        let path = folder + "/" + name
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw DeploymentError.refused("\(path) cannot be written") }
        return handle
    }

    private func contents(_ name: String) throws -> [UInt8] {
        let handle = try FileHandle(forReadingFrom: URL(filePath: folder + "/" + name))
        defer { try? handle.close() }
        let bytes = try handle.read(upToCount: Self.reportBytesMax + 1) ?? Data()
        guard bytes.count <= Self.reportBytesMax else { throw DeploymentError.refused("\(name) is too long") }
        return Array(bytes)
    }
}
