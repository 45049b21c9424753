// SPDX-License-Identifier: Apache-2.0
import NIOCore

/// The client's end of one connection: two length bytes, then the message. Many terminals share it.
final class LoadLine: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let client: LoadClient
    private var pending: ByteBuffer?

    init(client: LoadClient) { self.client = client }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        if var rest = pending {
            rest.writeBuffer(&buffer)
            buffer = rest
            pending = nil
        }
        while let length = buffer.getInteger(at: buffer.readerIndex, as: UInt16.self),
            buffer.readableBytes >= 2 + Int(length)
        {
            buffer.moveReaderIndex(forwardBy: 2)
            guard let message = buffer.readBytes(length: Int(length)) else { break }
            client.receive(message)
        }
        if buffer.readableBytes > 0 { pending = buffer }
    }

    func channelInactive(context: ChannelHandlerContext) { client.lineDown() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
