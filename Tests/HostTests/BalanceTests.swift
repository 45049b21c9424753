// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import ISO8583
import Issuer
import ModuleProtocol
import SecurityModule
import Testing
import Vocabulary

@Suite("Balances and step-up support")
struct BalanceTests {
    @Test("a balance tells what is booked and what is available, moves nothing, and its repeat tells the same")
    func answer() throws {
        let counter = try Counter()
        try counter.make(.preAuthorisation, 300_00)
        var spec = counter.spec(.balance, 0)
        (spec.stan, spec.at) = (40, counter.bench.now)
        let reply = try counter.make(spec).reply
        let amounts = [
            AdditionalAmount(.ledger, Counter.full, .eur), AdditionalAmount(.available, Counter.full - 300_00, .eur),
        ]
        #expect(reply.code == "00" && reply.view.text(54).flatMap { AdditionalAmount.list($0) } == amounts)
        #expect(reply.reference == nil)
        try counter.make(.purchase)
        spec.mti = .financialRepeat
        #expect(try counter.make(spec).reply.view.text(54) == reply.view.text(54))
        #expect(try counter.totals.count == 1)
        try counter.check()
    }

    @Test("a balance needs its PIN, and wrong ones count as at a sale")
    func pin() throws {
        let counter = try Counter()
        var spec = counter.spec(.balance, 0)
        spec.pin = nil
        #expect(try counter.make(spec).code == "70")
        spec.pin = "9999"
        for code in ["55", "55", "62", "62"] {
            #expect(try counter.make(spec).code == code)
            counter.bench.wait(.minutes(1))
        }
        #expect(try counter.bench.card(counter.card).isPINLocked)
        #expect(try counter.make(.purchase).code == "62")
        try counter.check()
    }

    @Test("a balance with an amount is none, and a halted terminal gets no kind through but reversals")
    func refusals() throws {
        let counter = try Counter()
        let sale = try counter.make(.purchase)
        #expect(try counter.make(.balance, 1).code == "30")
        counter.till.module.claims.state = .halted
        for kind in TransactionKind.allCases {
            let slip = try counter.make(kind, kind == .balance ? 0 : 100_00, of: kind.hasOriginal ? sale : nil)
            #expect(slip.code == "TH", "\(kind)")
        }
        #expect(try counter.reverse(sale).code == "00")
        #expect(try counter.available == Counter.full)
        try counter.check()
    }

    @Test("enquiries are seen by the triggers as use, never as money")
    func triggers() throws {
        let bench = try Bench(
            rules: """
                velocity spent = sum(amount where approved) by card over 1h
                velocity wrongs = count(attempts where pin == wrong) by card over 1h
                rule burst { when wrongs >= 1 then refer }
                rule much { when spent > 0.00 EUR then decline }
                """)
        let counter = try Counter(bench, till: try bench.till(), card: try bench.card(balance: Counter.full))
        for _ in 0..<3 { #expect(try counter.make(.balance, 0).code == "00") }
        var spec = counter.spec(.balance, 0)
        spec.pin = "9999"
        #expect(try counter.make(spec).code == "55")
        #expect(try counter.make(.balance, 0).code == "01")
        try counter.check()
    }

    @Test("a terminal that did not announce it is asked for no PIN and no proof: the cardholder calls the issuer")
    func withoutStepUp() throws {
        let bench = try Bench(
            rules: "rule proof { when mcc == 5411 and amount > 500.00 EUR then require id_document }")
        let counter = try Counter(bench, till: try bench.till(), card: try bench.card(balance: 10_000_00))
        var bare = counter.spec(.purchase, 80_00)
        bare.pin = nil
        for (support, pinCode, proofCode) in [
            (StepUpSupport.all, "70", "1A"), ([.pin], "70", "01"), ([.holder], "01", "1A"), ([], "01", "01"),
            (nil, "01", "01"),
        ] as [(StepUpSupport?, String, String)] {
            counter.till.support = support
            bench.wait(.minutes(2))
            #expect(try counter.make(bare).code == pinCode, "\(String(describing: support))")
            let slip = try counter.make(.purchase, 600_00)
            #expect(slip.code == proofCode, "\(String(describing: support))")
            #expect(slip.reply.reference?.hasPrefix(proofCode == "01" ? "R-" : "S") == true)
        }
        try counter.check()
    }
}
