// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import ISO8583
import Interchange
import Testing
import Vocabulary

@Suite("Answers of another host that are lost")
struct LostAnswerTests {
    private func unavailable() -> String { Intent.issuerUnavailable.outcome(in: .iso8583).code.description }

    @Test(
        "not answered: the terminal is told so, one reversal goes upstream, and is repeated as a repeat until acknowledged"
    )
    func silence() throws {
        let world = try UpstreamBench()
        try world.connect()
        world.send(try world.till.message(SaleSpec(world.card, 20_00)))
        _ = try world.issuer.receive(world.sent.removeFirst())
        world.pass(.seconds(26))
        #expect(world.lastReply?.code == unavailable())
        #expect(world.openStored == 1)
        // The line stays, and the answers to two attempts are lost on it.
        for _ in 0..<2 {
            try world.loseReversals()
            world.pass(.seconds(16))
        }
        try world.exchange()
        #expect(world.kinds == ["0200", "0420", "0421", "0421"])
        #expect(world.openStored == 0 && world.issuer.standing.isEmpty)
        #expect(world.issuer.effects == 2, "the sale once, the reversal once")
        try world.bench.check()
    }

    @Test(
        "the line goes after the request: the terminal is told so at once, and the reversal leaves with the next line")
    func disconnected() throws {
        let world = try UpstreamBench()
        try world.connect()
        world.send(try world.till.message(SaleSpec(world.card, 20_00)))
        _ = try world.issuer.receive(world.sent.removeFirst())
        world.tell(.disconnected)
        #expect(world.lastReply?.code == unavailable())
        #expect(world.sent.isEmpty && world.openStored == 1)
        world.pass(.seconds(40))
        try world.connect()
        #expect(world.kinds == ["0200", "0420"])
        #expect(world.openStored == 0 && world.issuer.standing.isEmpty)
    }

    @Test("with no line nothing is sent, so nothing is reversed")
    func notSent() throws {
        let world = try UpstreamBench()
        #expect(world.send(try world.till.message(SaleSpec(world.card, 20_00)))?.code == unavailable())
        try world.connect()
        #expect(world.kinds == [] && world.openStored == 0)
    }

    @Test("a late approval finds its forward, once, and the reversal stands")
    func late() throws {
        let world = try UpstreamBench()
        try world.connect()
        world.send(try world.till.message(SaleSpec(world.card, 20_00)))
        let answer = try world.issuer.receive(world.sent.removeFirst())
        world.pass(.seconds(26))
        world.tell(.received(answer))
        world.tell(.received(answer))
        let late = world.bench.records.filter {
            if case .upstream(.answeredLate(_, isApproval: true)) = $0.body { true } else { false }
        }
        #expect(late.count == 1)
        try world.exchange()
        #expect(world.issuer.standing.isEmpty && world.openStored == 0)
        #expect(world.bench.engine.host.standingSales(of: world.till.id).isEmpty)
        try world.bench.check()
    }

    @Test("a forward in flight at a crash is reversed after it; the terminal's repeat learns that it failed")
    func crash() throws {
        let world = try UpstreamBench()
        try world.connect()
        let stan = world.till.stan
        let at = world.bench.now
        world.send(try world.till.message(SaleSpec(world.card, 20_00)))
        _ = try world.issuer.receive(world.sent.removeFirst())
        try world.restart()
        #expect(world.bench.engine.host.upstream.open.isEmpty && world.openStored == 1)
        var again = SaleSpec(world.card, 20_00)
        (again.stan, again.at, again.mti) = (stan, at, .financialRepeat)
        #expect(world.send(try world.till.message(again))?.code == unavailable())
        try world.connect()
        #expect(world.kinds == ["0200", "0420"])
        #expect(world.issuer.standing.isEmpty && world.openStored == 0)
        try world.bench.check()
    }

    @Test("a reversal in flight at a crash leaves again as a repeat")
    func crashOfReversal() throws {
        let world = try UpstreamBench()
        try world.connect()
        world.send(try world.till.message(SaleSpec(world.card, 20_00)))
        _ = try world.issuer.receive(world.sent.removeFirst())
        world.pass(.seconds(26))
        for bytes in world.sent { _ = try world.issuer.receive(bytes) }
        try world.restart()
        world.pass(.minutes(1))
        try world.connect()
        #expect(world.kinds == ["0200", "0420", "0421"])
        #expect(world.issuer.effects == 2 && world.openStored == 0)
        try world.bench.check()
    }

    @Test("the terminal's reversal of an answered sale goes upstream once, however often it comes")
    func terminalReverses() throws {
        let world = try UpstreamBench()
        try world.connect()
        let stan = world.till.stan
        let at = world.bench.now
        world.send(try world.till.message(SaleSpec(world.card, 20_00)))
        try world.exchange()
        for mti in [MTI.reversalRequest, .reversalRepeat, .reversalRepeat] {
            let bytes = try world.till.reversal(of: stan, at: at, amount: 20_00, card: world.card, mti: mti)
            #expect(world.send(bytes)?.code == "00")
            try world.exchange()
        }
        #expect(world.kinds == ["0200", "0420"])
        #expect(world.issuer.standing.isEmpty)
        #expect(world.bench.engine.host.batch(of: world.till.id)?.totals.debitAmount == 0)
        try world.bench.check()
    }

    @Test(
        "the terminal reverses while the other host is asked: an approval is reversed once, a decline not at all",
        arguments: ["00", "51"])
    func reversedWhileAsked(code: String) throws {
        let world = try UpstreamBench()
        try world.connect()
        world.issuer.code = code
        let stan = world.till.stan
        let at = world.bench.now
        world.send(try world.till.message(SaleSpec(world.card, 20_00)))
        let reversal = try world.till.reversal(of: stan, at: at, amount: 20_00, card: world.card)
        #expect(world.send(reversal)?.code == "00")
        try world.exchange()
        #expect(world.kinds == (code == "00" ? ["0200", "0420"] : ["0200"]))
        #expect(world.lastReply?.code != "00", "what was taken back is not approved")
        #expect(world.issuer.standing.isEmpty && world.openStored == 0)
        try world.bench.check()
    }

    @Test("a reversal before its sale keeps the sale from ever being asked upstream")
    func tombstone() throws {
        let world = try UpstreamBench()
        try world.connect()
        let stan = world.till.stan
        let at = world.bench.now
        world.till.stan += 1
        world.send(try world.till.reversal(of: stan, at: at, amount: 20_00, card: world.card))
        var sale = SaleSpec(world.card, 20_00)
        (sale.stan, sale.at) = (stan, at)
        #expect(world.send(try world.till.message(sale))?.code == "12")
        #expect(world.kinds == [] && world.sent.isEmpty)
    }

    @Test("a reversal that is never acknowledged is given up with an alarm, and goes again when people say so")
    func deadLetter() throws {
        let world = try UpstreamBench()
        try world.connect()
        world.send(try world.till.message(SaleSpec(world.card, 20_00)))
        world.sent = []
        world.pass(.seconds(26))
        world.sent = []
        world.tell(.disconnected)
        world.pass(.hours(24 * 4))
        try world.connect()
        #expect(world.bench.engine.host.upstream.deadCount == 1 && world.openStored == 0)
        guard case .upstream(.dead(destination: 0, let id, .tooOld))? = world.bench.records.last?.body else {
            throw Missing()
        }
        try world.bench.check()
        _ = try world.bench.engine.submit(
            .revive(destination: "NORTH", id: id), by: Bench.alice, now: world.bench.now)
        #expect(world.bench.refusal(.revive(destination: "NORTH", id: id), by: Bench.alice) == .upstream(.notDead))
    }

    @Test("answers without the zone's MAC, for another amount or another trace number settle nothing")
    func forged() throws {
        let world = try UpstreamBench()
        try world.connect()
        world.send(try world.till.message(SaleSpec(world.card, 20_00)))
        let request = try MessageView(world.sent[0], spec: .iso8583_1987)
        var forged = try world.issuer.answer(request, code: "00")
        forged[forged.count - 1] ^= 1
        world.tell(.received(forged))
        world.tell(.received(try world.issuer.answer(request, code: "00", amount: 99_99)))
        world.tell(.received([0x30, 0x31]))
        #expect(world.lastReply == nil && world.bench.engine.host.upstream.open.count == 1)
        try world.exchange()
        #expect(world.lastReply?.code == "00")
    }
}
