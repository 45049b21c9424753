// SPDX-License-Identifier: Apache-2.0
import Glibc
import ModuleProtocol
import ModuleServer
import ModuleServerFixture
import ModuleWire
import PaymentCryptography
import SecurityModule
import Vocabulary

/// The host's module in a process of its own, through its socket. By the clock on the wall: two processes take turns, and what
/// counts is what comes out.
struct SocketBench {
    static let seed: UInt64 = 1
    private static let inFlight = 32
    private static let rounds = 5
    private static let messages = 16_384

    private let path: String
    private let process: ModuleProcess
    private let module: RemoteHostModule

    init() throws {
        path = "/tmp/tillguard-bench-\(getpid()).sock"
        let folder = try Self.ownFolder().orFail("the program's own folder")
        let program = ModuleProcess.Program(
            path: folder + "/ModuleServerWorker",
            arguments: ["ModuleServerWorker", "serve", path, String(Self.seed)], socket: path)
        process = try ModuleProcess.start(program) { _ in }
        module = RemoteHostModule(at: path)
        let memory = try module.status().lockedMemory
        let line: JSON = ["socket": .string("ready"), "lockedMemory": .string("\(memory)")]
        print(line.text)
    }

    func end() {
        process.stop()
        unlink(path)
    }

    private static func ownFolder() -> String? {
        var room = [CChar](repeating: 0, count: 4_096)
        let count = readlink("/proc/self/exe", &room, room.count - 1)
        guard count > 0 else { return nil }
        let path = room[..<count].map { UInt8(bitPattern: $0) }
        return path.lastIndex(of: UInt8(ascii: "/")).map { String(decoding: path[..<$0], as: UTF8.self) }
    }

    /// - Parameters:
    ///   - commands: with a PIN each that is right.
    ///   - filter: only operations whose names contain it.
    func measure(_ profile: KeyProfile, _ commands: [OpenCommand], _ seals: [SealCommand], filter: String) throws {
        let batches = stride(from: 0, to: commands.count, by: Self.inFlight).map { start in
            start..<min(start + Self.inFlight, commands.count)
        }
        let questions = batches.map { Array(commands[$0]) }
        let answers = batches.map { Array(seals[$0]) }
        try run("socket_open_pvv_batch_of_32_\(profile)", filter, messagesEach: Self.inFlight) { turn in
            let verdicts = try module.open(questions[turn % questions.count])
            guard verdicts.allSatisfy({ $0.pin == .right }) else { throw BenchError(what: "another verdict") }
        }
        try run("socket_open_and_seal_batch_of_32_\(profile)", filter, messagesEach: Self.inFlight) { turn in
            _ = try module.open(questions[turn % questions.count])
            _ = try module.seal(answers[turn % answers.count])
        }
        try run("socket_open_pvv_alone_\(profile)", filter, messagesEach: 1) { turn in
            let command = commands[turn % commands.count]
            guard try module.open([command])[0].pin == .right else { throw BenchError(what: "another verdict") }
        }
        let name = "socket_open_pvv_32_frames_in_flight_\(profile)"
        guard filter.isEmpty || name.contains(filter) else { return }
        let frames = commands.enumerated().map { WireRequest.open([$1]).frame(UInt32($0)).encoded() }
        let line = try PipelinedLine(path)
        _ = try line.run(frames, count: Self.messages, inFlight: Self.inFlight)
        var best = 0.0
        var times: [Double] = []
        for _ in 0..<Self.rounds {
            let start = Self.now()
            times = try line.run(frames, count: Self.messages, inFlight: Self.inFlight)
            best = max(best, Double(Self.messages) / (Self.now() - start))
        }
        tell(name, best, times)
    }

    private func run(
        _ name: String, _ filter: String, messagesEach: Int, _ step: (Int) throws -> Void
    ) throws {
        guard filter.isEmpty || name.contains(filter) else { return }
        let turns = Self.messages / messagesEach
        for turn in 0..<turns { try step(turn) }
        var best = 0.0
        var times: [Double] = []
        for _ in 0..<Self.rounds {
            times = []
            let start = Self.now()
            for turn in 0..<turns {
                let began = Self.now()
                try step(turn)
                times.append(Self.now() - began)
            }
            best = max(best, Double(turns * messagesEach) / (Self.now() - start))
        }
        tell(name, best, times)
    }

    private func tell(_ name: String, _ perSecond: Double, _ times: [Double]) {
        let sorted = times.sorted()
        let line: JSON = [
            "operation": .string(name), "perSecond": .integer(Int64(perSecond)),
            "p50": .integer(Int64(sorted[sorted.count / 2] * 1e9)),
            "p99": .integer(Int64(sorted[sorted.count * 99 / 100] * 1e9)),
        ]
        print(line.text)
        fflush(nil)
    }

    /// Seconds.
    static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
    }
}
