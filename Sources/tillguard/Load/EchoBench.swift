// SPDX-License-Identifier: Apache-2.0
import Foundation
import HostServer
import ISO8583
import Logging
import NIOCore
import NIOPosix
import Vocabulary

/// Round trips that no disk has a part in: a terminal's first sign-on message (0800), which the host answers with a nonce
/// and journals nothing for. What is measured is the line, the frames, the codec, one decision and one cryptogram.
enum EchoBench {
    /// This process is the server, a child of the same executable the client.
    static func run(_ options: BenchOptions, executable: String, logger: Logger) async throws -> EchoReport {
        var settings = Deployment.Options(data: options.data)
        settings.projects = false
        let deployment = try await Deployment.start(settings, logger: logger)
        let arguments = options.clientArguments(port: deployment.server.port) + ["--echo"]
        let outcome: Result<EchoReport, any Error>
        do {
            let before = ProcessorTime.microseconds()
            let line = try await NIOThreadPool.singleton.runIfActive {
                try Self.output(of: executable, arguments)
            }
            let cpu = ProcessorTime.microseconds() - before
            guard let result = (try? JSON(parsing: Array(line.utf8))).flatMap({ BenchClientResult($0) }) else {
                throw BenchError.clientFailed("said \(line)")
            }
            outcome = .success(EchoReport(options: options, client: result, serverMicroseconds: cpu))
        } catch { outcome = .failure(error) }
        try await deployment.shutdown()
        return try outcome.get()
    }

    private static func output(of executable: String, _ arguments: [String]) throws -> String {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.standardOutput = pipe
        try process.run()
        let text = try pipe.fileHandleForReading.readToEnd().map { String(decoding: $0, as: UTF8.self) } ?? ""
        process.waitUntilExit()
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The client's process: says what it saw and ends.
    static func client(_ options: BenchOptions, port: Int) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let before = ProcessorTime.microseconds()
        let done = loop.makePromise(of: EchoLine.Seen.self)
        let window = options.inFlight
        let seconds = Int64(options.seconds)
        let channel = try await ClientBootstrap(group: group)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        EchoLine(window: window, lasting: .seconds(seconds), done: done))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        let seen = try await done.futureResult.get()
        try? await channel.close()
        var result = BenchClientResult(
            answers: seen.answers, approved: seen.answers, seconds: seen.seconds, latency: seen.latency,
            cpuMicroseconds: 0)
        result.cpuMicroseconds = ProcessorTime.microseconds() - before
        LineWriter.output.write(result.json.text + "\n")
        try await group.shutdownGracefully()
    }
}

struct EchoReport: Sendable {
    var options: BenchOptions
    var client: BenchClientResult
    var serverMicroseconds: Int64

    var perSecond: Double { client.seconds > 0 ? Double(client.answers) / client.seconds : 0 }
    private var serverEach: Double { client.answers > 0 ? Double(serverMicroseconds) / Double(client.answers) : 0 }

    var json: JSON {
        [
            "roundTrips": .integer(Int64(client.answers)), "seconds": .double(client.seconds),
            "perSecond": .double(perSecond), "window": .integer(Int64(options.inFlight)),
            "latencyMicroseconds": client.latency.json, "serverMicrosecondsEach": .double(serverEach),
        ]
    }

    var text: String {
        """
        \(Figures.grouped(Int(perSecond))) round trips a second: \(Figures.grouped(client.answers)) in \
        \(Figures.decimal(client.seconds, 1)) s on one connection
        latency at a window of \(options.inFlight): \(client.latency.text)
        processor time a round trip: server \(Figures.decimal(serverEach, 1)) µs
        """
    }
}

/// Keeps a window of requests under way on one connection; answers come in their order, and each must be its request's.
private final class EchoLine: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    struct Seen: Sendable {
        var answers: Int
        var seconds: Double
        var latency: LatencyFigures
    }

    private struct WrongAnswer: Error {}

    private let window: Int
    private let lasting: TimeAmount
    private let done: EventLoopPromise<Seen>
    private var decoder = FrameDecoder(maximumLength: 4_096)
    private var sent: CircularBuffer<(stan: UInt64, at: NIODeadline)> = []
    private var stan: UInt64 = 0
    private var started = NIODeadline.now()
    private var latency = Latency()

    init(window: Int, lasting: TimeAmount, done: EventLoopPromise<Seen>) {
        (self.window, self.lasting, self.done) = (window, lasting, done)
    }

    func channelActive(context: ChannelHandlerContext) {
        started = .now()
        for _ in 0..<window { ask(context) }
        context.flush()
    }

    private func ask(_ context: ChannelHandlerContext) {
        stan = stan % 999_999 + 1
        var builder = MessageBuilder(.networkRequest, spec: .iso8583_1987)
        builder.set(7, number: 1_128_120_000)
        builder.set(11, number: stan)
        builder.set(41, text: "ECHO0001")
        builder.set(70, number: 1)
        guard let message = try? builder.encode() else { return done.fail(WrongAnswer()) }
        let frame = decoder.framing.frame(message.bytes)
        context.write(wrapOutboundOut(context.channel.allocator.buffer(bytes: frame)), promise: nil)
        sent.append((stan, .now()))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        decoder.append(unwrapInboundIn(data).readableBytesView)
        let now = NIODeadline.now()
        do {
            while let message = try decoder.next() {
                guard let asked = sent.popFirst(), let view = try? MessageView(message, spec: .iso8583_1987),
                    view.mti == .networkResponse, view.number(11) == asked.stan
                else { throw WrongAnswer() }
                latency.record(nanoseconds: UInt64((now - asked.at).nanoseconds))
                if now - started < lasting { ask(context) }
            }
        } catch {
            done.fail(error)
            return context.close(promise: nil)
        }
        context.flush()
        guard sent.isEmpty else { return }
        done.succeed(
            Seen(
                answers: Int(latency.count), seconds: Double((now - started).nanoseconds) / 1e9,
                latency: latency.figures))
    }

    func channelInactive(context: ChannelHandlerContext) { done.fail(ChannelError.eof) }
}
