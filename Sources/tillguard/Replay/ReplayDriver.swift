// SPDX-License-Identifier: Apache-2.0
import NIOCore
import Vocabulary

/// Sends recorded purchases in the file's order, many at a time, but never two of one card or one terminal.
///
/// Touched by the client's loop alone.
final class ReplayDriver {
    private let client: LoadClient
    private let window: Int
    private let clock: VirtualClock
    private let progress: ReplayProgress
    private var queue: [LoadPurchase] = []
    private var head = 0
    private var inFlight = 0
    private var isCardBusy: [Bool] = []
    private var room: EventLoopPromise<Void>?
    private var idle: EventLoopPromise<Void>?
    private var failure: (any Error)?
    private var watch: Scheduled<Void>?
    private var answersSeen = -1
    private var silentSeconds = 0
    private(set) var latency = Latency()

    /// More is taken when no more than this waits.
    private static let waitingMax = 512
    /// The load ends when the host says nothing for so long.
    private static let silenceSecondsMax = 60
    private static let watchSeconds = 5

    init(client: LoadClient, window: Int, clock: VirtualClock, progress: ReplayProgress) {
        self.client = client
        self.window = window
        self.clock = clock
        self.progress = progress
        client.onOutcome = { [unowned self] in self.take($0) }
        client.onFailure = { [unowned self] in self.fail($0) }
    }

    /// Begins to watch that the host does not fall silent.
    func begin() {
        watch = client.loop.assumeIsolated().scheduleTask(in: .seconds(Int64(Self.watchSeconds))) { [weak self] in
            self?.look()
            self?.begin()
        }
    }

    /// Takes purchases; `promise` is kept when there is room for more.
    func feed(_ purchases: [LoadPurchase], _ promise: EventLoopPromise<Void>) {
        if let failure { return promise.fail(failure) }
        if head > Self.waitingMax * 4 {
            queue.removeFirst(head)
            head = 0
        }
        queue += purchases
        room = promise
        pump()
    }

    /// `promise` is kept when everything taken has been answered; after a stop, everything sent.
    func finish(_ promise: EventLoopPromise<Void>) {
        if let failure { return promise.fail(failure) }
        idle = promise
        settle()
    }

    func end() { watch?.cancel() }

    private func pump() {
        while failure == nil, !progress.isStopRequested, inFlight < window, head < queue.count {
            let next = queue[head]
            while isCardBusy.count <= next.card { isCardBusy.append(false) }
            // The file's order is kept: whoever must wait holds up those behind.
            if isCardBusy[next.card] || client.isBusy(next.terminal) { break }
            head += 1
            isCardBusy[next.card] = true
            inFlight += 1
            clock.advance(to: next.at)
            client.start(next)
        }
        settle()
    }

    /// After a stop, what waits is left to the next run.
    private func settle() {
        let isStopping = progress.isStopRequested
        if queue.count - head <= Self.waitingMax || isStopping, let promise = room {
            room = nil
            promise.succeed()
        }
        if inFlight == 0, head == queue.count || isStopping, let promise = idle {
            idle = nil
            promise.succeed()
        }
    }

    private func take(_ outcome: LoadOutcome) {
        inFlight -= 1
        isCardBusy[outcome.purchase.card] = false
        latency.record(nanoseconds: outcome.latencyNanoseconds)
        progress.add(1)
        pump()
    }

    private func look() {
        guard inFlight > 0 else { return }
        silentSeconds = client.answers == answersSeen ? silentSeconds + Self.watchSeconds : 0
        answersSeen = client.answers
        if silentSeconds >= Self.silenceSecondsMax { fail(LoadFailure.noAnswer(seconds: silentSeconds)) }
    }

    private func fail(_ error: any Error) {
        guard failure == nil else { return }
        failure = error
        room?.fail(error)
        idle?.fail(error)
        room = nil
        idle = nil
    }
}
