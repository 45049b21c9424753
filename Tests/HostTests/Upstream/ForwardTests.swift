// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import ISO8583
import Issuer
import Journal
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Testing
import Vocabulary

@Suite("Purchases that another host decides")
struct ForwardTests {
    @Test(
        "a routed purchase is asked upstream under the zone's keys and the terminal gets that answer",
        arguments: KeyProfile.dukpt)
    func approved(profile: KeyProfile) throws {
        let world = try UpstreamBench(profile)
        try world.connect()
        let bytes = try world.till.message(SaleSpec(world.card, 80_00, pin: "1234"))
        #expect(world.send(bytes) == nil, "nothing is answered before the other host has")
        #expect(world.sent.count == 1)
        try world.exchange()
        let reply = try require(world.lastReply)
        #expect(reply.code == "00" && reply.approval == "777123" && reply.isSealed)
        #expect(try world.till.isAuthentic(reply))
        #expect(world.kinds == ["0200"])
        let request = try require(world.issuer.requests.first)
        #expect(request.text(2) == String(decoding: world.card.pan.ascii, as: UTF8.self))
        let pan = try require(PANDigits(ascii: world.card.pan.ascii))
        let block = Array(try require(request.bytes(52)))
        let pin = try PINBlock.decrypt(block, pan: pan, format: .format0, key: TestIssuer.pinKey())
        #expect(pin.count == 4)
        #expect(!request.has(62) && !request.has(63) && !request.has(110))
        #expect(world.bench.engine.host.batch(of: world.till.id)?.totals.debitAmount == 80_00)
        try world.bench.check()
    }

    @Test("a card of no route is decided at the own desk, and nothing leaves")
    func ownDesk() throws {
        let world = try UpstreamBench()
        try world.connect()
        let card = try world.bench.card()
        #expect(world.send(try world.till.message(SaleSpec(card, 20_00, pin: "1234")))?.code == "00")
        #expect(world.kinds == [] && world.sent.isEmpty)
    }

    @Test("a decline upstream is what the terminal is told, by its own code", arguments: ["51", "55", "54", "05"])
    func declined(code: String) throws {
        let world = try UpstreamBench()
        try world.connect()
        world.issuer.code = code
        world.send(try world.till.message(SaleSpec(world.card, 20_00)))
        try world.exchange()
        #expect(world.lastReply?.code == code)
        #expect(world.openStored == 0)
        try world.bench.check()
    }

    @Test("the request leaves behind its record: what is not durable has not been sent")
    func intentFirst() throws {
        let world = try UpstreamBench()
        try world.connect()
        let engine = world.bench.engine
        let message = HostEngine.Incoming(channel: 0, bytes: try world.till.message(SaleSpec(world.card, 20_00)))
        let early = engine.receive([message], now: world.bench.now, notices: &world.bench.notices)
        #expect(early.upstream.isEmpty && early.answers.isEmpty)
        #expect(engine.driveUpstream(now: world.bench.now).upstream.isEmpty)
        let commit = try require(engine.nextCommit())
        #expect(engine.driveUpstream(now: world.bench.now).upstream.isEmpty, "it is not durable yet")
        _ = try engine.committed(upTo: commit.last)
        #expect(engine.driveUpstream(now: world.bench.now).upstream.count == 1)
    }

    @Test("the same message while the other host is asked waits, and afterwards gets the stored answer")
    func repeats() throws {
        let world = try UpstreamBench()
        try world.connect()
        let sale = SaleSpec(world.card, 20_00)
        let stan = world.till.stan
        let at = world.bench.now
        let bytes = try world.till.message(sale)
        world.send(bytes)
        #expect(world.send(bytes) == nil)
        var again = sale
        (again.stan, again.at, again.mti) = (stan, at, .financialRepeat)
        #expect(world.send(try world.till.message(again)) == nil)
        #expect(world.sent.count == 1, "asked once")
        try world.exchange()
        let reply = try require(world.lastReply)
        #expect(reply.code == "00")
        let later = try require(world.send(try world.till.message(again)))
        #expect(later.code == "00" && later.rrn == reply.rrn)
        #expect(world.kinds == ["0200"] && world.issuer.effects == 1)
        again.amount = 30_00
        #expect(world.send(try world.till.message(again))?.code == "94")
        try world.bench.check()
    }

    @Test("health comes before all: what a halted terminal wants is not asked upstream")
    func health() throws {
        let world = try UpstreamBench()
        try world.connect()
        try world.bench.submit(.suspend(world.till.id), by: Bench.alice)
        #expect(world.send(try world.till.message(SaleSpec(world.card, 20_00, pin: "1234")))?.code != "00")
        #expect(world.kinds == [] && world.sent.isEmpty)
    }

    @Test("what needs a PIN and has none is not asked upstream, nor what a trigger declines")
    func ownChecks() throws {
        let world = try UpstreamBench(rules: "rule big { when amount > 500.00 EUR then decline }\n")
        try world.connect()
        let noPIN = world.send(try world.till.message(SaleSpec(world.card, 80_00)))
        #expect(noPIN?.code == Intent.pinRequired.outcome(in: .iso8583).code.description)
        #expect(world.kinds == [])
    }

    @Test("a PIN block of noise is refused here")
    func noise() throws {
        let world = try UpstreamBench()
        try world.connect()
        var sale = SaleSpec(world.card, 80_00)
        sale.pinBlock = [UInt8](repeating: 0xA5, count: 8)
        let reply = try require(world.send(try world.till.message(sale)))
        #expect(reply.code == Intent.pinBlockUnusable.outcome(in: .iso8583).code.description)
        #expect(world.sent.isEmpty)
    }

    @Test("the journal and the snapshot hold neither PAN nor PIN block")
    func secrecy() throws {
        let world = try UpstreamBench()
        try world.connect()
        world.send(try world.till.message(SaleSpec(world.card, 80_00, pin: "1234")))
        let block = Array(try require(try MessageView(world.sent[0], spec: .iso8583_1987).bytes(52)))
        let kept = world.bench.commits.map(\.bytes) + [world.bench.engine.host.snapshot()]
        for bytes in kept {
            #expect(!contains(bytes, world.card.pan.ascii))
            #expect(!contains(bytes, block))
        }
    }

    private func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        guard bytes.count >= part.count else { return false }
        return (0...bytes.count - part.count).contains { bytes[$0..<$0 + part.count].elementsEqual(part) }
    }
}
