// SPDX-License-Identifier: Apache-2.0
import Glibc
import ModuleProtocol
import ModuleServer
import ModuleServerFixture
import ModuleWire
import PaymentCryptography
import SecurityModule
import Vocabulary

/// The host's module in a process of its own, through its socket: what comes out by the clock on the wall, and the processor time
/// that either process had for a message, which says what comes out where nobody else wants the processors.
struct SocketBench {
    static let seed: UInt64 = 1
    private static let inFlight = 32
    private static let rounds = 5
    private static let messages = 16_384

    private let path: String
    private let process: ModuleProcess
    private let module: RemoteHostModule

    init() throws {
        let folder = try Self.ownFolder().orFail("the program's own folder")
        path = folder + "/bench-\(getpid()).sock"
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
        // The same number of messages in flight, in frames of so many.
        for size in [1, 8, 16] {
            let name = "socket_open_pvv_\(Self.inFlight / size)_frames_of_\(size)_in_flight_\(profile)"
            guard filter.isEmpty || name.contains(filter) else { continue }
            let frames = stride(from: 0, to: commands.count - size + 1, by: size).enumerated().map { number, start in
                WireRequest.open(Array(commands[start..<start + size])).frame(UInt32(number)).encoded()
            }
            let line = try PipelinedLine(path)
            func run() throws -> [Double] {
                try line.run(frames, count: Self.messages / size, inFlight: Self.inFlight / size)
            }
            _ = try run()
            try tell(name, messages: Self.messages, run)
        }
    }

    private func run(
        _ name: String, _ filter: String, messagesEach: Int, _ step: (Int) throws -> Void
    ) throws {
        guard filter.isEmpty || name.contains(filter) else { return }
        let turns = Self.messages / messagesEach
        for turn in 0..<turns { try step(turn) }
        try tell(name, messages: turns * messagesEach) {
            var times: [Double] = []
            for turn in 0..<turns {
                let began = Self.now()
                try step(turn)
                times.append(Self.now() - began)
            }
            return times
        }
    }

    /// - Parameter round: gives the seconds of each of its steps.
    private func tell(_ name: String, messages: Int, _ round: () throws -> [Double]) rethrows {
        var best = (wall: Double.infinity, client: Double.infinity, server: Double.infinity)
        var times: [Double] = []
        for _ in 0..<Self.rounds {
            let (wall, client, server) = (Self.now(), Self.now(CLOCK_PROCESS_CPUTIME_ID), serverTime)
            times = try round()
            best.wall = min(best.wall, Self.now() - wall)
            best.client = min(best.client, Self.now(CLOCK_PROCESS_CPUTIME_ID) - client)
            best.server = min(best.server, serverTime - server)
        }
        times.sort()
        let each = 1e9 / Double(messages)
        let line: JSON = [
            "operation": .string(name), "perSecond": .integer(Int64(Double(messages) / best.wall)),
            "p50": .integer(Int64(times[times.count / 2] * 1e9)),
            "p99": .integer(Int64(times[times.count * 99 / 100] * 1e9)),
            "clientNanoseconds": .integer(Int64(best.client * each)),
            "serverNanoseconds": .integer(Int64(best.server * each)),
        ]
        print(line.text)
        fflush(nil)
    }

    /// Seconds of processor time that the module's process has had.
    private var serverTime: Double {
        guard let id = process.processID, let file = fopen("/proc/\(id)/schedstat", "r") else { return 0 }
        defer { fclose(file) }
        var room = [CChar](repeating: 0, count: 64)
        let count = fread(&room, 1, room.count - 1, file)
        return 1e-9
            * (Double(
                String(decoding: room[..<count].map { UInt8(bitPattern: $0) }.prefix { $0 != 0x20 }, as: UTF8.self))
                ?? 0)
    }

    /// Seconds.
    static func now(_ clock: clockid_t = CLOCK_MONOTONIC) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
    }
}
