// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOPosix
import NIOSSL
import Terminal
import Vocabulary

/// The line to the host: connecting, coming back after an outage, frames out and messages in.
extension VirtualTerminal {
    func connect() {
        guard !isStopped, link?.fault != .unplugged else { return }
        let bound = NIOLoopBound(self, eventLoop: loop)
        let tls = host.tls
        let serverName = host.host
        let id = id
        ClientBootstrap(group: loop)
            .connectTimeout(.seconds(5))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(TLSClient.handler(tls(id), serverName: serverName)) }
                    try pipeline.addHandler(HostConnection(terminal: bound.value))
                }
            }
            .connect(host: host.host, port: host.port)
            .whenFailure { [loop] _ in loop.execute { bound.value.retry() } }
    }

    private func retry() {
        guard !isStopped else { return }
        // Jitter keeps an estate from coming back in step after an outage.
        let delay = reconnectDelay / 2 + Int64(random.below(Int(reconnectDelay)))
        reconnectDelay = min(reconnectDelay * 2, 30_000)
        loop.assumeIsolated().scheduleTask(in: .milliseconds(delay)) { [weak self] in self?.connect() }
    }

    func lineUp(_ channel: any Channel) {
        self.channel = channel
        reconnectDelay = 200
        handle(.connected)
    }

    func lineDown() {
        guard channel != nil else { return }
        channel = nil
        handle(.disconnected)
        retry()
    }

    /// Closes a dead line; `lineDown` makes the next.
    func hangUp() { channel?.close(promise: nil) }

    func received(_ message: [UInt8]) {
        guard let arrived = link == nil ? message : link?.passing(message) else { return }
        handle(.messageReceived(arrived))
    }

    /// Damages the line, or mends it.
    func setLink(_ fault: LinkFault?) {
        let wasUnplugged = link?.fault == .unplugged
        link = fault.map { LinkFault.Damage($0) }
        if fault == .unplugged { hangUp() }
        if wasUnplugged, fault != .unplugged, channel == nil { connect() }
    }

    func send(_ message: [UInt8]) {
        guard let channel else { return }
        var buffer = channel.allocator.buffer(capacity: message.count + 2)
        buffer.writeInteger(UInt16(message.count))
        buffer.writeBytes(message)
        channel.writeAndFlush(buffer, promise: nil)
    }
}
