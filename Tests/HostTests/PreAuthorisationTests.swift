// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import ISO8583
import Issuer
import Testing
import Vocabulary

@Suite("Pre-authorisations")
struct PreAuthorisationTests {
    @Test("a pre-authorisation holds and debits nothing; its void releases, once")
    func hold() throws {
        let counter = try Counter()
        let slip = try counter.make(.preAuthorisation)
        #expect(slip.code == "00" && slip.reply.approval != nil && slip.reply.view.mti == .authorisationResponse)
        #expect(try counter.available == Counter.full - 100_00)
        #expect(try counter.held == 100_00)
        #expect(try counter.totals == BatchTotals())
        #expect(try counter.make(.preAuthorisation, 900_01).code == "51")
        #expect(try counter.make(.preAuthorisationVoid, of: slip).code == "00")
        #expect(try counter.available == Counter.full)
        #expect(try counter.held == 0)
        #expect(try counter.make(.preAuthorisationVoid, of: slip).code == "12")
        #expect(try counter.make(.completion, of: slip).code == "12")
        try counter.check()
    }

    @Test(
        "a completion debits up to 115 per cent of the hold, releases the rest, and does so once",
        arguments: [(1, "00"), (99_99, "00"), (100_00, "00"), (115_00, "00"), (115_01, "61")] as [(Int64, String)])
    func completion(amount: Int64, code: String) throws {
        let counter = try Counter()
        let slip = try counter.make(.preAuthorisation)
        let completion = try counter.make(.completion, amount, of: slip)
        #expect(completion.code == code)
        #expect(try counter.available == Counter.full - (code == "00" ? amount : 100_00))
        #expect(try counter.held == (code == "00" ? 0 : 100_00))
        #expect(try counter.make(.completion, 1_00, of: slip).code == (code == "00" ? "12" : "00"))
        try counter.check()
    }

    @Test("what a completion takes beyond the hold must be there")
    func beyondTheHold() throws {
        let counter = try Counter()
        let slip = try counter.make(.preAuthorisation, 1_000_00)
        #expect(try counter.make(.completion, 1_000_01, of: slip).code == "51")
        #expect(try counter.make(.completion, 1_000_00, of: slip).code == "00")
        #expect(try counter.available == 0)
        try counter.check()
    }

    @Test("the void of a completion restores the hold, which may be completed again")
    func completionVoid() throws {
        let counter = try Counter()
        let slip = try counter.make(.preAuthorisation)
        let completion = try counter.make(.completion, 110_00, of: slip)
        #expect(try counter.make(.completionVoid, 110_00, of: completion).code == "00")
        #expect(try counter.available == Counter.full - 100_00)
        #expect(try counter.held == 100_00)
        #expect(try counter.make(.completionVoid, 110_00, of: completion).code == "12")
        #expect(try counter.make(.completion, 50_00, of: slip).code == "00")
        #expect(try counter.available == Counter.full - 50_00)
        #expect(
            try counter.totals
                == BatchTotals(debitAmount: 160_00, debitCount: 2, creditAmount: 110_00, creditCount: 1))
        try counter.check()
    }

    @Test("the reversal of each step gives back exactly what the step did, once")
    func reversals() throws {
        let counter = try Counter()
        let lost = try counter.make(.preAuthorisation)
        try counter.reverse(lost)
        #expect(try counter.available == Counter.full && counter.held == 0)

        let slip = try counter.make(.preAuthorisation)
        let void = try counter.make(.preAuthorisationVoid, of: slip)
        for _ in 0..<2 { try counter.reverse(void) }
        #expect(try counter.available == Counter.full - 100_00 && counter.held == 100_00)

        let completion = try counter.make(.completion, 80_00, of: slip)
        for _ in 0..<2 { try counter.reverse(completion) }
        #expect(try counter.available == Counter.full - 100_00 && counter.held == 100_00)
        #expect(try counter.totals == BatchTotals())

        let second = try counter.make(.completion, 80_00, of: slip)
        // What has been completed is not held any more: its late reversal does nothing.
        try counter.reverse(slip)
        #expect(try counter.available == Counter.full - 80_00 && counter.held == 0)
        let secondVoid = try counter.make(.completionVoid, 80_00, of: second)
        for _ in 0..<2 { try counter.reverse(secondVoid) }
        #expect(try counter.available == Counter.full - 80_00 && counter.held == 0)
        #expect(try counter.state(slip) == .completed && counter.state(second) == .standing)
        try counter.check()
    }

    @Test("after thirty days the next cut-over releases a hold, and it can no longer be completed")
    func expiry() throws {
        let counter = try Counter()
        let slip = try counter.make(.preAuthorisation)
        counter.bench.wait(Hold.lifetime + .seconds(-1))
        try counter.bench.submit(.cutOver, by: Bench.system)
        #expect(try counter.held == 100_00)
        counter.bench.wait(.seconds(1))
        try counter.till.signOn()
        #expect(try counter.make(.completion, of: slip).code == "12")
        try counter.bench.submit(.cutOver, by: Bench.system)
        #expect(try counter.available == Counter.full && counter.held == 0)
        #expect(try counter.state(slip) == .expired)
        try counter.check()
    }

    @Test("a freeze stops a pre-authorisation; a completion it does not stop, and a stolen card does")
    func freezes() throws {
        let counter = try Counter()
        let first = try counter.make(.preAuthorisation)
        let second = try counter.make(.preAuthorisation)
        try counter.bench.submit(.freeze(counter.card.account), by: Bench.carol)
        #expect(try counter.make(.preAuthorisation).code == "62")
        #expect(try counter.make(.completion, of: first).code == "00")
        try counter.bench.submit(.setCardStatus(counter.card.key, .stolen), by: Bench.carol)
        #expect(try counter.make(.completion, of: second).code == "62")
        #expect(try counter.make(.preAuthorisationVoid, of: second).code == "00")
        #expect(try counter.available == Counter.full - 100_00 && counter.held == 0)
        try counter.check()
    }

    @Test("the triggers judge a pre-authorisation like the purchase it will become, and a completion not again")
    func triggers() throws {
        let bench = try Bench(
            rules: """
                velocity spent = sum(amount where approved) by card over 1h
                rule much { when spent > 250.00 EUR then decline }
                """)
        let counter = try Counter(bench, till: try bench.till(), card: try bench.card(balance: Counter.full))
        let slip = try counter.make(.preAuthorisation, 200_00)
        #expect(slip.code == "00")
        #expect(try counter.make(.preAuthorisation, 100_00).code == "59")
        #expect(try counter.make(.completion, 230_00, of: slip).code == "00")
        #expect(try counter.make(.purchase, 50_00).code == "00")
        #expect(try counter.make(.purchase, 1_00).code == "59")
        try counter.check()
    }
}
