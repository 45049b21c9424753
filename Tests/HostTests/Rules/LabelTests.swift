// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Issuer
import ModuleProtocol
import SecurityModule
import SecurityTriggers
import Testing
import Vocabulary

@testable import Host

/// Feedback: what cardholders and desks say of a transaction is kept once, and reaches the triggers.
@Suite("Labels of transactions")
struct LabelTests {
    private static let rules = "rule big { when amount >= 100.00 EUR then refer }"

    private func verdicts(_ bench: Bench) -> [TransactionLabel.Verdict] {
        bench.engine.host.labels.entries.map(\.verdict)
    }

    @Test("the answer to a case labels its transaction: denied fraud, confirmed genuine")
    func cases() throws {
        let bench = try Bench(rules: Self.rules)
        let till = try bench.till()
        for (number, command) in [(1, { Command.denyCase($0) }), (2, { .confirmCase($0, factor: true) })]
            as [(Int, (CaseID) -> Command)]
        {
            let card = try bench.card(number)
            _ = try till.sell(SaleSpec(card, 150_00, pin: card.pin))
            let id = try require(bench.card(card).openCase)
            bench.wait(.minutes(5))
            try bench.submit(command(id), by: Bench.carol)
            let rrn = try require(bench.engine.host.issuer.cases[id]).rrn
            let label = try require(bench.engine.host.labels[rrn])
            #expect(label.known == bench.now && label.by == Bench.carol.staff)
        }
        #expect(verdicts(bench) == [.fraud, .genuine])
        try bench.check()
    }

    @Test("a disputed line is fraud from its dispute on, genuine once the cardholder remembers, and never twice")
    func disputes() throws {
        let bench = try Bench(rules: Self.rules)
        let (till, card) = (try bench.till(), try bench.card())
        let reply = try till.sell(SaleSpec(card, 20_00))
        let rrn = RRN(try require(UInt64(reply.rrn)))
        bench.wait(.hours(20))
        let dispute = Command.dispute(
            card.key, terminal: till.id, merchant: till.merchant, amount: Money(minorUnits: 20_00, .eur), rrn: rrn)
        try bench.submit(dispute, by: Bench.cardholder)
        let opened = bench.now
        #expect(bench.engine.host.labels[rrn]?.verdict == .fraud)
        bench.wait(.hours(1))
        try bench.submit(.denyCase(CaseID(1)), by: Bench.carol)
        #expect(bench.engine.host.labels[rrn]?.known == opened, "it was known before")
        try bench.check()
        // Another dispute of the same line, answered the other way.
        try bench.submit(dispute, by: Bench.cardholder)
        try bench.submit(.confirmCase(CaseID(2), factor: true), by: Bench.carol)
        #expect(verdicts(bench) == [.genuine])
        try bench.check()
    }

    @Test("verdicts from elsewhere name a transaction that is known, one each, and may be withdrawn")
    func imported() throws {
        let bench = try Bench(rules: Self.rules)
        let (till, card) = (try bench.till(), try bench.card())
        let rrn = RRN(try require(UInt64(try till.sell(SaleSpec(card, 20_00)).rrn)))
        #expect(bench.refusal(.label(RRN(999_999), .fraud), by: Bench.carol) == .label(.unknownTransaction))
        #expect(bench.refusal(.label(rrn, .withdrawn), by: Bench.carol) == .label(.notLabelled))
        bench.wait(.days(3))
        try bench.submit(.label(rrn, .fraud), by: Bench.system)
        guard case .label(let record)? = bench.records.last?.body else { throw Missing() }
        #expect(record.card == card.key && record.terminal == till.id && record.merchant == till.merchant)
        #expect(record.at == bench.now - .days(3) && record.amount.minorUnits == 20_00)
        for verdict in [TransactionLabel.Verdict.fraud, .genuine] {
            #expect(bench.refusal(.label(rrn, verdict), by: Bench.carol) == .label(.alreadyLabelled))
        }
        try bench.submit(.label(rrn, .withdrawn), by: Bench.carol)
        #expect(verdicts(bench) == [])
        try bench.submit(.label(rrn, .genuine), by: Bench.carol)
        #expect(verdicts(bench) == [.genuine])
        try bench.check()
        try bench.restart()
        #expect(try Host(snapshot: bench.engine.host.snapshot()).labels == bench.engine.host.labels)
    }

    @Test("a fraud at an amount that was plain for its card speaks against the terminal, however late it becomes known")
    func plain() throws {
        let bench = try Bench(
            rules: """
                velocity plain_frauds = count(confirmed where plain) by terminal over 7d
                rule bad_terminal { when plain_frauds >= 1 then decline }
                """)
        let (till, card) = (try bench.till(), try bench.card())
        func sell(_ amount: Int64) throws -> Reply {
            bench.wait(.minutes(1))
            return try till.sell(SaleSpec(card, amount, pin: card.pin))
        }
        for _ in 0..<3 { #expect(try sell(30_00).code == "00") }
        let odd = RRN(try require(UInt64(try sell(200_00).rrn)))
        let plain = RRN(try require(UInt64(try sell(25_00).rrn)))
        bench.wait(.days(20))
        till.module.claims.selfTestNumber += 1
        #expect(try till.signOn().code == "00")
        try bench.submit(.label(odd, .fraud), by: Bench.carol)
        #expect(try sell(5_00).code == "00", "the card alone is suspect")
        try bench.submit(.label(plain, .fraud), by: Bench.carol)
        #expect(try sell(5_00).code != "00")
        #expect(try Host(snapshot: bench.engine.host.snapshot()).digest() == bench.digest)
        try bench.submit(.label(plain, .withdrawn), by: Bench.carol)
        #expect(try sell(5_00).code == "00")
        try bench.check()
    }

    @Test("a transaction that was stopped is known by its case")
    func stopped() throws {
        let bench = try Bench(rules: Self.rules)
        let (till, card) = (try bench.till(), try bench.card())
        let rrn = RRN(try require(UInt64(try till.sell(SaleSpec(card, 150_00, pin: card.pin)).rrn)))
        try bench.submit(.label(rrn, .fraud), by: Bench.carol)
        #expect(verdicts(bench) == [.fraud])
        // The case's own answer says the same, later: nothing changes.
        bench.wait(.minutes(1))
        let known = bench.engine.host.labels[rrn]?.known
        try bench.submit(.denyCase(CaseID(1)), by: Bench.carol)
        #expect(bench.engine.host.labels[rrn]?.known == known)
        try bench.check()
    }

    @Test("a verdict of before books said which amounts were plain is one of an amount that was not")
    func older() throws {
        var book = LabelBook()
        book.set(LabelBook.Entry(rrn: RRN(7), verdict: .fraud, known: .epoch, by: Samples.alice))
        var writer = ByteWriter()
        book.snapshot(to: &writer)
        // One entry, its reference, and the verdict alone.
        #expect(Array(writer.bytes.prefix(3)) == [1, 7, TransactionLabel.Verdict.fraud.rawValue])
        var reader = ByteReader(writer.bytes)
        #expect(try LabelBook(snapshot: &reader)[RRN(7)]?.isPlain == false)
    }

    @Test("the book keeps the newest transactions, in order, one below, at and above its limit")
    func bounded() {
        var book = LabelBook()
        func entry(_ number: Int) -> LabelBook.Entry {
            LabelBook.Entry(rrn: RRN(UInt64(number)), verdict: .fraud, known: .epoch, by: Samples.alice)
        }
        for number in 1..<LabelBook.countMax { book.set(entry(number * 2)) }
        book.set(entry(1))
        #expect(book.entries.count == LabelBook.countMax && book.entries.first?.rrn == RRN(1))
        book.set(entry(LabelBook.countMax * 2))
        #expect(book.entries.count == LabelBook.countMax && book.entries.first?.rrn == RRN(2))
        book.set(entry(2))
        #expect(book.entries.count == LabelBook.countMax && book.brokenInvariants() == [])
        book.remove(RRN(3))
        book.remove(RRN(4))
        #expect(book.entries.count == LabelBook.countMax - 1 && book[RRN(4)] == nil)
    }
}
