// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import ISO8583
import Journal
import ModuleProtocol
import Testing
import Vocabulary

/// Nothing leaves before its record is durable, and nothing is applied that the gate does not take.
@Suite("The engine and its gate")
struct GateTests {
    @Test("an answer waits for its commit, and a repeat waits with it")
    func waits() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        let bytes = try till.message(SaleSpec(card))
        let engine = bench.engine
        #expect(
            engine.receive([.init(channel: 1, bytes: bytes)], now: bench.now, notices: &bench.notices).answers.isEmpty)
        #expect(
            engine.receive([.init(channel: 2, bytes: bytes)], now: bench.now, notices: &bench.notices).answers.isEmpty)
        #expect(!engine.isIdle)
        let commit = try require(engine.nextCommit())
        #expect(throws: GateError.self) { try engine.committed(upTo: commit.last + 1) }
        let released = try engine.committed(upTo: commit.last)
        #expect(released.answers.map(\.channel) == [1, 2])
        #expect(released.records.count == 1)
        #expect(engine.isIdle)
    }

    @Test("after a failed commit nothing leaves any more")
    func failed() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        let engine = bench.engine
        _ = engine.receive(
            [.init(channel: 1, bytes: try till.message(SaleSpec(card)))], now: bench.now, notices: &bench.notices)
        let commit = try require(engine.nextCommit())
        engine.failed()
        #expect(throws: GateError.self) { try engine.committed(upTo: commit.last) }
        let before = engine.host.digest()
        let late = engine.receive(
            [.init(channel: 1, bytes: try till.message(SaleSpec(card)))], now: bench.now, notices: &bench.notices)
        #expect(try late.answers.map { Reply(view: try .init($0.bytes, spec: .iso8583_1987)) }.map(\.code) == ["96"])
        #expect(engine.host.digest() == before)
        #expect(engine.nextCommit() == nil)
    }

    private static let range = FirmwareRange(minimum: SoftwareVersion(1, 0, 0), maximum: SoftwareVersion(2, 0, 0))

    @Test("before a full gate a sale gets 96 without a MAC, nothing is applied, and commands still find room")
    func full() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        let sold = try till.message(SaleSpec(card))
        #expect(try bench.send(sold).code == "00")
        try bench.restart(limits: GateLimits(queuedRecordsMax: 64))
        let engine = bench.engine
        for _ in 0..<60 { _ = try engine.submit(.setCompatibility(Self.range), by: Bench.alice, now: bench.now) }
        let before = engine.host.digest()
        let bytes = try till.message(SaleSpec(card, pin: card.pin))
        let released = engine.receive([.init(channel: 7, bytes: bytes)], now: bench.now, notices: &bench.notices)
        let answer = try require(released.answers.first)
        let reply = Reply(view: try .init(answer.bytes, spec: .iso8583_1987))
        #expect(reply.code == "96" && !reply.isSealed && answer.channel == 7)
        #expect(engine.host.digest() == before)
        _ = try engine.submit(.suspend(till.id), by: Bench.alice, now: bench.now)
        _ = try engine.submit(.resume(till.id), by: Bench.alice, now: bench.now)
        bench.commit()
        // The terminal tries again, as a repeat, once the disk has caught up.
        #expect(try bench.send(bytes).code == "00")
        #expect(try bench.send(sold).code == "00")
        #expect(try bench.available(card) == 100_000_00 - 2 * 12_50)
        #expect(engine.host.digest() == (try bench.recovered()).digest())
    }

    @Test("a command before a full gate is refused as busy, changes nothing, and is taken when given again")
    func busy() throws {
        let bench = try Bench()
        let till = try bench.till()
        try bench.restart(limits: GateLimits(queuedRecordsMax: 64))
        let engine = bench.engine
        for _ in 0..<64 { _ = try engine.submit(.setCompatibility(Self.range), by: Bench.alice, now: bench.now) }
        let before = engine.host.digest()
        #expect(throws: CommandRefusal.busy) {
            try engine.submit(.suspend(till.id), by: Bench.alice, now: bench.now)
        }
        #expect(engine.host.digest() == before)
        bench.commit()
        try bench.submit(.suspend(till.id), by: Bench.alice)
        #expect(try bench.terminal(till.id).lifecycle == .suspended)
        try bench.check()
    }

    @Test("after a failed commit a command is refused, since the host is stopping")
    func stopping() throws {
        let bench = try Bench()
        let till = try bench.till()
        bench.engine.failed()
        let before = bench.digest
        #expect(throws: CommandRefusal.stopping) {
            try bench.engine.submit(.suspend(till.id), by: Bench.alice, now: bench.now)
        }
        #expect(bench.digest == before)
    }

    @Test("reading is to stop above a quarter of what may wait, and to go on at an eighth")
    func congestion() throws {
        let bench = try Bench()
        _ = try bench.till()
        try bench.restart(limits: GateLimits(commitRecordsMax: 1, queuedRecordsMax: 64))
        let engine = bench.engine
        for count in 1...17 {
            _ = try engine.submit(.setCompatibility(Self.range), by: Bench.alice, now: bench.now)
            #expect(engine.isCongested == (count > 16))
            #expect(engine.isRelieved == (count <= 8))
        }
        for waiting in (0..<17).reversed() {
            let commit = try require(engine.nextCommit())
            #expect(engine.isCongested == (waiting > 16))
            #expect(engine.isRelieved == (waiting <= 8))
            _ = try engine.committed(upTo: commit.last)
        }
        #expect(engine.isIdle)
    }

    @Test("bytes that are no message close the connection and are counted, with no value of theirs in the notice")
    func noise() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        let whole = try till.message(SaleSpec(card, pin: card.pin))
        let before = bench.digest
        for end in 0..<whole.count {
            let replies = try bench.send(batch: [Array(whole[..<end])])
            #expect(replies.allSatisfy { !$0.isSealed }, "\(end) bytes")
        }
        #expect(bench.digest == before)
        #expect(bench.engine.counters.malformed > 0)
        let digits = String(decoding: card.pan.ascii, as: UTF8.self)
        #expect(bench.notices.allSatisfy { !$0.detail.contains(digits) && $0.closes })
    }

    @Test("messages that this host does not serve, and answers, get an answer without a MAC or none")
    func notServed() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        let before = bench.digest
        var builder = till.builder(try require(MTI(rawValue: 0x0420)))
        builder.set(2, bytes: card.pan.ascii)
        builder.set(3, number: 0)
        builder.set(4, number: 1)
        builder.set(22, number: 51)
        builder.set(25, number: 0)
        builder.set(49, number: 978)
        let reply = try bench.send(try till.protect(builder))
        #expect(reply.code == "40" && !reply.isSealed)
        #expect(bench.digest == before)
    }
}
