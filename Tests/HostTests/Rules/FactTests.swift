// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Issuer
import SecurityTriggers
import Testing
import Vocabulary

@testable import Host

/// What the triggers are told comes from the estate's record and the message, when judged and when applied.
@Suite("Facts of a transaction")
struct FactTests {
    @Test(
        "DE 22 says how the card was entered",
        arguments: [
            (UInt16(51), EntryFact.chip), (52, .chip), (951, .chip), (71, .contactless), (72, .contactless),
            (911, .contactless), (21, .stripe), (901, .stripe), (801, .fallback), (11, .manual), (12, .manual),
            (812, .manual), (0, .unknown), (999, .unknown), (.max, .unknown),
        ])
    func entry(mode: UInt16, fact: EntryFact) {
        #expect(EntryFact(entryMode: mode) == fact)
    }

    @Test("a sale's entry mode is on its record, and in the facts that an explanation is made of")
    func entryKept() throws {
        let bench = try Bench(rules: "")
        let (till, card) = (try bench.till(), try bench.card())
        _ = try till.sell(SaleSpec(card))
        let sale = try bench.lastSale()
        #expect(sale.entryMode == 51 && sale.facts(at: bench.now)?.entry == .chip)
        try bench.check()
    }

    @Test("place, local time and open warnings are the estate's")
    func completed() throws {
        let bench = try Bench(rules: "")
        let (till, card) = (try bench.till(), try bench.card())
        try bench.submit(
            .act(.setTerms(till.merchant, MerchantTerms(acquirer: 1, account: 2, radius: 100, offset: 22))),
            by: Bench.alice)
        _ = try bench.send(try till.report("H05,S04"))
        var facts = TransactionFacts(
            card: card.key, account: card.account, at: bench.now, amount: Money(minorUnits: 1, .eur),
            terminal: till.id, merchant: till.merchant, mcc: MCC(5_411))
        bench.engine.host.complete(&facts)
        #expect(facts.place == Position(latitude: 1, longitude: 2) && facts.offset == 22)
        #expect(facts.warnings == WarningCode.h05.factBit | WarningCode.s04.factBit)
        #expect(Set(WarningCode.allCases.map(\.factBit)).count == WarningCode.allCases.count)
        facts.merchant = MerchantID(number: 5)
        bench.engine.host.complete(&facts)
        #expect(facts.place == nil && facts.offset == 0, "of a merchant that is not known nothing is said")
    }

    @Test(
        "cash is what merchants of cash categories hand out, and a rule may tell it from a purchase",
        arguments: [
            (UInt16(6_010), "00", "59"), (6_011, "00", "59"), (6_012, "59", "00"), (5_411, "59", "00"),
        ])
    func cash(mcc: UInt16, purchase: String, cash: String) throws {
        for (kind, code) in [("purchase", purchase), ("cash", cash)] {
            let bench = try Bench(rules: "rule r { when kind == \(kind) then decline }")
            let (till, card) = (try bench.till(mcc: mcc), try bench.card())
            #expect(try till.sell(SaleSpec(card)).code == code, "\(kind)")
        }
    }

    @Test("a refund counts in the windows as a refund, is stopped by no rule, and what rules order beside is done")
    func refunds() throws {
        let rules = """
            velocity refunds = count(attempts) by card over 1h where kind == refund
            rule abuse { when kind == refund and refunds >= 2 then approve, case high }
            rule never { when kind == refund and amount >= 50.00 EUR then decline, case high }
            """
        let counter = try Counter(try Bench(rules: rules))
        let sale = try counter.make(.purchase, 100_00)
        func cases() -> Int { counter.bench.engine.host.issuer.cases.count }
        #expect(try counter.make(.refund, 10_00, of: sale).code == "00")
        #expect(cases() == 0)
        #expect(try counter.make(.refund, 60_00, of: sale).code == "00", "money goes back whatever rules say")
        #expect(cases() == 0, "a rule that would stop a payment does not speak of a refund")
        #expect(try counter.make(.refund, 10_00, of: sale).code == "00")
        #expect(cases() == 1)
        guard case .transaction(let refund)? = counter.bench.records.last?.body else { throw Missing() }
        #expect(
            refund.sale.evaluation?.results.isEmpty == false && refund.facts(at: counter.bench.now)?.kind == .refund)
        #expect(counter.bench.engine.host.issuer.cases.values.first?.stopped == false)
        try counter.check()
    }

    @Test("a void that is taken back counts its purchase as spent again")
    func reversedVoid() throws {
        let rules = """
            velocity spent = sum(amount) by card over 24h
            velocity paid = count(approved) by card over 24h
            rule much { when paid >= 3 then decline as exceedsFrequency }
            rule large { when spent > 1000.00 EUR then decline as exceedsLimit }
            """
        let counter = try Counter(try Bench(rules: rules))
        let sale = try counter.make(.purchase, 100_00)
        let void = try counter.make(.purchaseVoid, of: sale)
        #expect(void.code == "00")
        try counter.reverse(void)
        #expect(try counter.make(.purchase, 10_00).code == "00")
        #expect(try counter.make(.purchase, 10_00).code == "65", "the first one stands again")
        try counter.check()
        // And voided once more, it is forgotten once more.
        #expect(try counter.make(.purchaseVoid, 100_00, of: sale).code == "00")
        #expect(try counter.make(.purchase, 10_00).code == "00")
        try counter.check()
    }

    @Test("a hundred authorisations of one card at once are judged with the counts 1 to 100, in order")
    func hundred() throws {
        let rules = """
            velocity uses = count(attempts) by card over 1h
            rule odd { when uses >= 51 then decline as exceedsFrequency say analyst en "{uses}" }
            rule seen shadow { when uses >= 1 then decline say analyst en "{uses}" }
            """
        let bench = try Bench(rules: rules)
        let (till, card) = (try bench.till(), try bench.card())
        let messages = try (0..<100).map { _ in try till.message(SaleSpec(card, 1_00)) }
        let replies = try bench.send(batch: messages)
        #expect(replies.map(\.code) == Array(repeating: "00", count: 50) + Array(repeating: "65", count: 50))
        let counts = bench.records.suffix(100).map { record -> Int64? in
            guard case .authorisation(let sale) = record.body,
                let watched = sale.evaluation?.results.first(where: \.isShadow)
            else { return nil }
            return watched.figures.first?.value.low
        }
        #expect(counts == (1...100).map { Int64($0) })
        #expect(bench.engine.host.triggers.cardCount == 1)
        try bench.check()
    }
}
