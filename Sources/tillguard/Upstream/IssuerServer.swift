// SPDX-License-Identifier: Apache-2.0
import ISO8583
import NIOCore
import NIOPosix
import Simulator
import Vocabulary

/// The simulator's issuer on a TCP port: another host to send cards to. Its book is lost with its process.
final class IssuerServer: Sendable {
    let port: Int
    private let channel: any Channel
    private let bound: NIOLoopBound<SimulatedIssuer>
    private let loop: any EventLoop

    /// - Parameter heard: is told each message and its answer, on the loop.
    static func start(
        _ make: @escaping @Sendable () -> SimulatedIssuer, host: String, port: Int, on loop: any EventLoop,
        heard: @escaping @Sendable (_ request: [UInt8], _ answer: [UInt8]?) -> Void
    ) async throws -> IssuerServer {
        let bound = try await loop.submit { NIOLoopBound(make(), eventLoop: loop) }.get()
        let channel = try await ServerBootstrap(group: loop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(IssuerLine(issuer: bound.value, heard: heard))
                }
            }
            .bind(host: host, port: port).get()
        return IssuerServer(channel: channel, bound: bound, loop: loop)
    }

    private init(channel: any Channel, bound: NIOLoopBound<SimulatedIssuer>, loop: any EventLoop) {
        (self.channel, self.bound, self.loop) = (channel, bound, loop)
        port = channel.localAddress?.port ?? 0
    }

    /// What the issuer has in its book.
    func read<Value: Sendable>(_ body: @escaping @Sendable (SimulatedIssuer) -> Value) async throws -> Value {
        try await loop.submit { [bound] in body(bound.value) }.get()
    }

    func close() async throws { try await channel.close() }
}

/// An acquirer's line at the issuer.
private final class IssuerLine: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let issuer: SimulatedIssuer
    private let heard: @Sendable ([UInt8], [UInt8]?) -> Void
    private var decoder = FrameDecoder(maximumLength: 4_096)

    init(issuer: SimulatedIssuer, heard: @escaping @Sendable ([UInt8], [UInt8]?) -> Void) {
        (self.issuer, self.heard) = (issuer, heard)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        decoder.append(unwrapInboundIn(data).readableBytesView)
        do throws(FrameError) {
            while let message = try decoder.next() {
                let answer = issuer.receive(message)
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
