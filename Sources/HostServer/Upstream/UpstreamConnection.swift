// SPDX-License-Identifier: Apache-2.0
import ISO8583
import NIOCore
import NIOTLS

/// One connection to another host: cuts it into messages and answers signs of life; knows nothing of their content.
final class UpstreamConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Said {
        /// Messages can be sent.
        case ready(any Channel)
        case message([UInt8])
        /// Why it is about to end; no content of any message.
        case failed(String)
        /// The connection is over; once.
        case ended
    }

    /// The longest message of another host; one byte more closes the line.
    private static let lengthMax = 4_096

    private let isSecured: Bool
    private let say: (Said) -> Void
    private var decoder: FrameDecoder
    private var hasEnded = false

    /// - Parameter isSecured: whether TLS comes first.
    init(framing: Framing, isSecured: Bool, say: @escaping (Said) -> Void) {
        decoder = FrameDecoder(
            maximumLength: min(Self.lengthMax, framing.messageBytesMax) + framing.leadBytes, framing: framing)
        self.isSecured = isSecured
        self.say = say
    }

    func channelActive(context: ChannelHandlerContext) { if !isSecured { say(.ready(context.channel)) } }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.handshakeCompleted) = event as? TLSUserEvent { say(.ready(context.channel)) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        decoder.append(unwrapInboundIn(data).readableBytesView)
        do throws(FrameError) {
            while let frame = try decoder.nextFrame() {
                if !frame.isKeepAlive {
                    say(.message(frame.message))
                } else if !frame.isSessionControl {
                    let sign = context.channel.allocator.buffer(bytes: decoder.framing.prefix(for: 0))
                    context.writeAndFlush(wrapOutboundOut(sign), promise: nil)
                }
            }
        } catch {
            say(.failed("\(error)"))
            context.close(promise: nil)
        }
    }

    /// It takes nothing off the line any more, and what waits for it would pile up here.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if !context.channel.isWritable { context.close(promise: nil) }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) { end() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        say(.failed("\(error)"))
        context.close(promise: nil)
    }

    private func end() {
        guard !hasEnded else { return }
        hasEnded = true
        say(.ended)
    }
}
