// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import Interchange
import Issuer
import Testing
import Vocabulary

@testable import Host

@Suite("Stopped cards of other issuers")
struct NegativeFileTests {
    private static let limits = StandInLimits(transaction: 40_00, cardAndDay: 60_00)

    private func code(_ intent: Intent) -> String { intent.outcome(in: .iso8583).code.description }

    @Test(
        "a listed card is refused with what its reason means, and not asked upstream; unlisted it is asked again",
        arguments: StopReason.allCases)
    func listed(reason: StopReason) throws {
        let world = try UpstreamBench()
        try world.connect()
        let counter = ForeignCounter(world)
        try world.bench.submit(.listCard(world.card.key, reason), by: Bench.carol)
        for kind in [TransactionKind.purchase, .preAuthorisation] {
            #expect(try counter.make(kind).code == code(reason.intent))
        }
        #expect(try counter.make(.balance, 0).code == code(reason.intent))
        #expect(world.kinds == [] && world.sent.isEmpty)
        #expect(world.bench.engine.host.upstream.negative[world.card.key]?.by == Bench.carol.staff)
        try world.bench.submit(.unlistCard(world.card.key), by: Bench.carol)
        #expect(try counter.make(.purchase).code == "00")
        try world.bench.check()
    }

    @Test("stand-in looks into the negative file")
    func standIn() throws {
        let world = try UpstreamBench(standIn: Self.limits)
        let counter = ForeignCounter(world)
        try world.bench.submit(.listCard(world.card.key, .lost), by: Bench.carol)
        #expect(try counter.make(.purchase).code == code(.lostCard) && world.openStored == 0)
        try world.bench.submit(.unlistCard(world.card.key), by: Bench.carol)
        #expect(try counter.make(.purchase).code == "00" && world.openStored == 1)
    }

    @Test("a listed card still gets its money back; stolen it completes nothing")
    func neverBlocksMoneyBack() throws {
        let world = try UpstreamBench()
        try world.connect()
        let counter = ForeignCounter(world)
        let sales = try [counter.make(.purchase), counter.make(.purchase), counter.make(.purchase)]
        let slips = try [counter.make(.preAuthorisation), counter.make(.preAuthorisation)]
        try world.bench.submit(.listCard(world.card.key, .fraud), by: Bench.carol)
        #expect(try counter.make(.completion, of: slips[0]).code == "00")
        try world.bench.submit(.listCard(world.card.key, .stolen), by: Bench.carol)
        #expect(try counter.make(.completion, of: slips[1]).code == code(.stolenCard))
        #expect(try counter.make(.preAuthorisationVoid, of: slips[1]).code == "00")
        #expect(try counter.make(.purchaseVoid, of: sales[0]).code == "00")
        #expect(try counter.make(.refund, of: sales[1]).code == "00")
        #expect(try counter.reverse(sales[2])?.code == "00")
        try world.exchange()
        #expect(world.openStored == 0)
        try world.bench.check()
    }

    @Test(
        "an approval that comes for a card that was listed meanwhile is declined and reversed upstream, once",
        arguments: [TransactionKind.purchase, .preAuthorisation])
    func listedMeanwhile(kind: TransactionKind) throws {
        let world = try UpstreamBench()
        try world.connect()
        let counter = ForeignCounter(world)
        let slip = try counter.ask(kind)
        let request = try require(world.sent.first)
        try world.bench.submit(.listCard(world.card.key, .stolen), by: Bench.carol)
        let answer = try world.issuer.receive(request)
        world.sent = []
        for _ in 0..<2 { world.tell(.received(answer)) }
        #expect(world.lastReply?.code == code(.stolenCard))
        try world.exchange()
        #expect(world.kinds == [kind == .purchase ? "0200" : "0100", "0420"])
        #expect(try counter.reverse(slip)?.code == "00", "the till takes back what was never approved to it")
        try world.exchange()
        #expect(world.issuer.standing.isEmpty && world.openStored == 0 && world.kinds.count == 2)
        #expect(counter.totals == BatchTotals())
        try world.bench.check()
    }

    @Test("so is one for an account that was frozen here meanwhile; a balance is refused and leaves nothing to reverse")
    func frozenMeanwhile() throws {
        let world = try UpstreamBench()
        try world.connect()
        let card = try world.bench.card()
        try world.bench.submit(.setRouting("4 NORTH"), by: Bench.system)
        world.send(try world.till.message(SaleSpec(card, 10_00)))
        try world.bench.submit(.freeze(card.account), by: Bench.carol)
        try world.exchange()
        #expect(world.lastReply?.code == code(.frozenAccount))
        #expect(world.kinds == ["0200", "0420"] && world.issuer.standing.isEmpty)
        try world.bench.submit(.setRouting("51 NORTH"), by: Bench.system)
        let counter = ForeignCounter(world)
        _ = try counter.ask(.balance, 0)
        try world.bench.submit(.listCard(world.card.key, .restricted), by: Bench.carol)
        try world.exchange()
        #expect(world.lastReply?.code == code(.frozenCard) && world.lastReply?.view.has(54) == false)
        #expect(world.kinds == ["0200", "0420", "0200"])
        try world.bench.check()
    }

    /// A sale that was on its way when the line went, and had not left.
    private func cutOff(_ world: UpstreamBench, _ amount: Int64, meanwhile: () throws -> Void = {}) throws -> Reply {
        try world.connect()
        let message = HostEngine.Incoming(channel: 0, bytes: try world.till.message(SaleSpec(world.card, amount)))
        world.take(
            world.bench.engine.receive([message], now: world.bench.now, notices: &world.bench.notices), commits: false)
        world.tell(.disconnected)
        #expect(world.bench.engine.host.upstream.open.count == 1)
        try meanwhile()
        world.pass(.seconds(13))
        #expect(world.bench.engine.host.upstream.open.isEmpty && world.sent.isEmpty)
        return try require(world.lastReply)
    }

    @Test("what could not leave any more is stood in for within the limits, and told when the line is back")
    func notSent() throws {
        let world = try UpstreamBench(standIn: Self.limits)
        let reply = try cutOff(world, 40_00)
        #expect(reply.code == "00" && reply.approval != nil && world.openStored == 1)
        #expect(try ForeignCounter(world).make(.purchase, 20_01).code != "00", "the limit of the day")
        try world.connect()
        #expect(world.kinds == ["0220"] && Array(world.issuer.standing.values) == [40_00])
        try world.bench.check()
    }

    @Test("what could not leave is not stood in for above the limits, nor for a card that was listed meanwhile")
    func notSentRefused() throws {
        let large = try cutOff(try UpstreamBench(standIn: Self.limits), 40_01)
        #expect(large.code == code(.issuerUnavailable))
        let world = try UpstreamBench(standIn: Self.limits)
        let listed = try cutOff(world, 10_00) {
            try world.bench.submit(.listCard(world.card.key, .lost), by: Bench.carol)
        }
        #expect(listed.code == code(.lostCard) && world.openStored == 0)
        try world.bench.check()
    }

    @Test("a reversal of what 65,536 approved ones have followed is not called done: it is asked for again later")
    func forgotten() throws {
        let world = try UpstreamBench()
        try world.connect()
        let counter = ForeignCounter(world)
        let sale = try counter.make(.purchase)
        world.bench.engine.host.upstream.settled = []
        let reply = try counter.reverse(sale)
        #expect(reply?.code == code(.systemError))
        #expect(counter.totals?.debitAmount == 20_00 && world.openStored == 0)
    }

    @Test("analysts list and unlist; who may not, a card that is not listed, and one too many are refused")
    func commands() throws {
        let world = try UpstreamBench()
        let bench = world.bench
        #expect(bench.refusal(.listCard(world.card.key, .lost), by: Bench.alice) == .notYours(.operator))
        #expect(bench.refusal(.unlistCard(world.card.key), by: Bench.carol) == .upstream(.notListed))
    }

    @Test("the negative file finds each card and no other, keeps its order, and takes as many as it may")
    func file() throws {
        var file = NegativeFile()
        var random = SeededRandom(seed: 3)
        var known: [CardKey] = []
        for _ in 0..<500 {
            let card = CardKey(high: UInt64(random.below(40)), low: UInt64(random.below(1_000_000)))
            known.append(card)
            file.list(StoppedCard(card: card, reason: .lost, by: Samples.alice, at: Samples.at))
        }
        for card in known {
            #expect(file[card] != nil && file[CardKey(high: card.high, low: card.low + 1_000_000)] == nil)
        }
        var writer = ByteWriter()
        file.snapshot(to: &writer)
        var reader = ByteReader(writer.bytes)
        #expect(try NegativeFile(snapshot: &reader) == file)
        for card in known.prefix(250) { file.unlist(card) }
        for card in known.prefix(250) { #expect(file[card] == nil) }
        for number in 0..<UInt64(NegativeFile.countMax) {
            file.list(
                StoppedCard(card: CardKey(high: .max, low: number), reason: .fraud, by: Samples.bob, at: Samples.at))
        }
        #expect(file.isFull)
        var host = Host(rules: try require(Files.shippedRules))
        host.upstream.negative = file
        let listed = Command.listCard(CardKey(high: .max, low: 0), .lost)
        _ = try host.decide(listed, by: Bench.carol, now: Samples.at)
        #expect(throws: CommandRefusal.upstream(.negativeFileFull)) {
            try host.decide(.listCard(CardKey(high: 1, low: .max), .lost), by: Bench.carol, now: Samples.at)
        }
    }
}
