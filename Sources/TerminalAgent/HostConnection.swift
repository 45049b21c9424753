// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOSSL

/// The terminal's end of its line: two length bytes, then the message.
final class HostConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let terminal: VirtualTerminal
    private var pending = ByteBuffer()

    init(terminal: VirtualTerminal) { self.terminal = terminal }

    func channelActive(context: ChannelHandlerContext) { terminal.lineUp(context.channel) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        pending.writeBuffer(&buffer)
        while let length = pending.getInteger(at: pending.readerIndex, as: UInt16.self),
            pending.readableBytes >= 2 + Int(length)
        {
            pending.moveReaderIndex(forwardBy: 2)
            guard let message = pending.readBytes(length: Int(length)) else { break }
            terminal.received(message)
        }
        pending.discardReadBytes()
    }

    func channelInactive(context: ChannelHandlerContext) { terminal.lineDown() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

enum TLSClient {
    static func handler(_ configuration: TLSConfiguration, serverName: String) throws -> NIOSSLClientHandler {
        // A literal address has no server name indication (RFC 6066, section 3).
        let isAddress = serverName.contains(":") || serverName.split(separator: ".").allSatisfy { UInt8($0) != nil }
        return try NIOSSLClientHandler(
            context: NIOSSLContext(configuration: configuration), serverHostname: isAddress ? nil : serverName)
    }
}
