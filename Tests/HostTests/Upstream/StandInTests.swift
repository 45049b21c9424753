// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import ISO8583
import Issuer
import Testing
import Vocabulary

@Suite("Standing in for another host")
struct StandInTests {
    private static let limits = StandInLimits(transaction: 40_00, cardAndDay: 60_00)

    @Test("while it is away purchases within the limits are approved here, and it is told when it is back")
    func approves() throws {
        let world = try UpstreamBench(standIn: Self.limits)
        let reply = try require(world.send(try world.till.message(SaleSpec(world.card, 40_00))))
        #expect(reply.code == "00" && reply.approval != nil)
        #expect(world.openStored == 1)
        try world.connect()
        #expect(world.kinds == ["0220"] && world.openStored == 0)
        #expect(Array(world.issuer.standing.values) == [40_00])
        try world.bench.check()
    }

    @Test("never above what one transaction, or a card in a day, may be; a reversal gives its part back")
    func limits() throws {
        let world = try UpstreamBench(standIn: Self.limits)
        func sell(_ amount: Int64) throws -> String? {
            world.send(try world.till.message(SaleSpec(world.card, amount)))?.code
        }
        #expect(try sell(40_01) != "00")
        let stan = world.till.stan
        let at = world.bench.now
        #expect(try sell(40_00) == "00")
        #expect(try sell(20_01) != "00")
        #expect(try sell(20_00) == "00")
        #expect(try sell(1) != "00")
        #expect(world.send(try world.till.reversal(of: stan, at: at, amount: 40_00, card: world.card))?.code == "00")
        #expect(try sell(40_00) == "00")
        try world.connect()
        #expect(world.kinds.sorted() == ["0220", "0220", "0220", "0420"])
        #expect(world.issuer.standing.values.sorted() == [20_00, 40_00])
        try world.bench.submit(.cutOver, by: Bench.system)
        world.tell(.disconnected)
        #expect(try sell(40_00) == "00", "a new day")
        try world.bench.check()
    }

    @Test("what is given back of another day is none of this day's limit")
    func otherDay() throws {
        let world = try UpstreamBench(standIn: Self.limits)
        let counter = ForeignCounter(world)
        let old = try counter.make(.purchase, 40_00)
        try world.bench.submit(.cutOver, by: Bench.system)
        #expect(try counter.make(.purchase, 40_00).code == "00")
        #expect(try counter.reverse(old)?.code == "00")
        #expect(try counter.make(.purchase, 20_01).code != "00")
        #expect(try counter.make(.purchase, 20_00).code == "00")
        try world.bench.check()
    }

    @Test("never without the PIN where one is needed, however high the limits")
    func needsPIN() throws {
        let world = try UpstreamBench(standIn: StandInLimits(transaction: 1_000_00, cardAndDay: 1_000_00))
        #expect(world.send(try world.till.message(SaleSpec(world.card, 50_01)))?.code != "00")
        #expect(world.openStored == 0)
    }

    @Test("never for a card or an account that is stopped here")
    func stopped() throws {
        let world = try UpstreamBench(standIn: Self.limits)
        let card = try world.bench.card()
        try world.bench.submit(.setRouting("4 NORTH"), by: Bench.system)
        #expect(world.send(try world.till.message(SaleSpec(card, 10_00)))?.code == "00")
        try world.bench.submit(.freeze(card.account), by: Bench.carol)
        #expect(world.send(try world.till.message(SaleSpec(card, 10_00)))?.code != "00")
        try world.connect()
        #expect(world.send(try world.till.message(SaleSpec(card, 10_00)))?.code != "00", "nor asked upstream")
        #expect(world.kinds == ["0220"])
        #expect(try world.bench.available(card) == 100_000_00, "its own account here is not touched")
    }
}
