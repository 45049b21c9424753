// SPDX-License-Identifier: Apache-2.0
import Host
import ISO8583
import Logging
import NIOCore
import NIOPosix
import NIOSSL

/// The connections to other hosts, on the host's loop: does what the engine wants done and tells what happened. One
/// connection a destination; what an older one still says is not heard.
final class UpstreamLines {
    private let loop: any EventLoop
    private let addresses: [String: UpstreamAddress]
    private let logger: Logger
    private var lines: [Int: Line] = [:]
    /// What happened at a destination's line.
    var onEvent: (UpstreamEvent, Int) -> Void = { _, _ in }

    /// One attempt at a connection, and the connection that comes of it.
    private final class Line {
        /// Messages can be sent on it.
        var channel: (any Channel)?
        /// There since the attempt began.
        var raw: (any Channel)?
        let framing: Framing
        init(framing: Framing) { self.framing = framing }
    }

    /// Destinations whose failure has been told and that have not been reached since.
    private var told: Set<Int> = []

    /// A destination that takes no connection, TLS included, within this time is away.
    private let connectTimeout: TimeAmount
    /// Above this much that a destination has not taken off its line, the line is as good as dead.
    private static let unsentBytesMax = 1 << 20

    init(
        loop: any EventLoop, addresses: [String: UpstreamAddress], logger: Logger,
        connectTimeout: TimeAmount = .seconds(10)
    ) {
        self.connectTimeout = connectTimeout
        self.loop = loop
        self.addresses = addresses
        self.logger = logger
    }

    /// - Parameter name: of the destination, by its place.
    func perform(_ effects: [UpstreamEffect], name: (Int) -> String) {
        var touched: [any Channel] = []
        for effect in effects {
            switch effect.action {
            case .connect: connect(effect.destination, name(effect.destination))
            case .close: drop(effect.destination)
            case .send(let bytes):
                guard let line = lines[effect.destination], let channel = line.channel else { continue }
                channel.write(channel.allocator.buffer(bytes: line.framing.frame(bytes)), promise: nil)
                if touched.last !== channel { touched.append(channel) }
            }
        }
        for channel in touched { channel.flush() }
    }

    /// Closes every line; nothing is heard afterwards.
    func close() {
        let open = lines.values.compactMap(\.raw)
        lines = [:]
        for channel in open { channel.close(promise: nil) }
    }

    private func drop(_ destination: Int) {
        let channel = lines.removeValue(forKey: destination)?.raw
        channel?.close(promise: nil)
    }

    private func connect(_ destination: Int, _ name: String) {
        drop(destination)
        guard let address = addresses[name] else {
            // Nobody has said where it is: as if it were away, until somebody does.
            let line = Line(framing: .binary2)
            lines[destination] = line
            return loop.assumeIsolated().execute { self.ended(line, at: destination) }
        }
        let line = Line(framing: address.framing)
        lines[destination] = line
        let bound = NIOLoopBound((lines: self, line: line), eventLoop: loop)
        // The bootstrap knows only TCP; the other side's system may take a connection that nobody serves.
        loop.assumeIsolated().scheduleTask(in: connectTimeout) { [self] in
            guard lines[destination] === line, line.channel == nil else { return }
            failed(destination, name, "no answer")
            let raw = line.raw
            ended(line, at: destination)
            raw?.close(promise: nil)
        }
        ClientBootstrap(group: loop)
            .connectTimeout(connectTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(
                .writeBufferWaterMark, value: .init(low: Self.unsentBytesMax / 2, high: Self.unsentBytesMax)
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    bound.value.line.raw = channel
                    let pipeline = channel.pipeline.syncOperations
                    if let tls = address.tls { try pipeline.addHandler(Self.handler(tls, for: address.host)) }
                    try pipeline.addHandler(
                        UpstreamConnection(framing: address.framing, isSecured: address.tls != nil) { said in
                            bound.value.lines.take(said, bound.value.line, at: destination, name)
                        })
                }
            }
            .connect(host: address.host, port: address.port)
            .whenFailure { error in
                bound.value.lines.failed(destination, name, "\(error)")
                bound.value.lines.ended(bound.value.line, at: destination)
            }
    }

    private static func handler(_ tls: TLSConfiguration, for host: String) throws -> NIOSSLClientHandler {
        // A literal address has no server name indication (RFC 6066, section 3).
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        return try NIOSSLClientHandler(
            context: NIOSSLContext(configuration: tls), serverHostname: isAddress ? nil : host)
    }

    /// Told once; an outage of hours is one line.
    private func failed(_ destination: Int, _ name: String, _ why: String) {
        guard told.insert(destination).inserted else { return }
        logger.warning("another host cannot be reached", metadata: ["name": "\(name)", "error": "\(why)"])
    }

    private func take(_ said: UpstreamConnection.Said, _ line: Line, at destination: Int, _ name: String) {
        guard lines[destination] === line else {
            if case .ready(let channel) = said { channel.close(promise: nil) }
            return
        }
        switch said {
        case .failed(let why): failed(destination, name, why)
        case .ready(let channel):
            line.channel = channel
            told.remove(destination)
            onEvent(.connected, destination)
        case .message(let bytes): onEvent(.received(bytes), destination)
        case .ended: ended(line, at: destination)
        }
    }

    private func ended(_ line: Line, at destination: Int) {
        guard lines[destination] === line else { return }
        lines[destination] = nil
        onEvent(.disconnected, destination)
    }
}
