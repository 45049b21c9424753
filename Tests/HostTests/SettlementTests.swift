// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import ISO8583
import Issuer
import ModuleProtocol
import SecurityModule
import Testing
import Vocabulary

@Suite("Settlement and business day")
struct SettlementTests {
    private func batch(_ counter: Counter) throws -> TerminalBatch {
        try require(counter.bench.engine.host.batch(of: counter.till.id))
    }

    private func item(_ slip: Counter.Slip) -> BatchItem {
        BatchItem(kind: slip.kind, stan: STAN(slip.stan), rrn: slip.rrn, amount: slip.amount)
    }

    @Test("equal totals close the batch, and whoever asks again is told so without a second close")
    func balanced() throws {
        let counter = try Counter()
        try counter.make(.purchase)
        let totals = BatchTotals(debitAmount: 100_00, debitCount: 1)
        let at = counter.bench.now
        let first = try counter.bench.send(try counter.till.settlement(totals, stan: 90, at: at))
        #expect(first.code == "00" && first.isSealed && first.view.number(66) == 1)
        let closed = try require(try batch(counter).last)
        #expect(closed.number == 1 && closed.isBalanced && closed.host == totals && closed.terminal == totals)
        let digest = counter.bench.engine.host.batch(of: counter.till.id)
        for message in [
            try counter.till.settlement(totals, mti: .settlementRepeat, stan: 90, at: at),
            try counter.till.settlement(totals),
        ] {
            #expect(try counter.bench.send(message).view.number(66) == 1)
            #expect(counter.bench.engine.host.batch(of: counter.till.id) == digest)
        }
        #expect(try batch(counter).number == 2 && batch(counter).totals == BatchTotals())
        // The void of a settled purchase is a refund.
        counter.till.batch = 2
        let sale = try counter.make(.purchase)
        #expect(try counter.bench.send(try counter.till.settlement(totals)).view.number(66) == 1)
        counter.till.batch = 3
        #expect(try counter.make(.purchaseVoid, of: sale).code == "12")
        #expect(try counter.make(.refund, of: sale).code == "00")
        try counter.check()
    }

    @Test("other totals ask for the upload, which finds what either side does not have, and ends the batch")
    func unbalanced() throws {
        let counter = try Counter()
        let known = try counter.make(.purchase)
        try counter.make(.purchase, 20_00)
        let claimed = BatchTotals(debitAmount: 150_00, debitCount: 2)
        #expect(try counter.bench.send(try counter.till.settlement(claimed)).view.number(66) == 2)
        var unknown = item(known)
        unknown.rrn = RRN(77)
        unknown.amount = 50_00
        let at = counter.bench.now
        let items = [item(known), unknown]
        for mti: MTI in [.batchUpload, .batchUploadRepeat] {
            #expect(try counter.bench.send(try counter.till.upload(items, mti: mti, stan: 91, at: at)).code == "00")
        }
        // The same items once more, under a trace number of their own, count once; a gap is refused.
        #expect(try counter.bench.send(try counter.till.upload(items)).code == "00")
        #expect(try counter.bench.send(try counter.till.upload(items, from: 3)).code == "30")
        let upload = try require(try batch(counter).upload)
        #expect(upload.received == 2 && upload.matched == 1 && upload.differing == 1)
        #expect(try counter.bench.send(try counter.till.upload([])).code == "00")
        let last = try require(try batch(counter).last)
        #expect(!last.isBalanced && last.matched == 1 && last.differing == 1 && last.missing == 1)
        #expect(try batch(counter).number == 2)
        // Its answer may have been lost.
        #expect(try counter.bench.send(try counter.till.upload([])).code == "00")
        #expect(try batch(counter).number == 2)
        try counter.check()
    }

    @Test("a batch out of step, totals that are none and an upload nobody asked for are refused")
    func refusals() throws {
        let counter = try Counter()
        #expect(try counter.bench.send(try counter.till.settlement(BatchTotals(), batch: 7)).code == "TM")
        #expect(try counter.bench.send(try counter.till.upload([])).code == "TM")
        var builder = counter.till.builder(.settlementRequest)
        builder.set(49, number: 978)
        builder.set(59, text: "000000")
        for field in [74, 76, 86, 88] { builder.set(field, number: 0) }
        #expect(try counter.bench.send(try counter.till.protect(builder)).code == "30")
        try counter.check()
    }

    @Test("a terminal that has stopped still settles")
    func halted() throws {
        let counter = try Counter()
        counter.till.module.claims.state = .halted
        #expect(try counter.bench.send(try counter.till.settlement(BatchTotals())).view.number(66) == 1)
        try counter.check()
    }

    @Test("the reversal of a settled purchase counts as a credit of the batch that is open")
    func lateReversal() throws {
        let counter = try Counter()
        let sale = try counter.make(.purchase)
        _ = try counter.bench.send(
            try counter.till.settlement(BatchTotals(debitAmount: 100_00, debitCount: 1)))
        try counter.reverse(sale)
        #expect(try counter.totals == BatchTotals(creditAmount: 100_00, creditCount: 1))
        #expect(try counter.available == Counter.full)
        try counter.check()
    }

    /// What a till that keeps its slips would count.
    private struct Model {
        var totals = BatchTotals()
        var spent: Int64 = 0
        var held: Int64 = 0
        var open: [Counter.Slip] = []
    }

    @Test(
        "totals balance and money adds up after every mix of kinds, reversals and repeats", arguments: UInt64(1)...8)
    func mixes(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let counter = try Counter()
        var model = Model()
        for step in 0..<120 {
            counter.bench.wait(.seconds(Int64(40 + random.below(200))))
            try mix(counter, &model, &random)
            #expect(try counter.available == Counter.full - model.spent - model.held, "seed \(seed), step \(step)")
            #expect(try counter.held == model.held, "seed \(seed), step \(step)")
            #expect(counter.bench.engine.host.brokenInvariants() == [], "seed \(seed), step \(step)")
            guard random.below(25) == 0 else { continue }
            #expect(
                try counter.bench.send(try counter.till.settlement(model.totals)).view.number(66) == 1,
                "seed \(seed), step \(step)")
            counter.till.batch += 1
            model.totals = BatchTotals()
            model.open = model.open.filter { $0.kind == .preAuthorisation }
        }
        try counter.check()
    }

    /// One transaction that the host may refuse; now and then its answer is lost and it is reversed.
    private func mix(_ counter: Counter, _ model: inout Model, _ random: inout SeededRandom) throws {
        let kinds = TransactionKind.allCases.filter { kind in
            kind != .refund && (!kind.hasOriginal || model.open.contains { kind.refers(to: $0.kind) })
        }
        let kind = kinds[random.below(kinds.count)]
        let candidates = model.open.indices.filter { kind.refers(to: model.open[$0].kind) }
        let index = candidates.isEmpty ? nil : candidates[random.below(candidates.count)]
        let original = index.map { model.open[$0] }
        var amount = kind == .balance ? 0 : Int64(1 + random.below(200_00))
        if kind.isVoid { amount = original?.amount ?? amount }
        if kind == .completion { amount = min(amount, original?.amount ?? amount) }
        let slip = try counter.make(kind, amount, of: original)
        guard slip.code == "00" else {
            #expect(slip.code == "51", "\(kind)")
            return
        }
        if kind.isReversed, random.below(4) == 0 {
            #expect(try counter.reverse(slip).code == "00")
            return
        }
        model.totals.add(amount, kind.side)
        switch kind {
        case .purchase: model.spent += amount
        case .purchaseVoid, .refund: model.spent -= amount
        case .preAuthorisation: model.held += amount
        case .preAuthorisationVoid: model.held -= amount
        case .completion:
            model.spent += amount
            model.held -= original?.amount ?? 0
        case .completionVoid, .balance: break
        }
        // A restored hold is not followed further: completions are voided by the tests beside this one.
        if kind != .completion, let index { model.open.remove(at: index) }
        if kind == .completion, let index { model.open.remove(at: index) }
        if kind == .purchase || kind == .preAuthorisation { model.open.append(slip) }
    }

    private func isDue(_ counter: Counter, at now: Instant, since start: Instant) -> Bool {
        counter.bench.engine.host.isCutOverDue(at: now, since: start)
    }

    @Test("after the cut-over everything belongs to the next day, and a cut-over is due once a calendar day")
    func cutOver() throws {
        let counter = try Counter()
        let sale = try counter.make(.purchase)
        let started = counter.bench.now
        #expect(
            !isDue(counter, at: started, since: started) && isDue(counter, at: started + .hours(24), since: started))
        try counter.bench.submit(.cutOver, by: Bench.system)
        #expect(counter.bench.engine.host.day == 1 && counter.bench.engine.host.dayBegan == counter.bench.now)
        #expect(!isDue(counter, at: counter.bench.now, since: started))
        let later = try counter.make(.purchase)
        #expect(try require(counter.bench.engine.host.ledger.find(sale.rrn)).day == 0)
        #expect(try require(counter.bench.engine.host.ledger.find(later.rrn)).day == 1)
        #expect(counter.bench.refusal(.cutOver, by: Bench.cardholder) == .notYours(.cardholder))
        try counter.check()
    }
}
