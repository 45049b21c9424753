// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import Interchange

@Suite("A mux")
struct MuxTests {
    private static let start = Instant(seconds: 1_800_000_000)

    private static func key(_ number: Int) -> ExchangeKey { ExchangeKey(Array("\(number)".utf8)) }

    private func upMux(_ change: (inout Mux<Int>.Limits) -> Void = { _ in }) -> Mux<Int> {
        var limits = Mux<Int>.Limits()
        change(&limits)
        var mux = Mux<Int>(limits: limits)
        mux.lineUp()
        return mux
    }

    private func submit(_ mux: inout Mux<Int>, _ number: Int, at: Instant = start) throws {
        try mux.submit(Self.key(number), number, deadline: at + .seconds(25), now: at)
    }

    @Test("gives an answer to the request it belongs to, in any order")
    func answers() throws {
        var mux = upMux()
        for number in 0..<5 { try submit(&mux, number) }
        #expect(mux.departures().map(\.context) == [0, 1, 2, 3, 4])
        for number in [3, 0, 4, 2, 1] {
            guard case .answer(number) = mux.receive(Self.key(number), now: Self.start) else {
                Issue.record("request \(number) was not found")
                continue
            }
        }
        #expect(mux.inFlight == 0)
        guard case .repeated(3) = mux.receive(Self.key(3), now: Self.start) else {
            Issue.record("a second answer is not told as one")
            return
        }
        guard case .unknown = mux.receive(Self.key(9), now: Self.start) else {
            Issue.record("an answer to nothing was taken")
            return
        }
    }

    @Test("refuses a second request with the key of an open one, or of one whose answer may still come")
    func duplicates() throws {
        var mux = upMux()
        try submit(&mux, 1)
        #expect(throws: MuxRefusal.duplicateKey) { try submit(&mux, 1) }
        _ = mux.departures()
        #expect(throws: MuxRefusal.duplicateKey) { try submit(&mux, 1) }
        #expect(mux.expire(now: Self.start + .seconds(25)).map(\.outcome) == [.notAnswered])
        #expect(throws: MuxRefusal.duplicateKey) { try submit(&mux, 1) }
        _ = mux.expire(now: Self.start + .seconds(25) + .minutes(10))
        try submit(&mux, 1, at: Self.start + .minutes(11))
    }

    @Test("tells what never left from what was not answered and from what the line took with it")
    func outcomes() throws {
        var mux = upMux { $0.window = 2 }
        for number in 0..<4 { try submit(&mux, number) }
        #expect(mux.departures().map(\.context) == [0, 1])
        let waited = mux.expire(now: Self.start + .seconds(12))
        #expect(waited.map(\.context) == [2, 3])
        #expect(waited.allSatisfy { $0.outcome == .notSent && !$0.outcome.needsReversal })
        // What never left may be sent again under its key.
        try submit(&mux, 2, at: Self.start + .seconds(13))
        guard case .answer(0) = mux.receive(Self.key(0), now: Self.start + .seconds(14)) else {
            Issue.record("no answer")
            return
        }
        #expect(mux.departures().map(\.context) == [2])
        let lost = mux.lineDown(now: Self.start + .seconds(15))
        #expect(lost.map(\.context) == [1, 2])
        #expect(lost.allSatisfy { $0.outcome == .disconnectedAfterSend && $0.outcome.needsReversal })
        #expect(mux.inFlight == 0 && mux.waiting == 0)
    }

    @Test("hands a late answer over with its context, for ten minutes")
    func late() throws {
        var mux = upMux()
        try submit(&mux, 7)
        _ = mux.departures()
        let gaveUp = Self.start + .seconds(25)
        #expect(mux.expire(now: gaveUp).map(\.context) == [7])
        guard case .late(7, after: .notAnswered) = mux.receive(Self.key(7), now: gaveUp + .seconds(1)) else {
            Issue.record("the late answer lost its context")
            return
        }
        _ = mux.expire(now: gaveUp + .minutes(10))
        guard case .unknown = mux.receive(Self.key(7), now: gaveUp + .minutes(10)) else {
            Issue.record("the memory has no end")
            return
        }
    }

    @Test("sends nothing while the line is down, and what waited when it is back")
    func down() throws {
        var mux = Mux<Int>()
        try submit(&mux, 1)
        #expect(mux.departures().isEmpty)
        mux.lineUp()
        #expect(mux.departures().map(\.context) == [1])
    }

    @Test("takes one request more than its queue holds for too many")
    func full() throws {
        var mux = upMux { $0.queue = 3 }
        for number in 0..<3 { try submit(&mux, number) }
        #expect(throws: MuxRefusal.queueFull) { try submit(&mux, 3) }
        _ = mux.departures()
        try submit(&mux, 3)
    }

    @Test("ends every request exactly once, whatever line and time do", arguments: 0..<40)
    func exactlyOnce(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var mux = upMux {
            $0.window = 4
            $0.queue = 16
            $0.lateCount = 8
        }
        var now = Self.start
        var ended: [Int] = []
        var taken = 0
        var onLine: [Int] = []
        for _ in 0..<2_000 {
            now = now + .milliseconds(Int64(random.below(3_000)))
            switch random.below(6) {
            case 0, 1:
                if (try? mux.submit(Self.key(taken), taken, deadline: now + .seconds(25), now: now)) != nil {
                    taken += 1
                }
            case 2 where !onLine.isEmpty:
                let number = onLine.remove(at: random.below(onLine.count))
                if case .answer(number) = mux.receive(Self.key(number), now: now) { ended.append(number) }
                if random.chance(perMille: 100) { onLine.append(number) }
            case 3 where random.chance(perMille: 100):
                ended += mux.lineDown(now: now).map(\.context)
                #expect(mux.inFlight == 0)
            case 4: mux.lineUp()
            default:
                // Whoever waits for `nextExpiry` misses nothing.
                let early = mux.nextExpiry.map { $0 > now } ?? true
                let failures = mux.expire(now: now)
                #expect(!early || failures.isEmpty)
                ended += failures.map(\.context)
            }
            onLine += mux.departures().map(\.context)
            #expect(mux.inFlight <= 4 && mux.waiting <= 16, "seed \(seed)")
        }
        ended += mux.lineDown(now: now).map(\.context)
        ended += mux.expire(now: now + .minutes(1)).map(\.context)
        #expect(ended.sorted() == Array(0..<taken), "seed \(seed)")
        _ = mux.expire(now: now + .minutes(20))
        #expect(mux.nextExpiry == nil, "seed \(seed)")
    }
}
