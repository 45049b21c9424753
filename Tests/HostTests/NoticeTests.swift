// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Issuer
import ModuleProtocol
import SecurityTriggers
import Testing
import Vocabulary

@testable import Host

/// Notices (T6) have numbers, are named by what they lifted, and are used up by it.
@Suite("Advance notices")
struct NoticeTests {
    private static let rules = "rule big { when amount >= 100.00 EUR unless notice covers tx then refer }"

    private func notice(
        _ bench: Bench, _ card: TestCard, _ terms: (inout AdvanceNotice) -> Void = { _ in }
    ) -> Command {
        var notice = AdvanceNotice(
            from: bench.now, until: bench.now + .days(2), amountMax: Money(minorUnits: 500_00, .eur), categories: [])
        terms(&notice)
        return .addNotice(card.key, notice)
    }

    @Test("a notice has its record's number, says who gave it, and the explanation names what lifted a rule")
    func named() throws {
        let bench = try Bench(rules: Self.rules)
        let (till, card) = (try bench.till(), try bench.card())
        try bench.submit(notice(bench, card), by: Bench.carol)
        let number = bench.sequence
        let given = try require(try bench.card(card).notices.first)
        #expect(given.number == number && given.by == Bench.carol.staff)
        #expect(try till.sell(SaleSpec(card, 150_00, pin: card.pin)).code == "00")
        let sale = try bench.lastSale()
        #expect(sale.notice == number && sale.noticeCovers)
        let evaluation = try require(sale.evaluation)
        let text = Explanation.json(evaluation, rules: bench.rules, facts: sale.facts(at: bench.now)).text
        #expect(text.contains(#""suppressed":[{"rule":"big","by":"notice:\#(number)"}]"#))
        // What no rule spoke of uses nothing up.
        #expect(try till.sell(SaleSpec(card, 1_00)).code == "00")
        #expect(try bench.card(card).notices.first?.useCount == 1)
        try bench.check()
    }

    @Test("a notice for one purchase lifts its rule once, and once more where that purchase was taken back")
    func once() throws {
        let bench = try Bench(rules: Self.rules)
        let (till, card) = (try bench.till(), try bench.card())
        try bench.submit(notice(bench, card) { $0.usesMax = 1 }, by: Bench.cardholder)
        let (stan, at) = (till.stan, bench.now)
        #expect(try till.sell(SaleSpec(card, 150_00, pin: card.pin)).code == "00")
        #expect(try till.sell(SaleSpec(card, 150_00, pin: card.pin)).code == "01")
        #expect(try bench.lastSale().notice == nil && !bench.lastSale().noticeCovers)
        let back = try bench.send(try till.reversal(of: stan, at: at, amount: 150_00, card: card, stan: 90))
        #expect(back.code == "00")
        let read = try Host(snapshot: bench.engine.host.snapshot())
        #expect(read.digest() == bench.digest)
        #expect(try till.sell(SaleSpec(card, 150_00, pin: card.pin)).code == "00")
        try bench.check()
    }

    @Test("a void gives a use back, and the void's own reversal takes it again")
    func voided() throws {
        let bench = try Bench(rules: Self.rules)
        let (till, card) = (try bench.till(), try bench.card())
        try bench.submit(notice(bench, card) { $0.totalMax = 200_00 }, by: Bench.cardholder)
        let counter = try Counter(bench, till: till, card: card)
        let slip = try counter.make(.purchase, 150_00, of: nil)
        #expect(try bench.card(card).notices.first?.total == 150_00)
        let taken = try counter.make(.purchaseVoid, 150_00, of: slip)
        #expect(try bench.card(card).notices.first?.total == 0)
        try counter.reverse(taken)
        #expect(try bench.card(card).notices.first?.total == 150_00)
        try bench.check()
    }

    private func samples() throws -> [(String, HostRecord.Body)] {
        var issuer = Issuer()
        for (_, record) in Samples.issuer.prefix(2) { issuer.apply(record, at: Samples.at) }
        let plain = AdvanceNotice(
            from: Samples.at, until: Samples.at + .days(3), amountMax: Money(minorUnits: 500_00, .cny),
            categories: [MCC(5_944)])
        var full = plain
        (full.totalMax, full.usesMax) = (900_00, 3)
        full.area = AdvanceNotice.Area(
            centre: Position(latitude: 48_137_000, longitude: -11_575_000), radiusMetres: 20_000)
        var sale = Samples.sale(CardEffects(pin: .right, debit: 12_345), .approved)
        sale.notice = 12
        func given(_ notice: AdvanceNotice) throws -> HostRecord.Body {
            .issuer(
                try issuer.decideNotice(Samples.card, notice, number: 12, by: Samples.alice, now: Samples.at))
        }
        return [
            ("notice.plain", try given(plain)), ("notice.full", try given(full)),
            ("notice.sale", .authorisation(sale)),
        ]
    }

    @Test("records decode for ever, to the same bytes, and none can be cut short")
    func golden() throws {
        let golden = try Files.golden("records-notice-1.hex")
        let samples = try samples()
        #expect(golden.map(\.name) == samples.map(\.0))
        for (name, body) in samples {
            let record = HostRecord(at: Samples.at, body)
            let bytes = record.encoded()
            #expect(try HostRecord(decoding: bytes) == record, "\(name)")
            #expect(golden.first { $0.name == name }?.bytes == bytes, "\(name) \(Hex.text(bytes))")
            for end in 0..<bytes.count {
                #expect(throws: CodecError.self) { try HostRecord(decoding: Array(bytes[..<end])) }
            }
        }
    }
}
