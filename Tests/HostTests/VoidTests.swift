// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import ISO8583
import Issuer
import Testing
import Vocabulary

@Suite("Voids and refunds")
struct VoidTests {
    @Test("a void gives the money back once, and its repeat gets the stored answer")
    func once() throws {
        let counter = try Counter()
        let sale = try counter.make(.purchase)
        var spec = counter.spec(.purchaseVoid, 100_00, of: sale)
        (spec.stan, spec.at) = (70, counter.bench.now)
        let void = try counter.make(spec)
        #expect(void.code == "00" && void.reply.isSealed && void.reply.approval != nil)
        #expect(try counter.available == Counter.full)
        spec.mti = .financialRepeat
        #expect(try counter.make(spec).reply.rrn == void.reply.rrn)
        #expect(try counter.make(.purchaseVoid, of: sale).code == "12")
        #expect(try counter.available == Counter.full)
        #expect(try counter.state(sale) == .voided)
        #expect(
            try counter.totals == BatchTotals(debitAmount: 100_00, debitCount: 1, creditAmount: 100_00, creditCount: 1))
        try counter.check()
    }

    @Test("DE 90 names the original as well as its reference does")
    func byTrace() throws {
        let counter = try Counter()
        let sale = try counter.make(.purchase)
        var spec = counter.spec(.purchaseVoid, 100_00)
        spec.original = (.purchase, sale.stan, sale.at)
        #expect(try counter.make(spec).code == "00")
        #expect(try counter.available == Counter.full)
    }

    @Test("a void needs the same terminal, card, amount, day and approval code, and an original that stands")
    func conditions() throws {
        let counter = try Counter()
        let sale = try counter.make(.purchase)
        let other = try Counter(counter.bench, till: try counter.bench.till("TILL0002"), card: counter.card)
        #expect(try other.make(.purchaseVoid, of: sale).code == "58")
        let stranger = try Counter(counter.bench, till: counter.till, card: try counter.bench.card(2))
        #expect(try stranger.make(.purchaseVoid, of: sale).code == "12")
        #expect(try counter.make(.purchaseVoid, 99_99, of: sale).code == "13")
        #expect(try counter.make(.purchaseVoid).code == "25")
        #expect(try counter.make(.completionVoid, of: sale).code == "12")
        var spec = counter.spec(.purchaseVoid, 100_00, of: sale)
        spec.approval = "ABCDEF"
        #expect(try counter.make(spec).code == "12")
        try counter.bench.submit(.cutOver, by: Bench.alice)
        #expect(try counter.make(.purchaseVoid, of: sale).code == "12")
        #expect(try counter.available == Counter.full - 100_00)
        let today = try counter.make(.purchase)
        try counter.reverse(today)
        #expect(try counter.make(.purchaseVoid, of: today).code == "12")
        #expect(try counter.available == Counter.full - 100_00)
        try counter.check()
    }

    @Test("the reversal of a void restores the purchase, which may be voided again; reversing it twice does nothing")
    func reversedVoid() throws {
        let counter = try Counter()
        let sale = try counter.make(.purchase)
        let void = try counter.make(.purchaseVoid, of: sale)
        for _ in 0..<2 { #expect(try counter.reverse(void).code == "00") }
        #expect(try counter.available == Counter.full - 100_00)
        #expect(try counter.totals == BatchTotals(debitAmount: 100_00, debitCount: 1))
        #expect(try counter.state(sale) == .standing)
        #expect(counter.bench.engine.host.standingSales(of: counter.till.id).count == 1)
        #expect(try counter.make(.purchaseVoid, of: sale).code == "00")
        #expect(try counter.available == Counter.full)
        try counter.check()
    }

    @Test("a voided purchase is not reversed as well, and not approved again by its repeat")
    func reversedAfterVoid() throws {
        let counter = try Counter()
        var spec = counter.spec(.purchase, 100_00)
        (spec.stan, spec.at) = (50, counter.bench.now)
        let sale = try counter.make(spec)
        try counter.make(.purchaseVoid, of: sale)
        #expect(try counter.reverse(sale).code == "00")
        spec.mti = .financialRepeat
        #expect(try counter.make(spec).code == "12")
        #expect(try counter.available == Counter.full)
        try counter.check()
    }

    @Test("a void that is taken back after its money was spent overdraws by that much and by no more")
    func forced() throws {
        let counter = try Counter()
        let sale = try counter.make(.purchase, 600_00)
        let void = try counter.make(.purchaseVoid, 600_00, of: sale)
        #expect(try counter.make(.purchase, 900_00).code == "00")
        #expect(try counter.reverse(void).code == "00")
        #expect(try counter.available == Counter.full - 1_500_00)
        #expect(try counter.make(.purchase, 1_00).code == "51")
        try counter.check()
    }

    @Test("a reversal before its void leaves a tombstone that the late void is refused by")
    func tombstone() throws {
        let counter = try Counter()
        let sale = try counter.make(.purchase)
        var spec = counter.spec(.purchaseVoid, 100_00, of: sale)
        (spec.stan, spec.at) = (60, counter.bench.now)
        let late = try counter.till.message(spec)
        let reply = try counter.bench.send(
            try counter.till.reversal(
                of: 60, at: counter.bench.now, amount: 100_00, card: counter.card, kind: .purchaseVoid))
        #expect(reply.code == "25")
        #expect(try counter.bench.send(late).code == "12")
        #expect(try counter.available == Counter.full - 100_00)
        try counter.check()
    }

    @Test("refunds give back what is left of their original and no more, on any day, in parts")
    func refunds() throws {
        let counter = try Counter()
        let sale = try counter.make(.purchase)
        try counter.bench.submit(.cutOver, by: Bench.alice)
        counter.bench.wait(.hours(2))
        #expect(try counter.make(.refund, 60_00, of: sale).code == "00")
        #expect(try counter.make(.refund, 40_01, of: sale).code == "13")
        var spec = counter.spec(.refund, 40_00, of: sale)
        (spec.stan, spec.at) = (80, counter.bench.now)
        let last = try counter.make(spec)
        #expect(last.code == "00" && last.reply.view.mti == .financialAdviceResponse)
        spec.mti = .financialRepeat
        #expect(try counter.make(spec).reply.rrn == last.reply.rrn)
        #expect(try counter.make(.refund, 1, of: sale).code == "13")
        #expect(try counter.available == Counter.full)
        #expect(try counter.totals.creditAmount == 100_00 && counter.totals.creditCount == 2)
        try counter.check()
    }

    @Test("a refund needs a known original of the same merchant and card, and ends its original's void and reversal")
    func refundConditions() throws {
        let counter = try Counter()
        let sale = try counter.make(.purchase)
        #expect(try counter.make(.refund).code == "25")
        let shop = try Counter(counter.bench, till: try counter.bench.till("TILL0009", merchant: 2), card: counter.card)
        #expect(try shop.make(.refund, 10_00, of: sale).code == "58")
        let neighbour = try Counter(counter.bench, till: try counter.bench.till("TILL0002"), card: counter.card)
        #expect(try neighbour.make(.refund, 10_00, of: sale).code == "00")
        #expect(try counter.make(.purchaseVoid, of: sale).code == "12")
        #expect(try counter.reverse(sale).code == "00")
        #expect(try counter.available == Counter.full - 90_00)
        try counter.check()
    }

    @Test("no freeze and no status of the card stops a void or a refund", arguments: [CardStatus.lost, .stolen])
    func neverBlocked(status: CardStatus) throws {
        let counter = try Counter()
        let first = try counter.make(.purchase)
        let second = try counter.make(.purchase)
        try counter.bench.submit(.freeze(counter.card.account), by: Bench.carol)
        try counter.bench.submit(.setCardStatus(counter.card.key, status), by: Bench.carol)
        #expect(try counter.make(.purchaseVoid, of: first).code == "00")
        #expect(try counter.make(.refund, of: second).code == "00")
        #expect(try counter.available == Counter.full)
        try counter.check()
    }

    @Test("a combination of codes that no kind has is not served, and a batch out of step asks for a sign-on")
    func unserved() throws {
        let counter = try Counter()
        var builder = counter.till.builder(.financialRequest)
        builder.set(2, bytes: counter.card.pan.ascii)
        builder.set(3, number: 10_000)
        builder.set(4, number: 100)
        builder.set(22, number: 51)
        builder.set(25, number: 0)
        builder.set(49, number: 978)
        let reply = try counter.bench.send(try counter.till.protect(builder))
        #expect(reply.code == "40" && reply.isSealed)
        counter.till.batch = 2
        #expect(try counter.make(.purchase).code == "TM")
        let lease = try counter.till.signOn()
        #expect(lease.view.text(59).flatMap { TerminalData(text: $0) }?.batch == 1)
        try counter.check()
    }
}
