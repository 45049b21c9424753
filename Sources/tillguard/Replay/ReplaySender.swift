// SPDX-License-Identifier: Apache-2.0
import Estate
import Host
import HostServer
import Issuer
import NIOCore
import NIOPosix
import SecurityModule
import Vocabulary

/// Reads the recording piece by piece, sets up terminals and cards as they first appear, passes over what earlier runs
/// have decided and hands the rest to the driver.
struct ReplaySender {
    /// What one run did.
    struct Measured: Sendable {
        var rows = ReplayRows()
        var latency = LatencyFigures(p50: 0, p99: 0, p999: 0, max: 0)
        var answered = 0
        var signOns = 0
        var seconds = 0.0
        var terminals = 0
        var cards = 0
    }

    private let options: ReplayRun.Options
    private let deployment: Deployment
    private let progress: ReplayProgress
    private let client: NIOLoopBound<LoadClient>
    private let driver: NIOLoopBound<ReplayDriver>
    private let loop: any EventLoop
    private let earlier: ReplayTally
    private var terminals = Numbering()
    private var customers = Numbering()
    private var cardKeys: [CardKey] = []
    private var rows = ReplayRows()
    /// By terminal: how many of its purchases have been read.
    private var read: [Int] = []
    private var latestRow = Instant.epoch

    static let chunkRows = 256

    init(
        _ options: ReplayRun.Options, _ deployment: Deployment, clock: VirtualClock, earlier: ReplayTally,
        progress: ReplayProgress, on loop: any EventLoop
    ) async throws {
        let client = try await LoadClient.connect(
            to: deployment.server.port, connections: options.connections, on: loop)
        driver = try await loop.submit { [options] in
            let driver = ReplayDriver(
                client: client.value, window: options.inFlight, clock: clock, progress: progress)
            driver.begin()
            return NIOLoopBound(driver, eventLoop: loop)
        }.get()
        self.options = options
        self.deployment = deployment
        self.client = client
        self.loop = loop
        self.earlier = earlier
        self.progress = progress
    }

    /// Sends the recording from its first piece on, and returns when everything sent is answered.
    mutating func send(_ first: [RecordedPurchase], _ recording: Recording, total: Int) async throws -> Measured {
        let start = NIODeadline.now()
        var piece = first
        var stopped: (any Error)?
        do {
            while !piece.isEmpty, !progress.isStopRequested {
                try await send(piece)
                let count = min(Self.chunkRows, total - rows.count)
                guard count > 0 else { break }
                piece = try await NIOThreadPool.singleton.runIfActive { try recording.next(count) }
            }
        } catch { stopped = error }
        // What is under way is finished, also before an error of the recording is shown.
        let done = loop.makePromise(of: Void.self)
        loop.execute { [driver] in driver.value.finish(done) }
        let finished: Result<Void, any Error>
        do { finished = .success(try await done.futureResult.get()) } catch { finished = .failure(error) }
        let seconds = Double((NIODeadline.now() - start).nanoseconds) / 1e9
        var measured = try await loop.submit { [driver, client] in
            driver.value.end()
            var measured = Measured()
            measured.latency = driver.value.latency.figures
            measured.answered = Int(driver.value.latency.count)
            measured.signOns = client.value.signOns
            return measured
        }.get()
        try await loop.flatSubmit { [client] in client.value.close() }.get()
        if let stopped, !(progress.isStopRequested && stopped is ReplayError) { throw stopped }
        try finished.get()
        measured.rows = rows
        measured.seconds = seconds
        measured.terminals = terminals.names.count
        measured.cards = customers.names.count
        return measured
    }

    private mutating func send(_ piece: [RecordedPurchase]) async throws {
        let terminalsBefore = terminals.names.count
        let cardsBefore = customers.names.count
        var numbered: [(purchase: RecordedPurchase, terminal: Int, card: Int)] = []
        for purchase in piece {
            numbered.append(
                (purchase, terminals.number(purchase.terminal).number, customers.number(purchase.customer).number))
        }
        try await setUp(
            terminalsBefore..<terminals.names.count, cardsBefore..<customers.names.count, line: piece.first?.line ?? 0)
        var purchases: [LoadPurchase] = []
        for (purchase, terminal, card) in numbered {
            if let next = try place(purchase, terminal, card) { purchases.append(next) } else { progress.pass(1) }
        }
        guard !purchases.isEmpty else { return }
        let room = loop.makePromise(of: Void.self)
        loop.execute { [driver, purchases] in driver.value.feed(purchases, room) }
        try await room.futureResult.get()
    }

    /// Numbers a row within its terminal's; nil when it is no purchase or has been decided before.
    private mutating func place(_ row: RecordedPurchase, _ terminal: Int, _ card: Int) throws -> LoadPurchase? {
        rows.add(row, terminal: terminal)
        // The clock never goes back, whatever the recording says.
        latestRow = max(latestRow, row.at)
        guard row.amount > 0 else { return nil }
        let ordinal = read[terminal]
        read[terminal] += 1
        if terminal < earlier.decided.count, ordinal < earlier.decided[terminal].count {
            let known = earlier.decided[terminal][ordinal]
            guard known.amount == row.amount, known.at == latestRow, known.card == nil || known.card == cardKeys[card]
            else { throw ReplayError.otherRecording(options.file, line: row.line, data: options.data) }
            return nil
        }
        return LoadPurchase(
            terminal: terminal, card: card, amount: row.amount, stan: STAN(UInt32(ordinal % 999_999) + 1), at: latestRow
        )
    }

    // MARK: - Setting up what is new

    private func terminalName(_ terminal: Int) -> String { "Terminal \(terminals.names[terminal])" }
    private func holder(_ card: Int) -> String { "Customer \(customers.names[card])" }

    private mutating func setUp(_ newTerminals: Range<Int>, _ newCards: Range<Int>, line: Int) async throws {
        guard !newTerminals.isEmpty || !newCards.isEmpty else { return }
        guard terminals.names.count <= LoadEstate.terminalsMax, customers.names.count <= LoadEstate.cardsMax else {
            throw ReplayError.unreadable(options.file, why: "more terminals or customers than a replay can number")
        }
        let module = deployment.module
        for card in newCards {
            cardKeys.append(LoadEstate.pan(card).map { module.cardKey($0) } ?? CardKey(high: 0, low: 0))
        }
        for _ in newTerminals { read.append(0) }
        let known = try await known(newTerminals, newCards)
        var commands: [(command: Command, principal: Principal)] = []
        for (terminal, known) in zip(newTerminals, known.terminals) {
            try require(known.name, terminalName(terminal), line)
            commands += LoadEstate.commands(terminal: terminal, name: terminalName(terminal), known: known)
        }
        for (card, known) in zip(newCards, known.cards) {
            try require(known.holder, holder(card), line)
            commands += LoadEstate.commands(
                card: card, holder: holder(card), hasAccount: known.holder != nil, hasCard: known.hasCard, by: module)
        }
        try await deployment.server.submit(commands)
        try await loop.submit { [client] in
            for (terminal, known) in zip(newTerminals, known.terminals) {
                guard let end = LoadEstate.module(terminal: terminal, known: known, from: module) else {
                    throw LoadFailure.cannotProtect(LoadEstate.terminal(terminal))
                }
                client.value.add(LoadSession(terminal, module: end))
            }
            for number in newCards {
                guard let card = LoadCard(number) else { throw LoadFailure.noSuchCard(number) }
                client.value.add(card)
            }
        }.get()
    }

    /// What a journal knows under a number must be what the recording numbers so.
    private func require(_ known: String?, _ name: String, _ line: Int) throws(ReplayError) {
        guard known == nil || known == name else {
            throw .otherRecording(options.file, line: line, data: options.data)
        }
    }

    private typealias KnownCard = (holder: String?, hasCard: Bool)

    private func known(
        _ terminals: Range<Int>, _ cards: Range<Int>
    ) async throws -> (terminals: [KnownTerminal], cards: [KnownCard]) {
        guard !earlier.isEmpty else { return (terminals.map { _ in KnownTerminal() }, cards.map { _ in (nil, false) }) }
        let keys = cards.map { cardKeys[$0] }
        return try await deployment.server.read { host in
            var knownTerminals: [KnownTerminal] = []
            for terminal in terminals { knownTerminals.append(KnownTerminal(terminal, in: host)) }
            var knownCards: [KnownCard] = []
            for (card, key) in zip(cards, keys) {
                let account = host.issuer.accounts[LoadEstate.account(card)]
                knownCards.append((account?.holder, host.issuer.cards.find(key) != nil))
            }
            return (knownTerminals, knownCards)
        }
    }
}
