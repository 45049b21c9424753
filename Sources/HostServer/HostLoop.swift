// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import Journal
import Logging
import NIOCore
import NIOPosix
import Storage
import Vocabulary

/// The host on its event loop: it owns the connections and the engine, and is touched by that loop alone.
///
/// Messages gather while the loop reads its sockets and are decided as one batch; a commit takes what queued during
/// the last one; one hop a commit goes to the journal's thread and comes back.
final class HostLoop {
    let logger: Logger
    let loop: any EventLoop
    let engine: HostEngine
    private let journal: JournalWriter
    private let snapshots: SnapshotStore
    let clock: @Sendable () -> Instant
    let recordedTime: (@Sendable ([UInt8]) -> Instant?)?
    private let sink: HostServer.CommittedSink

    var connections: [UInt64: OpenConnection] = [:]
    private var nextConnection: UInt64 = 1
    var inbox: [HostEngine.Incoming] = []
    private var isScheduled = false
    private var waitingCommands: [UInt64: EventLoopPromise<Void>] = [:]
    /// Saved when the commit that ends with that record has landed: never before, or it would be of records that a
    /// power failure can still take back.
    private var pendingSnapshot: (last: UInt64, snapshot: HostSnapshot)?
    private var sinceSnapshot: UInt64 = 0
    /// One snapshot at a time: it is written down elsewhere, and the state it holds is kept as it was until then.
    var isSaving = false
    /// Too much waits for the disk: no connection is read until less does.
    private var isCongested = false
    var isStopped = false
    var witness: (@Sendable (HostRecord) -> Void)?
    var drained: (head: @Sendable () -> JournalHead, done: EventLoopPromise<HostSnapshot>)?
    /// Lines to other hosts; nil: no traffic with any.
    var lines: UpstreamLines?
    var linesUp: [Bool] = []
    var onLine: (@Sendable (String, Bool) -> Void)?
    var upstreamTimer: (at: Instant, task: Scheduled<Void>)?

    /// More connections than this are refused.
    static let connectionsMax = 16_384
    /// A connection with this many unanswered messages is not read until some are answered.
    static let inFlightMax = 256
    /// A snapshot is taken after this many records.
    var snapshotInterval: UInt64 = 250_000
    /// How long a host that is to stop waits for the answers of others.
    static let drainMax = TimeAmount.seconds(5)

    init(
        loop: any EventLoop, engine: HostEngine, journal: JournalWriter, snapshots: SnapshotStore, logger: Logger,
        clock: @escaping @Sendable () -> Instant, recordedTime: (@Sendable ([UInt8]) -> Instant?)?,
        sink: @escaping HostServer.CommittedSink
    ) {
        self.loop = loop
        self.engine = engine
        self.journal = journal
        self.snapshots = snapshots
        self.logger = logger
        self.clock = clock
        self.recordedTime = recordedTime
        self.sink = sink
    }

    // MARK: - Connections

    func open(_ channel: any Channel) -> UInt64? {
        guard connections.count < Self.connectionsMax, !isStopped else {
            logger.warning("a connection was refused", metadata: ["open": "\(connections.count)"])
            return nil
        }
        let id = nextConnection
        nextConnection += 1
        connections[id] = OpenConnection(channel: channel)
        if isCongested { connections[id]?.read(unless: true) }
        return id
    }

    /// The connection's other end has proved to be this terminal.
    func certify(_ id: UInt64, _ terminal: TerminalID) { connections[id]?.terminal = terminal }

    func close(_ id: UInt64) { connections[id] = nil }

    /// Whether what a connection sends is taken off it at present.
    func isReading(_ id: UInt64) -> Bool {
        connections[id].map { !$0.isPaused && !$0.isBackedUp && !isCongested } ?? false
    }

    func take(_ message: [UInt8], from id: UInt64) {
        // Once the host is to stop nothing more is taken, or busy terminals could keep it from ever coming to an end.
        guard drained == nil, !isStopped else { return }
        inbox.append(HostEngine.Incoming(channel: id, bytes: message, certified: connections[id]?.terminal))
        connections[id]?.inFlight += 1
        if let connection = connections[id], connection.inFlight >= Self.inFlightMax, !connection.isPaused {
            connections[id]?.isPaused = true
            connections[id]?.read(unless: isCongested)
        }
        schedule()
    }

    /// The connection's answers wait for its terminal, or no longer do.
    func backUp(_ id: UInt64, _ isBackedUp: Bool) {
        connections[id]?.isBackedUp = isBackedUp
        connections[id]?.read(unless: isCongested)
    }

    private func schedule() {
        guard !isScheduled else { return }
        isScheduled = true
        loop.assumeIsolated().execute { self.process() }
    }

    // MARK: - Deciding

    private func process() {
        isScheduled = false
        guard !isStopped else { return }
        var notices: [HostEngine.Notice] = []
        // What finds no room before the disk waits here for the next commit to land; its terminals are not read.
        let count = min(inbox.count, engine.room)
        let batch = Array(inbox[..<count])
        inbox.removeFirst(count)
        let released = decide(batch, &notices)
        for notice in notices { report(notice) }
        send(released)
        commit()
    }

    private func decide(_ batch: [HostEngine.Incoming], _ notices: inout [HostEngine.Notice]) -> HostEngine.Released {
        guard let recordedTime else { return engine.receive(batch, now: clock(), notices: &notices) }
        var released = engine.receive([], now: clock(), notices: &notices)
        for incoming in batch {
            let now = recordedTime(incoming.bytes) ?? clock()
            let one = engine.receive([incoming], now: now, notices: &notices)
            released.answers += one.answers
            released.records += one.records
            released.commands += one.commands
        }
        return released
    }

    private func report(_ notice: HostEngine.Notice) {
        logger.notice(
            "a message was refused unread",
            metadata: [
                "terminal": "\(notice.terminal?.description ?? "unknown")", "intent": "\(notice.intent.rawValue)",
                "detail": "\(notice.detail)",
            ])
        if notice.closes { connections[notice.channel]?.channel.close(promise: nil) }
    }

    func submit(_ command: Command, by principal: Principal, done: EventLoopPromise<Void>) {
        guard !isStopped else { return done.fail(ServerStopped()) }
        do {
            let ticket = try engine.submit(command, by: principal, now: clock())
            waitingCommands[ticket] = done
            commit()
        } catch {
            done.fail(error)
        }
    }

    func submit(_ commands: [(command: Command, principal: Principal)], done: EventLoopPromise<Void>) {
        guard !isStopped else { return done.fail(ServerStopped()) }
        do {
            var last: UInt64 = 0
            for (command, principal) in commands { last = try engine.submit(command, by: principal, now: clock()) }
            // Tickets become durable in their order.
            waitingCommands[last] = done
        } catch {
            done.fail(error)
        }
        commit()
    }

    func digest() -> [UInt8] { engine.host.digest() }

    func read<Value>(_ body: (borrowing Host) -> Value) -> Value { body(engine.host) }

    // MARK: - Committing

    /// Stops and resumes reading as the queue before the disk grows and shrinks: a terminal that waits in its socket is
    /// better off than one that is told to reverse.
    private func watchQueue() {
        let mayRead = isCongested ? engine.isRelieved : !engine.isCongested
        guard mayRead == isCongested else { return }
        isCongested = !mayRead
        logger.notice("reading from connections", metadata: ["isStopped": "\(isCongested)"])
        for connection in connections.values { connection.read(unless: isCongested) }
    }

    func commit() {
        defer { watchQueue() }
        guard !isStopped, let commit = engine.nextCommit() else {
            finishIfDrained()
            return
        }
        sinceSnapshot += UInt64(commit.count)
        if sinceSnapshot >= snapshotInterval, commit.last == engine.host.sequence, !isSaving {
            // Everything applied is in this commit, so the state is the journal's as of its end.
            sinceSnapshot = 0
            pendingSnapshot = (
                commit.last, HostSnapshot(head: JournalHead(after: commit), state: engine.host.state())
            )
        }
        let last = commit.last
        let hop = NIOLoopBound(self, eventLoop: loop)
        let loop = loop
        journal.enqueue(commit) { result in
            loop.execute { hop.value.landed(last, result) }
        }
    }

    private func landed(_ last: UInt64, _ result: Result<Void, any Error>) {
        do {
            try result.get()
            let released = try engine.committed(upTo: last)
            if let witness { for (_, record) in released.records { witness(record) } }
            saveSnapshot(landed: last)
            send(released)
            driveUpstream()
        } catch {
            // Nobody can know what the disk kept: nothing leaves any more, and the process stops.
            engine.failed()
            isStopped = true
            lines?.close()
            logger.critical("a commit failed; the host stops", metadata: ["error": "\(error)"])
            for connection in connections.values { connection.channel.close(promise: nil) }
            for promise in waitingCommands.values { promise.fail(error) }
            waitingCommands = [:]
            drained?.done.fail(ServerStopped())
            drained = nil
            sink(.failed)
            return
        }
        commit()
        if !inbox.isEmpty { schedule() }
    }

    private func saveSnapshot(landed last: UInt64) {
        guard let (end, snapshot) = pendingSnapshot, end <= last else { return }
        pendingSnapshot = nil
        precondition(snapshot.head.next <= last + 1, "a snapshot is of what is durable")
        isSaving = true
        let store = snapshots
        let logger = logger
        let hop = NIOLoopBound(self, eventLoop: loop)
        let loop = loop
        // Written down and saved off the loop; the journal alone is enough to recover from, so nobody waits for it.
        NIOThreadPool.singleton.submit { _ in
            do { try store.save(snapshot.envelope()) } catch {
                logger.warning("a snapshot was not saved", metadata: ["error": "\(error)"])
            }
            loop.execute {
                hop.value.isSaving = false
                hop.value.finishIfDrained()
            }
        }
    }

    // MARK: - Sending

    private func send(_ released: HostEngine.Released) {
        var touched: [UInt64] = []
        for answer in released.answers {
            guard let channel = connections[answer.channel]?.channel else { continue }
            var buffer = channel.allocator.buffer(capacity: answer.bytes.count + 2)
            buffer.writeInteger(UInt16(answer.bytes.count))
            buffer.writeBytes(answer.bytes)
            // May call `backUp` before it returns, so no copy of the connection is held over it.
            channel.write(buffer, promise: nil)
            answered(on: answer.channel)
            if touched.last != answer.channel { touched.append(answer.channel) }
        }
        for id in touched { connections[id]?.channel.flush() }
        for ticket in released.commands { waitingCommands.removeValue(forKey: ticket)?.succeed() }
        if !released.records.isEmpty { sink(.committed(released.records)) }
    }

    private func answered(on id: UInt64) {
        connections[id]?.inFlight -= 1
        guard let connection = connections[id], connection.isPaused, connection.inFlight < Self.inFlightMax / 2 else {
            return
        }
        connections[id]?.isPaused = false
        connections[id]?.read(unless: isCongested)
    }
}
