// SPDX-License-Identifier: Apache-2.0
import Foundation
import ModuleProtocol
import ModuleWire
import Testing

@testable import ModuleServer

/// A module's process as it ships: shut off, stopped, killed, hung, and looked after.
@Suite("Module's process")
struct ProcessTests {
    private static let eager = ModulePatience(
        connectMilliseconds: 10_000, answerMilliseconds: 10_000, retryMilliseconds: 0...0)

    /// Lines of `/proc/PID/status` by their names.
    private static func status(_ process: Int32) throws -> [Substring: String] {
        let text = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        return Dictionary(
            text.split(separator: "\n").compactMap { line in
                let parts = line.split(separator: ":", maxSplits: 1)
                return parts.count == 2 ? (parts[0], parts[1].trimmingCharacters(in: .whitespaces)) : nil
            }, uniquingKeysWith: { one, _ in one })
    }

    @Test("it says, and the kernel says, that it is filtered, gains no rights, writes no cores and lets nobody look in")
    func isShutOff() throws {
        let scratch = try Scratch()
        let process = try Worker.start(scratch.socket) { _ in }
        defer { process.stop() }
        let own = try RemoteHostModule(at: scratch.socket).status()
        let id = try require(process.processID)
        #expect(own.processID == UInt32(id))
        #expect(own.isFiltered && own.hasNoNewPrivileges && !own.isDumpable && !own.writesCores)
        let status = try Self.status(id)
        #expect(status["Seccomp"] == "2")
        #expect(status["NoNewPrivs"] == "1")
        let limits = try String(contentsOfFile: "/proc/\(id)/limits", encoding: .utf8)
        let cores = try require(limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") })
        #expect(cores.split(separator: " ").filter { $0 == "0" }.count == 2)
        if own.lockedMemory == .all { #expect(status["VmLck"] != "0 kB") }
        // A process that is not dumpable is root's in the kernel's eyes, so that another of its user opens nothing of it.
        let owner = try FileManager.default.attributesOfItem(atPath: "/proc/\(id)/mem")[.ownerAccountID] as? Int
        #expect(owner == 0)
        if geteuid() != 0 { #expect(FileHandle(forReadingAtPath: "/proc/\(id)/mem") == nil) }
    }

    @Test("every call that it has no need of fails, and what the runtime needs does not")
    func forbiddenCalls() throws {
        let scratch = try Scratch()
        let process = Process()
        process.executableURL = URL(filePath: try Worker.path())
        process.arguments = ["probe", scratch.socket, "1"]
        let output = Pipe()
        process.standardInput = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: try require(try output.fileHandleForReading.readToEnd()), as: UTF8.self)
        process.waitUntilExit()
        let lines = text.split(separator: "\n").dropFirst()
        #expect(text.hasPrefix(ModuleHouse.ready) && lines.count == 16)
        for line in lines { #expect(line.hasPrefix("refused: ")) }
    }

    @Test("killed, it is started again and serves the same keys; the third end in ten minutes is the last")
    func killed() throws {
        let scratch = try Scratch()
        let heard = Heard()
        let process = try Worker.start(scratch.socket) { heard.hear($0) }
        defer { process.stop() }
        let module = RemoteHostModule(at: scratch.socket, patience: Self.eager)
        let nonce = try module.nonce([1])
        for _ in 0..<2 {
            kill(try require(process.processID), SIGKILL)
            // Its end, and the next one's beginning.
            try heard.next()
            try heard.next()
            #expect(try module.nonce([1]) == nonce)
        }
        kill(try require(process.processID), SIGKILL)
        try heard.next()
        try heard.next()
        #expect(heard.all.last == .givenUp)
        #expect(throws: ModuleUnavailable.away) { try module.nonce([1]) }
        #expect(process.processID == nil)
    }

    @Test(
        "stopped, it is late to its client; going on, it is found again; stopped for good, it is ended and started anew"
    )
    func hung() throws {
        let scratch = try Scratch()
        let heard = Heard()
        let process = try Worker.start(scratch.socket, watch: 200) { heard.hear($0) }
        defer { process.stop() }
        let module = RemoteHostModule(
            at: scratch.socket,
            patience: ModulePatience(connectMilliseconds: 10_000, answerMilliseconds: 20, retryMilliseconds: 0...0))
        let nonce = try RemoteHostModule(at: scratch.socket).nonce([1])
        let id = try require(process.processID)
        _ = try? module.nonce([1])
        kill(id, SIGSTOP)
        #expect(throws: ModuleUnavailable.late) { try module.nonce([1]) }
        // Signals to a whole group are for whoever looks after it.
        for group in [SIGINT, SIGTERM, SIGHUP] { kill(id, group) }
        kill(id, SIGCONT)
        let patient = RemoteHostModule(at: scratch.socket, patience: Self.eager)
        #expect(try patient.nonce([1]) == nonce)
        kill(id, SIGSTOP)
        for _ in 0..<3 { try heard.next() }
        #expect(heard.all.first == .killed)
        #expect(try patient.nonce([1]) == nonce)
        #expect(process.processID != id)
    }

    @Test("it ends when whoever started it is gone, and a program that never is ready is not started")
    func ends() throws {
        let scratch = try Scratch()
        let process = try Worker.start(scratch.socket) { _ in }
        let id = try require(process.processID)
        process.stop()
        #expect(kill(id, 0) != 0 && errno == ESRCH)
        for path in ["/bin/true", scratch.path + "/none"] {
            let program = ModuleProcess.Program(path: path, arguments: ["none"], socket: scratch.socket)
            #expect(throws: ModuleProcess.StartError.self) { try ModuleProcess.start(program) { _ in } }
        }
    }

    @Test("ends are counted within ten minutes: the second waits a second, the third is the last")
    func policy() {
        func moment(_ seconds: Int64) -> Monotonic { Monotonic(milliseconds: seconds * 1_000) }
        var policy = RestartPolicy()
        #expect(policy.ended(at: moment(0)) == .start(afterMilliseconds: 0))
        #expect(policy.ended(at: moment(300)) == .start(afterMilliseconds: 1_000))
        #expect(policy.ended(at: moment(601)) == .start(afterMilliseconds: 1_000))
        #expect(policy.ended(at: moment(900)) == .giveUp)
    }
}
