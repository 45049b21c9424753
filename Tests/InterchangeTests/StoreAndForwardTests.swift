// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import Interchange

@Suite("Store and forward")
struct StoreAndForwardTests {
    private static let start = Instant(seconds: 1_800_000_000)
    private var random = SeededRandom(seed: 1)

    /// Makes a decision's records durable and applies them, as its owner does.
    private func settle(_ store: inout StoreAndForward, _ records: [StoreAndForward.Record]) {
        for record in records { store.apply(record) }
    }

    private func put(_ store: inout StoreAndForward, _ payload: UInt8, lane: UInt64) throws {
        store.apply(try store.store([payload], lane: lane, now: Self.start))
    }

    private func attempted(_ records: [StoreAndForward.Record]) -> [UInt64] {
        records.compactMap { if case .attempted(let id, _) = $0 { id } else { nil } }
    }

    @Test("has several in flight, and keeps the order of each terminal")
    mutating func lanes() throws {
        var store = StoreAndForward()
        for (payload, lane) in [(1, 10), (2, 10), (3, 20), (4, 10), (5, 30)] as [(UInt8, UInt64)] {
            try put(&store, payload, lane: lane)
        }
        let first = store.due(now: Self.start, random: &random)
        settle(&store, first)
        #expect(attempted(first) == [1, 3, 5])
        #expect(store.due(now: Self.start + .hours(1), random: &random).isEmpty)
        store.apply(try #require(store.answered(1, isAccepted: true)))
        let second = store.due(now: Self.start, random: &random)
        settle(&store, second)
        #expect(attempted(second) == [2])
        #expect(store.messages.map(\.id) == [2, 3, 4, 5])
    }

    @Test("never has more in flight than its policy says")
    mutating func window() throws {
        var policy = StoreAndForward.Policy()
        policy.inFlight = 3
        var store = StoreAndForward(policy: policy)
        for lane in 0..<10 { try put(&store, 0, lane: UInt64(lane)) }
        let first = store.due(now: Self.start, random: &random)
        settle(&store, first)
        #expect(attempted(first).count == 3)
        #expect(store.nextDue == nil)
        store.release(1)
        let later = Self.start + .minutes(1)
        let second = store.due(now: later, random: &random)
        #expect(attempted(second).count == 1)
    }

    @Test("knows a repeat after a silent time-out, and after a crash between the attempt and its answer")
    mutating func repeats() throws {
        var store = StoreAndForward()
        var journal = [try store.store([7], lane: 1, now: Self.start)]
        settle(&store, journal)
        #expect(store.messages.map(\.isRepeat) == [false])
        let attempt = store.due(now: Self.start, random: &random)
        journal += attempt
        settle(&store, attempt)
        store.release(1)
        #expect(store.messages.map(\.isRepeat) == [true])
        var recovered = StoreAndForward()
        settle(&recovered, journal)
        recovered.releaseAll()
        #expect(recovered.messages == store.messages)
        let again = recovered.due(now: Self.start + .minutes(1), random: &random)
        #expect(attempted(again) == [1])
    }

    @Test("waits longer from attempt to attempt, never longer than the most, and raises an alarm in the end")
    mutating func backOff() throws {
        var policy = StoreAndForward.Policy()
        policy.attemptsMax = 12
        var store = StoreAndForward(policy: policy)
        try put(&store, 1, lane: 1)
        try put(&store, 2, lane: 1)
        var now = Self.start
        var waits: [Interval] = []
        for _ in 0..<12 {
            let records = store.due(now: now, random: &random)
            guard case .attempted(1, let next) = try #require(records.first) else {
                Issue.record("not attempted")
                return
            }
            settle(&store, records)
            #expect(store.due(now: next - .milliseconds(1), random: &random).isEmpty)
            store.release(1)
            waits.append(next - now)
            now = next
        }
        for (index, wait) in waits.enumerated() {
            let full = min(Interval.seconds(2 << Int64(index)), .minutes(5))
            #expect(wait >= Interval(microseconds: full.microseconds / 2) && wait <= full)
        }
        let last = store.due(now: now, random: &random)
        #expect(last == [.dead(id: 1, .tooManyAttempts)])
        settle(&store, last)
        #expect(store.deadCount == 1 && store.openCount == 1)
        // Whoever died holds nobody back, and is still there for people to look at.
        let next = store.due(now: now, random: &random)
        #expect(attempted(next) == [2])
        settle(&store, next)
        let revival = try #require(store.revive(1, now: now))
        store.apply(revival)
        #expect(store.deadCount == 0 && store.revive(1, now: now) == nil)
        store.apply(try #require(store.answered(2, isAccepted: true)))
        #expect(attempted(store.due(now: now, random: &random)) == [1])
        #expect(store.messages.first?.isRepeat == true)
    }

    @Test("gives up what is too old, and what the destination refuses for good")
    mutating func deaths() throws {
        var store = StoreAndForward()
        try put(&store, 1, lane: 1)
        try put(&store, 2, lane: 2)
        let first = store.due(now: Self.start, random: &random)
        settle(&store, first)
        store.apply(try #require(store.answered(2, isAccepted: false)))
        #expect(store.messages.map(\.isDead) == [false, true])
        store.release(1)
        #expect(store.due(now: Self.start + .days(3) + .seconds(1), random: &random) == [.dead(id: 1, .tooOld)])
    }

    @Test("takes as many as it may hold and not one more")
    mutating func full() throws {
        var policy = StoreAndForward.Policy()
        policy.countMax = 2
        var store = StoreAndForward(policy: policy)
        try put(&store, 1, lane: 1)
        try put(&store, 2, lane: 1)
        #expect(throws: StoreAndForward.StoreError.full) { try store.store([3], lane: 1, now: Self.start) }
    }

    @Test("delivers everything once the destination answers, in order, whatever is lost or crashes", arguments: 0..<30)
    func delivery(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var policy = StoreAndForward.Policy()
        policy.inFlight = 3
        policy.attemptsMax = 1_000
        var store = StoreAndForward(policy: policy)
        var journal: [StoreAndForward.Record] = []
        func write(_ record: StoreAndForward.Record) {
            journal.append(record)
            store.apply(record)
        }
        var now = Self.start
        var open: [UInt64] = []
        var arrived: [UInt64: [UInt8]] = [:]
        for step in 0..<3_000 {
            now = now + .seconds(Int64(random.below(5)))
            if step < 200 { write(try store.store([UInt8(step)], lane: UInt64(step % 5), now: now)) }
            if random.chance(perMille: 5) {
                store = StoreAndForward(policy: policy)
                for record in journal { store.apply(record) }
                store.releaseAll()
                open = []
            }
            for record in store.due(now: now, random: &random) {
                write(record)
                guard case .attempted(let id, _) = record else { continue }
                open.append(id)
                let message = try #require(store.messages.first { $0.id == id })
                if arrived[message.lane]?.last != message.payload[0] || !message.isRepeat {
                    if arrived[message.lane, default: []].contains(message.payload[0]) { continue }
                    if random.chance(perMille: 700) { arrived[message.lane, default: []].append(message.payload[0]) }
                }
            }
            guard !open.isEmpty else { continue }
            let id = open.remove(at: random.below(open.count))
            let message = try #require(store.messages.first { $0.id == id })
            let hasArrived = arrived[message.lane]?.contains(message.payload[0]) ?? false
            if hasArrived, random.chance(perMille: 600), let record = store.answered(id, isAccepted: true) {
                write(record)
            } else {
                store.release(id)
            }
        }
        #expect(store.messages.isEmpty, "seed \(seed)")
        for lane in 0..<5 {
            let expected = (0..<200).filter { $0 % 5 == lane }.map { UInt8($0) }
            #expect(arrived[UInt64(lane)] == expected, "seed \(seed)")
        }
    }
}
