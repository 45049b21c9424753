// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOPosix
import NIOSSL

/// A client's end of a connection: writes any bytes, and takes whole messages off it by its own framing.
final class Line: Sendable {
    private let channel: any Channel
    private let inbox: NIOLoopBound<Inbox>

    private init(_ channel: any Channel, _ inbox: NIOLoopBound<Inbox>) {
        self.channel = channel
        self.inbox = inbox
    }

    /// - Parameter reading: false for a client that takes nothing off its line, with little room in the kernel for it.
    static func open(_ port: Int, tls: TLSConfiguration? = nil, reading: Bool = true) async throws -> Line {
        let context = try tls.map { try NIOSSLContext(configuration: $0) }
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let inbox = try await loop.submit { NIOLoopBound(Inbox(), eventLoop: loop) }.get()
        var bootstrap = ClientBootstrap(group: loop)
        if !reading {
            bootstrap = bootstrap.channelOption(.autoRead, value: false)
                .channelOption(.socketOption(.so_rcvbuf), value: 4_096)
                .channelOption(.socketOption(.so_sndbuf), value: 16_384)
        }
        let channel =
            try await bootstrap
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let context {
                        try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
                    }
                    try pipeline.addHandler(inbox.value)
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return Line(channel, inbox)
    }

    /// Writes bytes as they are; whether they arrive shows elsewhere.
    func write(_ bytes: [UInt8]) async throws {
        try? await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    /// Writes a message behind its length.
    func send(_ message: [UInt8]) async throws { try await write(framed(message)) }

    /// Ends this side of the connection, and goes on reading.
    func finishWriting() async throws { try? await channel.close(mode: .output) }

    /// Begins to take off what has come.
    func startReading() async throws { try await channel.setOption(.autoRead, value: true).get() }

    func close() async throws { try? await channel.close() }

    /// The next message; nil when the other side has closed the connection.
    func receive(within limit: TimeAmount = patience) async throws -> [UInt8]? {
        let answer = channel.eventLoop.makePromise(of: [UInt8]?.self)
        let timeout = channel.eventLoop.scheduleTask(in: limit) { answer.fail(NotInTime(what: "an answer")) }
        channel.eventLoop.execute { [inbox] in inbox.value.take(answer) }
        defer { timeout.cancel() }
        return try await answer.futureResult.get()
    }

    /// Sends a message and waits for the next one.
    func ask(_ message: [UInt8]) async throws -> [UInt8]? {
        try await send(message)
        return try await receive()
    }
}

private final class Inbox: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var bytes: [UInt8] = []
    private var messages: [[UInt8]] = []
    private var waiting: [EventLoopPromise<[UInt8]?>] = []
    private var isClosed = false

    func take(_ promise: EventLoopPromise<[UInt8]?>) {
        if !messages.isEmpty {
            promise.succeed(messages.removeFirst())
        } else if isClosed {
            promise.succeed(nil)
        } else {
            waiting.append(promise)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes += unwrapInboundIn(data).readableBytesView
        while bytes.count >= 2, case let count = Int(bytes[0]) << 8 | Int(bytes[1]), bytes.count >= 2 + count {
            messages.append(Array(bytes[2..<2 + count]))
            bytes.removeFirst(2 + count)
        }
        while !messages.isEmpty, !waiting.isEmpty { waiting.removeFirst().succeed(messages.removeFirst()) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosed = true
        for promise in waiting { promise.succeed(nil) }
        waiting = []
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
