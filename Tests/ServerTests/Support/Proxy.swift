// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOPosix
import Synchronization

/// A line between terminal and host that somebody has cut open: it hands messages on, and may lose or alter some.
final class Proxy: Sendable {
    enum Fate: Sendable {
        case pass, lose
        case alter([UInt8])
    }

    let port: Int
    private let channel: any Channel

    /// - Parameter answers: asked for the fate of every message from host to terminal.
    static func start(to port: Int, answers: @escaping @Sendable ([UInt8]) -> Fate) async throws -> Proxy {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { downstream in
                ClientBootstrap(group: downstream.eventLoop)
                    .channelInitializer { upstream in
                        upstream.eventLoop.makeCompletedFuture {
                            try upstream.pipeline.syncOperations.addHandler(Relay(to: downstream, answers))
                        }
                    }
                    .connect(host: "127.0.0.1", port: port)
                    .flatMap { upstream in
                        downstream.eventLoop.makeCompletedFuture {
                            try downstream.pipeline.syncOperations.addHandler(Relay(to: upstream) { _ in .pass })
                        }
                    }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return Proxy(channel)
    }

    private init(_ channel: any Channel) {
        self.channel = channel
        port = channel.localAddress?.port ?? 0
    }

    func close() async throws { try await channel.close() }
}

/// One direction of the line.
private final class Relay: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let other: any Channel
    private let fate: @Sendable ([UInt8]) -> Proxy.Fate
    private var bytes: [UInt8] = []

    init(to other: any Channel, _ fate: @escaping @Sendable ([UInt8]) -> Proxy.Fate) {
        self.other = other
        self.fate = fate
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes += unwrapInboundIn(data).readableBytesView
        while bytes.count >= 2, case let count = Int(bytes[0]) << 8 | Int(bytes[1]), bytes.count >= 2 + count {
            let message = Array(bytes[2..<2 + count])
            bytes.removeFirst(2 + count)
            switch fate(message) {
            case .pass: other.writeAndFlush(ByteBuffer(bytes: framed(message)), promise: nil)
            case .alter(let altered): other.writeAndFlush(ByteBuffer(bytes: framed(altered)), promise: nil)
            case .lose: break
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
