// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import ISO8583
import Testing
import Vocabulary

@Suite("The line to another host")
struct LineTests {
    @Test("traffic waits for the sign-on; one that is refused ends the line, and another is tried")
    func signOn() throws {
        let world = try UpstreamBench()
        world.issuer.signOnCode = "05"
        world.tell(.connected)
        try world.exchange()
        #expect(world.issuer.log == ["0800/1"])
        #expect(!world.bench.engine.isUpstreamUp(0) && world.closes == 1)
        world.issuer.signOnCode = "00"
        world.pass(.minutes(1))
        #expect(world.connects == 2)
        try world.connect()
    }

    @Test("a line on which nothing is heard is asked, and ended when it says nothing; it comes back by itself")
    func echo() throws {
        let world = try UpstreamBench()
        try world.connect()
        world.pass(.seconds(30))
        try world.exchange()
        #expect(world.issuer.log == ["0800/1", "0800/301"])
        #expect(world.bench.engine.isUpstreamUp(0))
        world.pass(.seconds(30))
        world.sent = []
        world.pass(.seconds(10))
        #expect(!world.bench.engine.isUpstreamUp(0) && world.closes == 1)
        let timer = try require(world.bench.engine.nextUpstreamTimer)
        #expect(timer > world.bench.now && timer <= world.bench.now + .milliseconds(200))
    }

    @Test("destinations and routes are commands of operators, and a wrong one changes nothing")
    func commands() throws {
        let world = try UpstreamBench()
        let bench = world.bench
        #expect(bench.refusal(.setRouting("52 SOUTH"), by: Bench.alice) == .upstream(.routeToNowhere))
        #expect(bench.refusal(.setRouting("52"), by: Bench.carol) == .notYours(.analyst))
        #expect(
            bench.refusal(.revive(destination: "SOUTH", id: 1), by: Bench.alice) == .upstream(.unknownDestination))
        #expect(
            bench.refusal(.setDestination(UpstreamDestination(name: "a b")), by: Bench.alice) == .malformed(.name))
        for number in 1..<UpstreamDestination.countMax {
            try bench.submit(.setDestination(UpstreamDestination(name: "D\(number)")), by: Bench.alice)
        }
        #expect(
            bench.refusal(.setDestination(UpstreamDestination(name: "more")), by: Bench.alice)
                == .upstream(.tooManyDestinations))
        try bench.check()
    }

    @Test("a snapshot with open forwards, stored messages and stand-in gives the same state again")
    func snapshot() throws {
        let world = try UpstreamBench(standIn: StandInLimits(transaction: 40_00, cardAndDay: 90_00))
        world.send(try world.till.message(SaleSpec(world.card, 30_00)))
        try world.connect()
        world.send(try world.till.message(SaleSpec(world.card, 20_00)))
        world.sent = []
        world.tell(.disconnected)
        let host = try Host(snapshot: world.bench.engine.host.snapshot())
        #expect(host.digest() == world.bench.digest)
        #expect(host.upstream.open == world.bench.engine.host.upstream.open)
        #expect(host.upstream.lost.count == 1)
    }
}
