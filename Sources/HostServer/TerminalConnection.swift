// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import NIOSSL
import NIOTLS
import PaymentCryptography
import Vocabulary

/// Frames of two length bytes, big-endian, the length not counting itself.
struct MessageFrameDecoder: NIOSingleStepByteToMessageDecoder {
    typealias InboundOut = [UInt8]

    /// The longest message a terminal may send; one byte more closes the connection.
    static let lengthMax = 4_096

    mutating func decode(buffer: inout ByteBuffer) throws -> [UInt8]? {
        guard let length = buffer.getInteger(at: buffer.readerIndex, as: UInt16.self) else { return nil }
        guard length > 0, length <= Self.lengthMax else { throw FramingFailure(length: Int(length)) }
        guard buffer.readableBytes >= 2 + Int(length) else { return nil }
        buffer.moveReaderIndex(forwardBy: 2)
        return buffer.readBytes(length: Int(length))
    }

    mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> [UInt8]? {
        // A message cut off by the end of the connection was never sent.
        try decode(buffer: &buffer)
    }
}

struct FramingFailure: Error {
    var length: Int
}

/// One terminal's connection: takes frames off it and hands them to the loop's host; knows nothing of their content.
final class TerminalConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let host: HostLoop
    private var processor = NIOSingleStepByteToMessageProcessor(MessageFrameDecoder())
    private var id: UInt64 = 0
    /// When the first byte of a frame came that is not whole yet.
    private var partialSince: NIODeadline?
    private var isWatched = false

    /// A frame that has begun is whole within this time, or the connection ends: whoever sends a byte now and then would
    /// otherwise keep it for ever.
    private let frameTimeout: TimeAmount

    init(host: HostLoop, frameTimeout: TimeAmount) {
        self.host = host
        self.frameTimeout = frameTimeout
    }

    func channelActive(context: ChannelHandlerContext) {
        guard let id = host.open(context.channel) else {
            context.close(promise: nil)
            return
        }
        self.id = id
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            var hasFrame = false
            try processor.process(buffer: unwrapInboundIn(data)) {
                hasFrame = true
                host.take($0, from: id)
            }
            watch(context, hasFrame: hasFrame)
        } catch {
            let length = (error as? FramingFailure)?.length ?? -1
            host.logger.notice("a connection was closed for its frame", metadata: ["length": "\(length)"])
            context.close(promise: nil)
        }
    }

    private func watch(_ context: ChannelHandlerContext, hasFrame: Bool) {
        guard processor.unprocessedBytes > 0 else {
            partialSince = nil
            return
        }
        if hasFrame || partialSince == nil { partialSince = .now() }
        guard !isWatched else { return }
        isWatched = true
        look(context, in: frameTimeout)
    }

    /// One look is under way at a time, however many frames come in pieces.
    private func look(_ context: ChannelHandlerContext, in wait: TimeAmount) {
        context.eventLoop.assumeIsolated().scheduleTask(in: wait) { [self] in
            guard let since = partialSince, context.channel.isActive else {
                isWatched = false
                return
            }
            // While the host itself takes nothing off the line, the rest may be there already.
            guard host.isReading(id) else {
                partialSince = .now()
                return look(context, in: frameTimeout)
            }
            let left = since + frameTimeout - .now()
            guard left <= .zero else { return look(context, in: left) }
            host.logger.notice("a connection was closed for a frame that did not become whole")
            context.close(promise: nil)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        host.backUp(id, !context.channel.isWritable)
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) { host.close(id) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.handshakeCompleted) = event as? TLSUserEvent { certify(context) }
        if event is IdleStateHandler.IdleStateEvent {
            host.logger.info("an idle connection was closed")
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    /// The chain has been verified; the name in it says whose messages may come. A certificate of the estate that names
    /// no terminal opens nothing.
    private func certify(_ context: ChannelHandlerContext) {
        let tls = try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
        let name = (try? tls?.peerCertificate?.toDERBytes()).flatMap { PeerCertificate.commonName(der: $0) }
        guard let terminal = name.flatMap({ TerminalID($0) }) else {
            host.logger.notice("a connection was closed for its certificate")
            context.close(promise: nil)
            return
        }
        host.certify(id, terminal)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        host.logger.notice("a connection failed", metadata: ["error": "\(type(of: error))"])
        context.close(promise: nil)
    }
}
