// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import Issuer
import SecurityTriggers
import Testing
import Vocabulary

/// What rules order beside their action does what it says.
@Suite("What rules order beside their action")
struct OrderTests {
    private func cases(_ bench: Bench) -> [FraudCase] { bench.engine.host.issuer.cases.values }

    @Test("a confirmed purchase may be presented for as long as its rule holds it", arguments: [2, 15, 60])
    func hold(minutes: Int) throws {
        let bench = try Bench(rules: "rule big { when amount >= 100.00 EUR then refer hold \(minutes)m }")
        let (till, card) = (try bench.till(), try bench.card())
        func referred() throws {
            #expect(try till.sell(SaleSpec(card, 150_00, pin: card.pin)).code == "01")
            let id = try require(bench.card(card).openCase)
            try bench.submit(.confirmCase(id, factor: true), by: Bench.cardholder)
        }
        try referred()
        bench.wait(.seconds(Int64(minutes) * 60 - 1))
        #expect(try till.sell(SaleSpec(card, 150_00, pin: card.pin)).code == "00")
        try referred()
        bench.wait(.minutes(Int64(minutes)))
        #expect(try till.sell(SaleSpec(card, 150_00, pin: card.pin)).code == "01")
        try bench.check()
    }

    @Test(
        "a case asks the cardholder where its rule says so or the purchase is referred, and tells the issuer likewise")
    func asks() throws {
        let rules = """
            rule a { when amount == 1.00 EUR then decline, case high }
            rule b { when amount == 2.00 EUR then decline, case low, ask cardholder }
            rule c { when amount == 3.00 EUR then decline, notify issuer }
            rule d { when amount == 4.00 EUR then refer }
            """
        let bench = try Bench(rules: rules)
        let till = try bench.till()
        for number in 1...4 {
            let card = try bench.card(number)
            _ = try till.sell(SaleSpec(card, Int64(number) * 100))
        }
        #expect(cases(bench).map(\.asksCardholder) == [false, true, false, true])
        #expect(cases(bench).map { $0.orders?.notifiesIssuer } == [false, false, true, false])
        try bench.check()
    }

    @Test("a suspicion joins the open case, unless it asks the cardholder and that one does not")
    func joins() throws {
        let rules = """
            rule quiet { when amount < 10.00 EUR then approve, case low }
            rule loud { when amount >= 10.00 EUR then refer }
            """
        let bench = try Bench(rules: rules)
        let (till, card) = (try bench.till(), try bench.card())
        for _ in 0..<2 { #expect(try till.sell(SaleSpec(card, 5_00)).code == "00") }
        #expect(cases(bench).count == 1)
        let first = try till.sell(SaleSpec(card, 20_00))
        #expect(first.code == "01" && first.reference == cases(bench).last?.reference && cases(bench).count == 2)
        let second = try till.sell(SaleSpec(card, 21_00))
        #expect(second.reference == first.reference && cases(bench).count == 2)
        #expect(try till.sell(SaleSpec(card, 5_00)).code == "00")
        #expect(cases(bench).count == 2)
        try bench.check()
    }

    @Test("orders of a case come back from record and snapshot")
    func kept() throws {
        let bench = try Bench(
            rules: "rule d { when amount >= 4.00 EUR then refer hold 3h, ask cardholder, notify issuer }")
        let (till, card) = (try bench.till(), try bench.card())
        _ = try till.sell(SaleSpec(card, 400))
        let orders = CaseOrders(asksCardholder: true, notifiesIssuer: true, hold: .hours(3))
        #expect(cases(bench).first?.orders == orders)
        #expect(try Host(snapshot: bench.engine.host.snapshot()).issuer.cases.values.first?.orders == orders)
        try bench.check()
    }
}
