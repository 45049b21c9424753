// SPDX-License-Identifier: Apache-2.0
import Host
import ISO8583
import Journal
import Logging
import ModuleProtocol
import NIOCore
import NIOPosix
import NIOSSL
import Storage
import Vocabulary

/// The ISO 8583 host on a TCP port: one event loop owns the connections and the host, one thread the journal.
public final class HostServer: Sendable {
    /// What left the gate, or that nothing ever will again.
    public enum CommittedEvent: Sendable {
        case committed([(sequence: UInt64, record: HostRecord)])
        case failed
    }
    /// Called on the host's loop; must hand over and return.
    public typealias CommittedSink = @Sendable (CommittedEvent) -> Void

    public struct Configuration: Sendable {
        public var host = "127.0.0.1"
        /// 0 takes a free one.
        public var port = 0
        /// Nil: plain TCP.
        public var tls: TLSConfiguration?
        /// A connection that says nothing for this long is closed.
        public var idleTimeout = TimeAmount.minutes(10)
        /// A frame that has begun must be whole within this time.
        public var frameTimeout = TimeAmount.seconds(30)
        /// For the replay of a recording: when a message was sent, by which it alone is decided (rule R13). Nil, or nil
        /// for a message: the clock's time.
        public var recordedTime: (@Sendable (_ message: [UInt8]) -> Instant?)?
        /// Given and made durable before the port is opened.
        public var opening: [(command: Command, principal: Principal)] = []

        /// How much may wait for the disk; above a quarter of it connections are not read.
        public var limits = GateLimits.standard

        /// A snapshot is taken after this many records.
        public var snapshotInterval: UInt64 = 250_000
        /// Hears of each record once it is durable and before anything that hangs on it leaves, on the host's loop: for
        /// proofs of what a process that dies there has kept.
        public var witness: (@Sendable (HostRecord) -> Void)?

        /// Traffic with other hosts; nil: none.
        public var upstream: Upstream?

        public init() {}
    }

    /// Traffic with other hosts.
    public struct Upstream: Sendable {
        /// Where they are, by their names; a destination that is not here is away.
        public var addresses: [String: UpstreamAddress]
        /// Holds the zones' keys.
        public var zones: any ZoneModulePort & Sendable
        /// A line has come up or gone down; called on the host's loop.
        public var onLine: (@Sendable (_ name: String, _ isUp: Bool) -> Void)?

        public init(
            addresses: [String: UpstreamAddress], zones: any ZoneModulePort & Sendable,
            onLine: (@Sendable (_ name: String, _ isUp: Bool) -> Void)? = nil
        ) {
            self.addresses = addresses
            self.zones = zones
            self.onLine = onLine
        }
    }

    /// What the kernel keeps for a connection in either direction: many messages, and little for 16,384 connections.
    static let socketBufferBytes: SocketOptionValue = 65_536

    public let port: Int
    private let channel: any Channel
    private let loop: any EventLoop
    private let bound: NIOLoopBound<HostLoop>
    private let writer: JournalWriter
    private let journal: JournalStore
    private let snapshots: SnapshotStore

    /// Starts to listen.
    /// - Parameters:
    ///   - group: one loop of it is used, for everything.
    ///   - clock: the time of every decision; wall time, or a replay's recorded time.
    public static func start(
        _ recovered: consuming RecoveredHost, module: any HostModulePort & Sendable, configuration: Configuration,
        on loop: any EventLoop, logger: Logger, clock: @escaping @Sendable () -> Instant,
        sink: @escaping CommittedSink
    ) async throws -> HostServer {
        let journal = recovered.journal
        let snapshots = recovered.snapshots
        let writer = JournalWriter(journal)
        let head = journal.head()
        let engine = HostEngine(host: recovered.host, head: head, module: module, limits: configuration.limits)
        // The engine is made here and handed to its loop once; nobody else keeps it.
        let parcel = NIOUncheckedTransfer(engine)
        let recordedTime = configuration.recordedTime
        let bound = try await loop.submit {
            NIOLoopBound(
                HostLoop(
                    loop: loop, engine: parcel.value, journal: writer, snapshots: snapshots, logger: logger,
                    clock: clock, recordedTime: recordedTime, sink: sink), eventLoop: loop)
        }.get()
        // A replay runs on recorded time, which knows no midnight.
        if recordedTime == nil {
            let start = clock()
            loop.execute { bound.value.watchDay(since: start) }
        }
        if !configuration.opening.isEmpty {
            let opening = configuration.opening
            let done = loop.makePromise(of: Void.self)
            loop.execute { bound.value.submit(opening, done: done) }
            try await done.futureResult.get()
        }
        try await loop.submit {
            bound.value.witness = configuration.witness
            bound.value.snapshotInterval = configuration.snapshotInterval
        }.get()
        let context = try configuration.tls.map { try NIOSSLContext(configuration: $0) }
        let idle = configuration.idleTimeout
        let frameTimeout = configuration.frameTimeout
        let channel = try await ServerBootstrap(group: loop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 1_024)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_sndbuf), value: Self.socketBufferBytes)
            .childChannelOption(.socketOption(.so_rcvbuf), value: Self.socketBufferBytes)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let context { try pipeline.addHandler(NIOSSLServerHandler(context: context)) }
                    try pipeline.addHandler(IdleStateHandler(readTimeout: idle))
                    try pipeline.addHandler(TerminalConnection(host: bound.value, frameTimeout: frameTimeout))
                }
            }
            .bind(host: configuration.host, port: configuration.port).get()
        // Behind the port: one that cannot be had must not find traffic begun.
        if let upstream = configuration.upstream {
            try await loop.submit {
                bound.value.onLine = upstream.onLine
                bound.value.startUpstream(
                    upstream.zones,
                    UpstreamLines(loop: loop, addresses: upstream.addresses, logger: logger),
                    seed: UInt64.random(in: 0...UInt64.max))
            }.get()
        }
        return HostServer(
            channel: channel, loop: loop, bound: bound, writer: writer, journal: journal, snapshots: snapshots)
    }

    private init(
        channel: any Channel, loop: any EventLoop, bound: NIOLoopBound<HostLoop>, writer: JournalWriter,
        journal: JournalStore, snapshots: SnapshotStore
    ) {
        self.channel = channel
        self.loop = loop
        self.bound = bound
        self.writer = writer
        self.journal = journal
        self.snapshots = snapshots
        port = channel.localAddress?.port ?? 0
    }

    /// Gives a command; it is durable when this returns.
    /// - Throws: `CommandRefusal`, or `ServerStopped`.
    public func submit(_ command: Command, by principal: Principal) async throws {
        let done = loop.makePromise(of: Void.self)
        loop.execute { [bound] in bound.value.submit(command, by: principal, done: done) }
        try await done.futureResult.get()
    }

    /// Commands of one hop.
    private static let portion = 4_096

    /// Gives commands in their order, thousands in one hop; all of them are durable when this returns.
    /// - Throws: the first `CommandRefusal`, with none of those after it given; or `ServerStopped`.
    public func submit(_ commands: [(command: Command, principal: Principal)]) async throws {
        // In portions that find room at any gate that is not full already.
        for start in stride(from: 0, to: commands.count, by: Self.portion) {
            let portion = Array(commands[start..<min(start + Self.portion, commands.count)])
            let done = loop.makePromise(of: Void.self)
            loop.execute { [bound] in bound.value.submit(portion, done: done) }
            try await done.futureResult.get()
        }
    }

    /// SHA-256 of the host's state as it is now.
    public func digest() async throws -> [UInt8] {
        try await loop.submit { [bound] in bound.value.digest() }.get()
    }

    /// Reads the state as decided, which may be ahead of what is durable; for set-up and tests.
    public func read<Value: Sendable>(_ body: @escaping @Sendable (borrowing Host) -> Value) async throws -> Value {
        try await loop.submit { [bound] in bound.value.read(body) }.get()
    }

    /// Stops listening, lets every commit land and every answer leave, saves a snapshot and closes the journal.
    /// - Throws: `ServerStopped` if the host had stopped by itself; everything is closed all the same.
    public func shutdown() async throws {
        try await channel.close()
        let done = loop.makePromise(of: HostSnapshot.self)
        loop.execute { [bound, journal] in bound.value.stop(head: { journal.head() }, done: done) }
        let snapshot: Result<HostSnapshot, any Error>
        do { snapshot = .success(try await done.futureResult.get()) } catch { snapshot = .failure(error) }
        // Waits for the disk and joins the journal's thread, so neither on a loop nor on a task's thread.
        try await NIOThreadPool.singleton.runIfActive { [writer, snapshots, journal] in
            let saved = Result { try snapshots.save(try snapshot.get().envelope()) }
            writer.shutdown()
            try journal.close()
            try saved.get()
        }
    }
}

/// Carries a value to the one loop that will own it.
struct NIOUncheckedTransfer<Value>: @unchecked Sendable {
    // Safe: made by one task, read once by the loop, never touched by the first again.
    let value: Value
    init(_ value: Value) { self.value = value }
}
