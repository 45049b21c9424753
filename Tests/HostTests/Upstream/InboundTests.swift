// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import ISO8583
import Testing
import Vocabulary

@Suite("What another host asks of this one")
struct InboundTests {
    private func world() throws -> UpstreamBench {
        let world = try UpstreamBench()
        try world.connect()
        return world
    }

    private func answer(_ world: UpstreamBench, _ bytes: [UInt8]) throws -> MessageView {
        world.sent = []
        world.tell(.received(bytes))
        return try MessageView(try require(world.sent.first), spec: .iso8583_1987)
    }

    @Test(
        "sign-on and echo are answered 0810 with the zone's MAC and leave no record", arguments: [1, 301] as [UInt64])
    func network(code: UInt64) throws {
        let world = try world()
        let before = world.bench.sequence
        let view = try answer(world, try world.issuer.request(code))
        #expect(view.mti == .networkResponse && view.text(39) == "00" && view.number(70) == code)
        #expect(view.number(11) == 500_001 && view.macField != nil)
        _ = try world.issuer.receive(world.sent[0])
        #expect(world.bench.sequence == before && world.bench.engine.isUpstreamUp(0))
    }

    @Test("a sign-off is answered and ends the line, which comes back by itself")
    func signOff() throws {
        let world = try world()
        let view = try answer(world, try world.issuer.request(2))
        #expect(view.text(39) == "00" && world.closes == 1 && !world.bench.engine.isUpstreamUp(0))
        let connects = world.connects
        world.pass(.seconds(1))
        #expect(world.connects == connects + 1)
        world.sent = []
        try world.connect()
    }

    @Test("what has no meaning here is refused as not served, answers to nothing are dropped; both are counted")
    func unknown() throws {
        let world = try world()
        let unknown = try answer(world, try world.issuer.request(999))
        #expect(unknown.text(39) == Intent.notServed.outcome(in: .iso8583).code.description)
        var sale = MessageBuilder(.financialRequest, spec: .iso8583_1987)
        sale.set(11, number: 7)
        sale.set(41, text: "ISSUER")
        #expect(try answer(world, try world.issuer.sealed(sale)).mti == .financialResponse)
        world.sent = []
        var settled = MessageBuilder(.settlementResponse, spec: .iso8583_1987)
        settled.set(11, number: 8)
        settled.set(39, text: "00")
        settled.set(41, text: "ISSUER")
        world.tell(.received(try world.issuer.sealed(settled)))
        #expect(world.sent.isEmpty && world.bench.engine.counters.upstreamUnknown == 3)
        for noise in [[], [0x30], [UInt8](repeating: 0xFF, count: 300), try sale.encode().bytes] {
            world.tell(.received(noise))
        }
        #expect(world.sent.isEmpty && world.bench.engine.counters.upstreamUnauthentic == 4)
        #expect(world.bench.engine.isUpstreamUp(0))
        try world.bench.check()
    }

    /// A reversal by the other host of what this one asked for.
    private func reversal(_ world: UpstreamBench, of request: [UInt8], mti: MTI = .reversalRequest) throws -> [UInt8] {
        let view = try MessageView(request, spec: .iso8583_1987)
        var builder = MessageBuilder(mti, spec: .iso8583_1987)
        for field in [3, 4, 7, 12, 13, 37, 41, 42, 49] { builder.set(field, bytes: Array(view.bytes(field) ?? [])) }
        builder.set(11, number: 600_001)
        builder.set(90, text: "0200" + (view.text(11) ?? "") + (view.text(7) ?? "") + String(repeating: "0", count: 22))
        return try world.issuer.sealed(builder)
    }

    @Test(
        "what the other host takes back while it is asked is not approved any more, whatever it answers",
        arguments: [MTI.reversalRequest, .reversalAdvice])
    func withdrawn(mti: MTI) throws {
        let world = try world()
        world.send(try world.till.message(SaleSpec(world.card, 20_00)))
        let request = try require(world.sent.first)
        let approval = try world.issuer.receive(request)
        for _ in 0..<2 {
            let view = try answer(world, try reversal(world, of: request, mti: mti))
            #expect(view.mti == mti.response && view.text(39) == "00")
        }
        world.sent = []
        world.tell(.received(approval))
        #expect(world.lastReply?.code == "12")
        try world.exchange()
        #expect(world.kinds == ["0200", "0420"] && world.issuer.standing.isEmpty)
        try world.bench.check()
    }

    @Test("what the till has been told stands: its reversal by the other host is refused; one of nothing finds nothing")
    func tooLate() throws {
        let world = try world()
        world.send(try world.till.message(SaleSpec(world.card, 20_00)))
        let request = try require(world.sent.first)
        try world.exchange()
        #expect(try answer(world, try reversal(world, of: request)).text(39) == "12")
        #expect(world.bench.engine.host.batch(of: world.till.id)?.totals.debitAmount == 20_00)
        var view = MessageBuilder(.reversalRequest, spec: .iso8583_1987)
        view.set(11, number: 9)
        view.set(37, number: 999_999)
        view.set(41, text: "ISSUER")
        #expect(try answer(world, try world.issuer.sealed(view)).text(39) == "25")
        try world.bench.check()
    }

    @Test("what was given up here has been reversed: its reversal by the other host is accepted, and changes nothing")
    func lost() throws {
        let world = try world()
        world.send(try world.till.message(SaleSpec(world.card, 20_00)))
        let request = try require(world.sent.first)
        world.sent = []
        world.pass(.seconds(26))
        let stored = world.openStored
        #expect(try answer(world, try reversal(world, of: request)).text(39) == "00")
        #expect(world.openStored == stored)
        try world.bench.check()
    }

    @Test("authentic messages of any type with any fields end nothing and break nothing", arguments: UInt64(1)...3)
    func anything(seed: UInt64) throws {
        let world = try world()
        world.send(try world.till.message(SaleSpec(world.card, 20_00)))
        let open = try require(world.bench.engine.host.upstream.open.first).named.id
        var random = SeededRandom(seed: seed)
        let types = [
            "0100", "0101", "0110", "0120", "0121", "0130", "0200", "0201", "0210", "0220", "0221", "0230", "0320",
            "0330", "0400", "0401", "0410", "0420", "0421", "0430", "0500", "0510", "0620", "0630", "0800", "0801",
            "0810",
        ]
        for _ in 0..<400 {
            var builder = MessageBuilder(try require(MTI(types[random.below(types.count)])), spec: .iso8583_1987)
            builder.set(11, number: UInt64(random.below(1_000_000)))
            builder.set(41, text: "ISSUER")
            if random.below(2) == 0 { builder.set(3, number: UInt64(random.below(1_000_000))) }
            if random.below(2) == 0 { builder.set(4, number: UInt64(random.below(5_000))) }
            if random.below(2) == 0 {
                builder.set(37, number: random.below(3) == 0 ? open : UInt64(random.below(99_999)))
            }
            if random.below(2) == 0 { builder.set(39, text: ["00", "05", "25", "91", "ZZ"][random.below(5)]) }
            if random.below(2) == 0 { builder.set(48, text: ["D", "D0016P0TB00N0000", "密钥"][random.below(3)]) }
            if random.below(2) == 0 { builder.set(53, number: UInt64(random.below(9_999_999))) }
            if random.below(2) == 0 { builder.set(70, number: UInt64([0, 1, 101, 301, 999][random.below(5)])) }
            if random.below(2) == 0 { builder.set(90, text: String(repeating: "7", count: 42)) }
            world.tell(.received(try world.issuer.sealed(builder)))
            world.sent = []
        }
        #expect(world.bench.engine.isUpstreamUp(0) && world.closes == 0, "seed \(seed)")
        #expect(world.bench.engine.counters.upstreamUnknown > 50, "seed \(seed)")
        try world.bench.check()
    }
}
