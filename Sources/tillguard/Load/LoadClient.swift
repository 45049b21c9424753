// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import NIOCore
import NIOPosix
import Vocabulary

/// Many terminals on one event loop, spread over a few connections: signs them on, sends their purchases and matches
/// the answers by terminal and STAN. Touched by its loop alone.
final class LoadClient {
    let loop: any EventLoop
    private(set) var sessions: [LoadSession] = []
    private(set) var cards: [LoadCard] = []
    private var lines: [any Channel] = []
    private var unflushed: [Bool] = []
    private var isFlushScheduled = false
    private var byTerminal: [UInt64: Int] = [:]
    private var isClosing = false
    private(set) var signOns = 0
    /// Answers of any kind; a watch on a host that has fallen silent.
    private(set) var answers = 0

    /// Called for every purchase that was answered.
    var onOutcome: (LoadOutcome) -> Void = { _ in }
    /// Called for every terminal that has signed on without a purchase waiting.
    var onSignOn: (Int) -> Void = { _ in }
    /// Called once for whatever ends the load.
    var onFailure: (any Error) -> Void = { _ in }

    /// What the host says when a lease has run out.
    private let leaseExpired = Intent.leaseExpired.outcome(in: .iso8583).code

    init(loop: any EventLoop) { self.loop = loop }

    /// Opens the connections.
    static func connect(
        to port: Int, connections: Int, on loop: any EventLoop
    ) async throws -> NIOLoopBound<LoadClient> {
        let client = try await loop.submit { NIOLoopBound(LoadClient(loop: loop), eventLoop: loop) }.get()
        for _ in 0..<connections {
            let channel = try await ClientBootstrap(group: loop)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(LoadLine(client: client.value))
                    }
                }
                .connect(host: "127.0.0.1", port: port).get()
            try await loop.submit { client.value.add(channel) }.get()
        }
        return client
    }

    private func add(_ channel: any Channel) {
        lines.append(channel)
        unflushed.append(false)
    }

    /// Adds the next terminal; its number is its place.
    func add(_ session: LoadSession) {
        byTerminal[session.id.packed] = sessions.count
        sessions.append(session)
    }

    /// Adds the next card; its number is its place.
    func add(_ card: LoadCard) { cards.append(card) }

    // MARK: - Out

    func isBusy(_ terminal: Int) -> Bool { sessions[terminal].state != .idle }

    /// Sends a purchase; the terminal signs on first if its lease has run out.
    func start(_ purchase: LoadPurchase) {
        let session = sessions[purchase.terminal]
        precondition(session.state == .idle, "a terminal has one request out at a time")
        session.purchase = purchase
        guard session.needsSignOn(at: purchase.at) else { return sell(session, purchase) }
        send(session.hello(at: purchase.at), session, purchase.terminal)
    }

    /// Signs a terminal on that has nothing to sell yet.
    func signOn(_ terminal: Int, at now: Instant) {
        send(sessions[terminal].hello(at: now), sessions[terminal], terminal)
    }

    private func sell(_ session: LoadSession, _ purchase: LoadPurchase) {
        send(session.sale(purchase, with: cards[purchase.card]), session, purchase.terminal)
    }

    private func send(_ message: [UInt8]?, _ session: LoadSession, _ terminal: Int) {
        guard let message else { return onFailure(LoadFailure.cannotProtect(session.id)) }
        let line = terminal % lines.count
        var buffer = lines[line].allocator.buffer(capacity: message.count + 2)
        buffer.writeInteger(UInt16(message.count))
        buffer.writeBytes(message)
        session.sentNanoseconds = NIODeadline.now().uptimeNanoseconds
        lines[line].write(buffer, promise: nil)
        unflushed[line] = true
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        loop.assumeIsolated().execute { self.flush() }
    }

    /// What was written in one turn of the loop leaves together.
    private func flush() {
        isFlushScheduled = false
        for line in lines.indices where unflushed[line] {
            unflushed[line] = false
            lines[line].flush()
        }
    }

    // MARK: - In

    func receive(_ message: [UInt8]) {
        answers += 1
        guard let view = try? MessageView(message, spec: .iso8583_1987), let id = view[.terminal],
            let terminal = byTerminal[id.packed]
        else { return onFailure(LoadFailure.malformedAnswer) }
        let session = sessions[terminal]
        let now = session.purchase?.at ?? WallClock.now()
        switch session.receive(view, at: now) {
        case .nonce(let nonce): send(session.evidence(over: nonce, at: now), session, terminal)
        case .signedOn:
            signOns += 1
            if let purchase = session.purchase { sell(session, purchase) } else { onSignOn(terminal) }
        case .answered(leaseExpired) where session.leaseEnds != .epoch:
            // The host's clock decides, not ours. It sells again once, after a new sign-on.
            session.dropLease()
            send(session.hello(at: now), session, terminal)
        case .answered(let code):
            let latency = NIODeadline.now().uptimeNanoseconds - session.sentNanoseconds
            guard let purchase = session.purchase else { return }
            session.purchase = nil
            onOutcome(LoadOutcome(purchase: purchase, code: code, latencyNanoseconds: latency))
        case .refused(let failure): onFailure(failure)
        }
    }

    func lineDown() {
        if !isClosing { onFailure(LoadFailure.disconnected) }
    }

    func close() -> EventLoopFuture<Void> {
        isClosing = true
        return EventLoopFuture.andAllComplete(lines.map { $0.close() }, on: loop)
    }
}
