// SPDX-License-Identifier: Apache-2.0
import ISO8583
import NIOCore
import NIOPosix
import Simulator
import Vocabulary

/// The simulator's issuer on a TCP port: another host to send cards to. Its book is lost with its process.
final class IssuerServer: Sendable {
    let port: Int
    private let state: NIOLoopBound<State>
    private let loop: any EventLoop
    private let framing: Framing
    private let heard: Heard

    /// Is told each message and its answer, on the loop.
    typealias Heard = @Sendable (_ request: [UInt8], _ answer: [UInt8]?) -> Void

    /// Touched by the loop alone.
    final class State {
        let issuer: SimulatedIssuer
        var listener: (any Channel)?
        var lines: [ObjectIdentifier: any Channel] = [:]

        init(_ issuer: SimulatedIssuer) { self.issuer = issuer }
    }

    static func start(
        _ make: @escaping @Sendable () -> SimulatedIssuer, host: String, port: Int, framing: Framing = .binary2,
        on loop: any EventLoop, heard: @escaping Heard
    ) async throws -> IssuerServer {
        let state = try await loop.submit { NIOLoopBound(State(make()), eventLoop: loop) }.get()
        let port = try await listen(state, host, port, framing, loop, heard)
        return IssuerServer(port: port, state: state, loop: loop, framing: framing, heard: heard)
    }

    private init(
        port: Int, state: NIOLoopBound<State>, loop: any EventLoop, framing: Framing, heard: @escaping Heard
    ) {
        (self.port, self.state, self.loop, self.framing, self.heard) = (port, state, loop, framing, heard)
    }

    private static func listen(
        _ state: NIOLoopBound<State>, _ host: String, _ port: Int, _ framing: Framing, _ loop: any EventLoop,
        _ heard: @escaping Heard
    ) async throws -> Int {
        let channel = try await ServerBootstrap(group: loop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        IssuerLine(state: state.value, framing: framing, heard: heard))
                }
            }
            .bind(host: host, port: port).get()
        try await loop.submit { state.value.listener = channel }.get()
        return channel.localAddress?.port ?? 0
    }

    /// Listens again where it has listened, with the book it has.
    func reopen(host: String = "127.0.0.1") async throws {
        _ = try await Self.listen(state, host, port, framing, loop, heard)
    }

    /// What the issuer has in its book.
    func read<Value: Sendable>(_ body: @escaping @Sendable (SimulatedIssuer) -> Value) async throws -> Value {
        try await loop.submit { [state] in body(state.value.issuer) }.get()
    }

    /// Offers new keys on its lines, or the same once more.
    func offerKeys() async throws {
        try await loop.submit { [state, framing] in
            guard let offer = state.value.issuer.offer(now: WallClock.now()) else { return }
            let bytes = framing.frame(offer)
            for line in state.value.lines.values {
                line.writeAndFlush(line.allocator.buffer(bytes: bytes), promise: nil)
            }
        }.get()
    }

    /// Stops to listen and ends every line.
    func close() async throws {
        try await loop.flatSubmit { [state, loop] in
            let channels = Array(state.value.lines.values) + (state.value.listener.map { [$0] } ?? [])
            state.value.listener = nil
            return EventLoopFuture.andAllComplete(channels.map { $0.close() }, on: loop)
        }.get()
    }
}

/// An acquirer's line at the issuer.
private final class IssuerLine: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let state: IssuerServer.State
    private let heard: IssuerServer.Heard
    private var decoder: FrameDecoder

    init(state: IssuerServer.State, framing: Framing, heard: @escaping IssuerServer.Heard) {
        (self.state, self.heard) = (state, heard)
        decoder = FrameDecoder(maximumLength: min(4_096, framing.messageBytesMax), framing: framing)
    }

    func channelActive(context: ChannelHandlerContext) { state.lines[ObjectIdentifier(self)] = context.channel }

    func channelInactive(context: ChannelHandlerContext) { state.lines[ObjectIdentifier(self)] = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        decoder.append(unwrapInboundIn(data).readableBytesView)
        do throws(FrameError) {
            while let message = try decoder.next() {
                let answer = state.issuer.receive(message, now: WallClock.now())
                heard(message, answer)
                guard let answer else { continue }
                let bytes = decoder.framing.frame(answer)
                context.write(wrapOutboundOut(context.channel.allocator.buffer(bytes: bytes)), promise: nil)
            }
            context.flush()
        } catch { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
