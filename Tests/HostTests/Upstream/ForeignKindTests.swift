// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import ISO8583
import Issuer
import Testing
import Vocabulary

@Suite("Every kind of transaction of a card of another issuer")
struct ForeignKindTests {
    private func counter(standIn: StandInLimits = .none) throws -> ForeignCounter {
        let world = try UpstreamBench(standIn: standIn)
        try world.connect()
        return ForeignCounter(world)
    }

    @Test("a balance goes as 0200/310000 with its PIN and brings DE 54 back; it moves nothing and is never reversed")
    func balance() throws {
        let counter = try counter()
        let world = counter.world
        let slip = try counter.make(.balance, 0)
        #expect(slip.code == "00" && slip.reply.view.text(54) == TestIssuer.balance)
        let request = try require(world.issuer.requests.last)
        #expect(request.mti == .financialRequest && request.text(3) == "310000" && request.has(52))
        #expect(counter.totals == BatchTotals() && world.issuer.standing.isEmpty)
        _ = try counter.ask(.balance, 0)
        world.pass(.seconds(26))
        #expect(world.lastReply?.code == Intent.issuerUnavailable.outcome(in: .iso8583).code.description)
        #expect(world.openStored == 0, "nothing to reverse")
        world.tell(.disconnected)
        #expect(try counter.make(.balance, 0).code != "00", "never stood in for")
        try world.bench.check()
    }

    @Test("a balance without its PIN is not asked for")
    func balanceWithoutPIN() throws {
        let counter = try counter()
        var spec = counter.spec(.balance, 0)
        spec.pin = nil
        let reply = counter.world.send(try counter.till.message(spec))
        #expect(reply?.code == Intent.pinRequired.outcome(in: .iso8583).code.description)
        #expect(counter.world.kinds == [])
    }

    @Test("a pre-authorisation goes as 0100, counts in no batch, and its completion and their voids find it by DE 90")
    func preAuthorisation() throws {
        let counter = try counter()
        let world = counter.world
        let slip = try counter.make(.preAuthorisation, 100_00)
        #expect(slip.code == "00" && slip.reply.view.mti == .authorisationResponse)
        #expect(counter.totals == BatchTotals())
        let completion = try counter.make(.completion, 115_00, of: slip)
        #expect(completion.code == "00" && counter.state(slip) == .completed)
        #expect(try counter.make(.completionVoid, 115_00, of: completion).code == "00")
        #expect(counter.state(slip) == .standing && counter.state(completion) == .voided)
        #expect(try counter.make(.preAuthorisationVoid, 100_00, of: slip).code == "00")
        #expect(counter.state(slip) == .voided)
        #expect(world.kinds == ["0100", "0200", "0200", "0100"])
        let names = world.issuer.messages.compactMap { $0.number(37) }
        #expect(world.issuer.references == [names[0], names[1], names[0]])
        let codes = world.issuer.messages.map { [$0.text(3), $0.text(25), $0.text(60), $0.text(38)] }
        #expect(codes[0] == ["030000", "06", nil, nil])
        #expect(codes[1] == ["000000", "06", "20", "777123"])
        #expect(codes[2] == ["200000", "06", "21", "777123"])
        #expect(codes[3] == ["200000", "06", "11", "777123"])
        #expect(
            counter.totals
                == BatchTotals(debitAmount: 115_00, debitCount: 1, creditAmount: 115_00, creditCount: 1))
        try world.bench.check()
    }

    @Test("what does not fit its original is refused here and not asked upstream")
    func conditions() throws {
        let counter = try counter()
        let world = counter.world
        let sale = try counter.make(.purchase)
        let slip = try counter.make(.preAuthorisation, 100_00)
        #expect(try counter.make(.purchaseVoid, 19_99, of: sale).code == "13")
        #expect(try counter.make(.completion, 115_01, of: slip).code == "61")
        #expect(try counter.make(.completionVoid, 20_00, of: sale).code == "12")
        #expect(try counter.make(.purchaseVoid, 20_00).code == "25")
        let neighbour = ForeignCounter(world, till: try world.bench.till("TILL0002"))
        #expect(try neighbour.make(.purchaseVoid, 20_00, of: sale).code == "58")
        try world.bench.submit(.cutOver, by: Bench.system)
        #expect(try counter.make(.purchaseVoid, 20_00, of: sale).code == "12")
        world.bench.wait(Hold.lifetime)
        try world.bench.submit(.cutOver, by: Bench.system)
        #expect(counter.state(slip) == .expired)
        #expect(world.kinds == ["0200", "0100"])
        try world.bench.check()
    }

    @Test("a void goes as a request; unanswered it is reversed, and its purchase stands and may be voided again")
    func void() throws {
        let counter = try counter()
        let world = counter.world
        let sale = try counter.make(.purchase)
        _ = try counter.ask(.purchaseVoid, of: sale)
        world.sent = []
        world.pass(.seconds(26))
        #expect(world.openStored == 1 && counter.state(sale) == .standing)
        world.pass(.seconds(1))
        try world.exchange()
        let void = try counter.make(.purchaseVoid, of: sale)
        #expect(void.code == "00" && counter.state(sale) == .voided)
        #expect(world.kinds == ["0200", "0420", "0200"])
        #expect(world.issuer.messages[1].text(3) == "200000" && world.issuer.messages[1].text(60) == "23")
        #expect(try counter.reverse(void)?.code == "00")
        try world.exchange()
        #expect(counter.state(sale) == .standing && counter.totals == BatchTotals(debitAmount: 20_00, debitCount: 1))
        #expect(world.kinds.last == "0420" && world.openStored == 0)
        try world.bench.check()
    }

    @Test(
        "while a void is under way nothing else refers to its purchase, and the purchase's reversal waits for the answer"
    )
    func locked() throws {
        let counter = try counter()
        let world = counter.world
        let sale = try counter.make(.purchase)
        let void = try counter.ask(.purchaseVoid, of: sale)
        let asked = try require(world.sent.first)
        #expect(try counter.make(.refund, 5_00, of: sale).code == "12")
        #expect(try counter.make(.purchaseVoid, of: sale).code == "12")
        let reversal = try counter.till.reversal(of: sale.stan, at: sale.at, amount: 20_00, card: world.card)
        #expect(world.send(reversal)?.code == Intent.systemError.outcome(in: .iso8583).code.description)
        #expect(world.sent == [asked])
        try world.exchange()
        #expect(world.lastReply?.code == "00" && counter.state(sale) == .voided)
        #expect(try counter.reverse(sale)?.code == "00", "there is nothing left of it")
        #expect(world.openStored == 0 && void.kind == .purchaseVoid)
        try world.bench.check()
    }

    @Test(
        "a refund is decided here and advised, whether the line is up or down, in parts and never beyond its purchase")
    func refund() throws {
        let counter = try counter()
        let world = counter.world
        let sale = try counter.make(.purchase)
        let first = try counter.make(.refund, 5_00, of: sale)
        #expect(first.code == "00" && first.reply.view.mti == .financialAdviceResponse)
        world.tell(.disconnected)
        let neighbour = ForeignCounter(world, till: try world.bench.till("TILL0002"))
        #expect(try neighbour.make(.refund, 15_00, of: sale).code == "00")
        #expect(try counter.make(.refund, 1, of: sale).code == "13")
        #expect(counter.totals == BatchTotals(debitAmount: 20_00, debitCount: 1, creditAmount: 5_00, creditCount: 1))
        #expect(neighbour.totals == BatchTotals(creditAmount: 15_00, creditCount: 1))
        world.sent = []
        world.pass(.minutes(1))
        try world.connect()
        world.pass(.minutes(1))
        try world.exchange()
        #expect(world.kinds.filter { $0 == "0220" || $0 == "0221" }.count == 2 && world.openStored == 0)
        #expect(
            world.issuer.references == [try require(world.issuer.messages.first?.number(37))]
                + world.issuer.references.dropFirst())
        #expect(Set(world.issuer.references).count == 1)
        try world.bench.check()
    }

    @Test("what refers to a purchase that was stood in for is advised behind its advice, also when the line is back")
    func standIn() throws {
        let world = try UpstreamBench(standIn: StandInLimits(transaction: 50_00, cardAndDay: 60_00))
        let counter = ForeignCounter(world)
        let sale = try counter.make(.purchase, 30_00)
        let slip = try counter.make(.preAuthorisation, 20_00)
        #expect(sale.code == "00" && slip.code == "00")
        let neighbour = ForeignCounter(world, till: try world.bench.till("TILL0002"))
        #expect(try neighbour.make(.refund, 10_00, of: sale).code == "00")
        #expect(try counter.make(.preAuthorisation, 10_01).code != "00", "the limit of the day")
        let completion = try counter.make(.completion, 23_00, of: slip)
        #expect(completion.code == "00")
        try world.connect()
        let void = try counter.make(.completionVoid, 23_00, of: completion)
        #expect(void.code == "00")
        for _ in 0..<4 {
            world.pass(.seconds(1))
            try world.exchange()
        }
        #expect(world.kinds == ["0220", "0120", "0220", "0220", "0220"], "\(world.kinds)")
        let names = world.issuer.messages.map { $0.number(37) ?? 0 }
        #expect(world.issuer.references == [names[0], names[1], names[3]])
        #expect(world.openStored == 0)
        #expect(
            try counter.reverse(void)?.code == "00" && counter.state(completion) == .standing
                && counter.state(slip) == .completed)
        try world.exchange()
        #expect(world.kinds.last == "0420")
        try world.bench.check()
    }

    @Test("no freeze and no status of a card known here stops its voids and refunds; stolen stops a completion")
    func neverBlocked() throws {
        let world = try UpstreamBench()
        try world.connect()
        let card = try world.bench.card()
        try world.bench.submit(.setRouting("4 NORTH"), by: Bench.system)
        func make(_ kind: TransactionKind, of original: Reply? = nil) throws -> Reply {
            world.bench.wait(.seconds(2))
            var spec = SaleSpec(card, 10_00)
            (spec.kind, spec.rrn) = (kind, original?.rrn)
            world.send(try world.till.message(spec))
            if world.lastReply == nil { try world.exchange() }
            return try require(world.lastReply)
        }
        let first = try make(.purchase)
        let second = try make(.purchase)
        let held = try make(.preAuthorisation)
        let other = try make(.preAuthorisation)
        try world.bench.submit(.freeze(card.account), by: Bench.carol)
        #expect(try make(.purchase).code != "00")
        #expect(try make(.purchaseVoid, of: first).code == "00")
        #expect(try make(.completion, of: held).code == "00")
        try world.bench.submit(.setCardStatus(card.key, .stolen), by: Bench.carol)
        #expect(try make(.refund, of: second).code == "00")
        #expect(try make(.completion, of: other).code == Intent.stolenCard.outcome(in: .iso8583).code.description)
        #expect(try world.bench.available(card) == 100_000_00, "its own account here is not touched")
        try world.bench.check()
    }

    @Test("what refers to a transaction goes where that one was decided, wherever its card is routed by now")
    func rerouted() throws {
        let counter = try counter()
        let world = counter.world
        let sale = try counter.make(.purchase)
        try world.bench.submit(.setRouting(""), by: Bench.system)
        #expect(try counter.make(.purchaseVoid, of: sale).code == "00")
        #expect(world.kinds == ["0200", "0200"])
        let card = try world.bench.card()
        let own = try require(world.send(try world.till.message(SaleSpec(card, 10_00))))
        try world.bench.submit(.setRouting("4 NORTH"), by: Bench.system)
        var void = SaleSpec(card, 10_00)
        (void.kind, void.rrn) = (.purchaseVoid, own.rrn)
        world.bench.wait(.seconds(2))
        #expect(world.send(try world.till.message(void))?.code == "00")
        #expect(world.kinds == ["0200", "0200"], "that one was decided here")
        #expect(try world.bench.available(card) == 100_000_00)
        try world.bench.check()
    }

    @Test("a settlement counts foreign transactions like own ones")
    func settlement() throws {
        let counter = try counter()
        let sale = try counter.make(.purchase)
        try counter.make(.purchase, 30_00)
        try counter.make(.purchaseVoid, of: sale)
        let slip = try counter.make(.preAuthorisation, 40_00)
        try counter.make(.completion, 41_00, of: slip)
        let totals = BatchTotals(debitAmount: 91_00, debitCount: 3, creditAmount: 20_00, creditCount: 1)
        let reply = counter.world.send(try counter.till.settlement(totals))
        #expect(reply?.view.number(66) == 1, "balanced")
        try counter.world.bench.check()
    }

    @Test("a reversed or voided sale of a card of another issuer is no longer spent in the windows")
    func windows() throws {
        let rule = """
            velocity spent = sum(amount where approved) by card over 1h
            rule busy { when spent >= 50.00 EUR then decline }

            """
        let world = try UpstreamBench(rules: rule)
        try world.connect()
        let counter = ForeignCounter(world)
        let sale = try counter.make(.purchase, 30_00)
        #expect(try counter.make(.purchase, 30_00).code != "00")
        try counter.reverse(sale)
        try world.exchange()
        let again = try counter.make(.purchase, 30_00)
        #expect(again.code == "00")
        try counter.make(.purchaseVoid, 30_00, of: again)
        #expect(try counter.make(.purchase, 30_00).code == "00")
        try world.bench.check()
    }
}
