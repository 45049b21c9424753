// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore
import NIOPosix
import Vocabulary

/// The client's process of a benchmark. It makes its terminals from the key files of the data directory, says `ready`
/// when all have signed on, waits for a line on its standard input, and says `done` with what it saw.
enum BenchClient {
    static func run(_ options: BenchOptions, port: Int) async throws {
        let module = try HostKeys.open(in: options.data).module
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let client = try await LoadClient.connect(to: port, connections: options.connections, on: loop)
        let driver = try await loop.submit {
            for terminal in 0..<options.terminals {
                guard let end = LoadEstate.module(terminal: terminal, from: module) else {
                    throw LoadFailure.cannotProtect(LoadEstate.terminal(terminal))
                }
                client.value.add(LoadSession(terminal, module: end))
            }
            for number in 0..<options.cards {
                guard let card = LoadCard(number) else { throw LoadFailure.noSuchCard(number) }
                client.value.add(card)
            }
            return NIOLoopBound(BenchDriver(client: client.value, options: options), eventLoop: loop)
        }.get()
        try await call(loop) { driver.value.signOn($0) }
        say(["event": "ready"])
        guard try await NIOThreadPool.singleton.runIfActive({ readLine() }) != nil else { return }
        let before = ProcessorTime.microseconds()
        try await call(loop) { driver.value.run($0) }
        let cpu = ProcessorTime.microseconds() - before
        var result = try await loop.submit { driver.value.result }.get()
        result.cpuMicroseconds = cpu
        say(result.json)
        try await loop.flatSubmit { client.value.close() }.get()
        try await group.shutdownGracefully()
    }

    private static func call(
        _ loop: any EventLoop, _ body: @escaping @Sendable (EventLoopPromise<Void>) -> Void
    ) async throws {
        let promise = loop.makePromise(of: Void.self)
        loop.execute { body(promise) }
        try await promise.futureResult.get()
    }

    private static func say(_ json: JSON) { LineWriter.output.write(json.text + "\n") }
}

/// The client's process, as the server sees it.
final class BenchClientProcess {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var pending: [UInt8] = []

    init(executable: String, _ options: BenchOptions, port: Int) throws {
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = options.clientArguments(port: port)
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    deinit { if process.isRunning { process.terminate() } }

    func go() throws { try input.fileHandleForWriting.write(contentsOf: Data("go\n".utf8)) }

    /// The next line the client says; blocks.
    /// - Throws: `BenchError.clientFailed` when it has ended without a word.
    func next() throws -> JSON {
        while true {
            if let end = pending.firstIndex(of: 0x0A) {
                let line = Array(pending[..<end])
                pending.removeSubrange(...end)
                do throws(JSONError) { return try JSON(parsing: line) } catch {
                    throw BenchError.clientFailed("\(error)")
                }
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else {
                process.waitUntilExit()
                throw BenchError.clientFailed("exit code \(process.terminationStatus)")
            }
            pending += more
        }
    }

    func end() { process.waitUntilExit() }
}
