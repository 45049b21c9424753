// SPDX-License-Identifier: Apache-2.0
import Catalogue
import NIOCore
import Vocabulary

/// Keeps so many purchases under way for so long. Cards take turns, each at four shops of its own, as people do.
///
/// Touched by the client's loop alone.
final class BenchDriver {
    private let client: LoadClient
    private let options: BenchOptions
    private var cursor = 0
    private var stans: [STAN]
    private var isCardBusy: [Bool]
    private var inFlight = 0
    private var signedOn = 0
    private var nextSignOn = 0
    private var deadline = NIODeadline.distantFuture
    private var started = NIODeadline.now()
    private var ended = NIODeadline.now()
    private var approved = 0
    private var latency = Latency()
    private var promise: EventLoopPromise<Void>?
    private var failure: (any Error)?
    private let approval = ResponseCode.approved

    /// Shops a card is used at: fewer than the rules find suspicious.
    private static let shopsPerCard = 4

    init(client: LoadClient, options: BenchOptions) {
        self.client = client
        self.options = options
        stans = Array(repeating: STAN(1), count: options.terminals)
        isCardBusy = Array(repeating: false, count: options.cards)
        client.onSignOn = { [unowned self] _ in self.takeSignOn() }
        client.onOutcome = { [unowned self] in self.take($0) }
        client.onFailure = { [unowned self] in self.fail($0) }
    }

    // MARK: - Sign-on, not measured

    func signOn(_ promise: EventLoopPromise<Void>) {
        self.promise = promise
        for _ in 0..<min(options.inFlight, options.terminals) { signOnNext() }
    }

    private func signOnNext() {
        guard nextSignOn < options.terminals else { return }
        nextSignOn += 1
        client.signOn(nextSignOn - 1, at: WallClock.now())
    }

    private func takeSignOn() {
        signedOn += 1
        if signedOn == options.terminals { keep() } else { signOnNext() }
    }

    // MARK: - The load

    func run(_ promise: EventLoopPromise<Void>) {
        if let failure { return promise.fail(failure) }
        self.promise = promise
        started = .now()
        deadline = started + .seconds(Int64(options.seconds))
        for _ in 0..<options.inFlight { sell() }
    }

    private func sell() {
        guard let purchase = next() else { return }
        isCardBusy[purchase.card] = true
        inFlight += 1
        client.start(purchase)
    }

    /// The next card whose turn it is, and whose shop has its terminal free.
    private func next() -> LoadPurchase? {
        for _ in 0..<max(options.cards, options.terminals) {
            let card = cursor % options.cards
            let visit = cursor / options.cards
            cursor += 1
            let shop = visit % Self.shopsPerCard
            let terminal = (card + shop * (options.terminals / Self.shopsPerCard)) % options.terminals
            if isCardBusy[card] || client.isBusy(terminal) { continue }
            let stan = stans[terminal]
            stans[terminal] = stan.next
            // 1.00 to 249.99, spread without a pattern that a rule could see.
            let amount = 100 + Int64(cursor &* 7_919 % 24_900)
            return LoadPurchase(terminal: terminal, card: card, amount: amount, stan: stan, at: WallClock.now())
        }
        return nil
    }

    private func take(_ outcome: LoadOutcome) {
        inFlight -= 1
        isCardBusy[outcome.purchase.card] = false
        latency.record(nanoseconds: outcome.latencyNanoseconds)
        if outcome.code == approval { approved += 1 }
        let now = NIODeadline.now()
        if now < deadline { return sell() }
        ended = now
        if inFlight == 0 { keep() }
    }

    var result: BenchClientResult {
        BenchClientResult(
            answers: Int(latency.count), approved: approved, seconds: Double((ended - started).nanoseconds) / 1e9,
            latency: latency.figures, cpuMicroseconds: 0)
    }

    private func keep() {
        promise?.succeed()
        promise = nil
    }

    private func fail(_ error: any Error) {
        guard failure == nil else { return }
        failure = error
        promise?.fail(error)
        promise = nil
    }
}

/// What the client saw.
struct BenchClientResult: Equatable, Sendable {
    var answers: Int
    var approved: Int
    /// From the first request to the last answer.
    var seconds: Double
    var latency: LatencyFigures
    /// The client process's own, from the first request to the last answer.
    var cpuMicroseconds: Int64

    init(answers: Int, approved: Int, seconds: Double, latency: LatencyFigures, cpuMicroseconds: Int64) {
        (self.answers, self.approved, self.seconds) = (answers, approved, seconds)
        (self.latency, self.cpuMicroseconds) = (latency, cpuMicroseconds)
    }

    var json: JSON {
        [
            "event": "done", "answers": .integer(Int64(answers)), "approved": .integer(Int64(approved)),
            "microseconds": .integer(Int64(seconds * 1e6)), "cpuMicroseconds": .integer(cpuMicroseconds),
            "latencyMicroseconds": latency.json,
        ]
    }

    init?(_ json: JSON) {
        guard json["event"]?.string == "done", let answers = json["answers"]?.integer,
            let approved = json["approved"]?.integer, let microseconds = json["microseconds"]?.integer,
            let cpu = json["cpuMicroseconds"]?.integer, let latency = LatencyFigures(json["latencyMicroseconds"])
        else { return nil }
        self.init(
            answers: Int(answers), approved: Int(approved), seconds: Double(microseconds) / 1e6, latency: latency,
            cpuMicroseconds: cpu)
    }
}
