// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import ISO8583
import Issuer
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Testing
import Vocabulary

/// Rule R4 and invariant I13: an answered request that comes again gets its answer again, and nothing else.
@Suite("Repeats")
struct RepeatTests {
    private func same(_ one: Reply, _ other: Reply) -> Bool {
        one.code == other.code && one.rrn == other.rrn && one.approval == other.approval
            && one.reference == other.reference
    }

    @Test("the same bytes get the stored answer, authentic again, and change nothing", arguments: KeyProfile.allCases)
    func sameBytes(profile: KeyProfile) throws {
        let bench = try Bench()
        let till = try bench.till("TILL0001", profile)
        let card = try bench.card()
        let bytes = try till.message(SaleSpec(card, pin: card.pin))
        let first = try bench.send(bytes)
        let before = bench.digest
        for _ in 0..<3 {
            let again = try bench.send(bytes)
            #expect(same(first, again) && again.code == "00")
            #expect(try till.isAuthentic(again))
        }
        #expect(bench.digest == before)
        #expect(try bench.available(card) == 100_000_00 - 12_50)
    }

    @Test("a batch with the same bytes twice debits once")
    func sameBatch() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        let bytes = try till.message(SaleSpec(card, pin: card.pin))
        let replies = try bench.send(batch: [bytes, bytes, bytes])
        #expect(replies.count == 3 && replies.allSatisfy { same($0, replies[0]) && $0.code == "00" })
        #expect(try bench.available(card) == 100_000_00 - 12_50)
    }

    @Test(
        "the same sale under a fresh KSN gets the stored answer, as 0200 and as 0201",
        arguments: [MTI.financialRequest, .financialRepeat])
    func freshKSN(mti: MTI) throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        var sale = SaleSpec(card, pin: card.pin)
        sale.stan = 77
        sale.at = bench.now
        let first = try till.sell(sale)
        let issuer = bench.issuerState
        let windows = bench.windowState
        bench.wait(.minutes(3))
        sale.mti = mti
        sale.transmission = Till.transmission(bench.now)
        // Whatever PIN comes with the repeat is not looked at.
        sale.pin = "0000"
        let again = try till.sell(sale)
        #expect(same(first, again) && again.code == "00")
        #expect(bench.issuerState == issuer && bench.windowState == windows)
        guard case .repeated = bench.records.last?.body else { throw Missing() }
        try bench.check()
    }

    @Test("a repeated decline, referral and step-up keep their references")
    func otherAnswers() throws {
        let bench = try Bench()
        let till = try bench.till("TILL0001", mcc: 5_993)
        let card = try bench.card()
        var sale = SaleSpec(card, 300_00, pin: card.pin)
        sale.stan = 5
        sale.at = bench.now
        let first = try till.sell(sale)
        #expect(first.code == "1A" && first.reference?.hasPrefix("S") == true)
        let challenge = try bench.card(card).challenge
        let again = try till.sell(sale)
        #expect(same(first, again))
        #expect(try bench.card(card).challenge == challenge)
    }

    enum Difference: CaseIterable { case amount, card, currency }

    @Test(
        "the same trace number and time with another content is 94, on record, and harms nobody",
        arguments: Difference.allCases)
    func conflict(difference: Difference) throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        var sale = SaleSpec(card, pin: card.pin)
        sale.stan = 77
        sale.at = bench.now
        let first = try till.sell(sale)
        var other = sale
        switch difference {
        case .amount: other.amount += 1
        case .card: other.card = try bench.card(2)
        case .currency: other.currency = 840
        }
        let issuer = bench.issuerState
        #expect(try till.sell(other).code == "94")
        #expect(bench.lastIntent == .duplicateConflict)
        #expect(bench.issuerState == issuer)
        // The conflict has not taken the first sale's place.
        #expect(same(first, try till.sell(sale)))
        try bench.check()
    }

    @Test("the same trace number and transmission time at another local time is a conflict, not a second sale")
    func sameTransmission() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        var sale = SaleSpec(card, pin: card.pin)
        sale.stan = 77
        sale.at = bench.now
        sale.transmission = Till.transmission(bench.now)
        #expect(try till.sell(sale).code == "00")
        sale.at = bench.now + .seconds(1)
        #expect(try till.sell(sale).code == "94")
        #expect(try bench.available(card) == 100_000_00 - 12_50)
    }

    @Test("KSNs may come out of order within 64, once each; what is older is refused")
    func outOfOrder() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        let late = try (0..<3).map { _ in try till.message(SaleSpec(card)) }
        // The window reaches 63 numbers back from the highest.
        for _ in 0..<62 { #expect(try bench.send(try till.echo()).code == "00") }
        let edge = try till.echo()
        #expect(try bench.send(late[2]).code == "00")
        #expect(try bench.send(late[1]).code == "00")
        #expect(try bench.send(edge).code == "00")
        let before = bench.digest
        let reply = try bench.send(late[0])
        #expect(reply.code == "TM" && reply.isSealed)
        #expect(bench.digest == before)
        #expect(try bench.send(late[1]).code == "00")
        #expect(bench.digest == before)
        #expect(try bench.available(card) == 100_000_00 - 2 * 12_50)
    }

    @Test(
        "one KSN under two messages is refused and opens K04, whatever the messages say", arguments: [false, true])
    func twoMessages(sameSale: Bool) throws {
        let bench = try Bench()
        let till = try bench.till("TILL0001", .aes)
        let twin = try twin(of: till, bench)
        let card = try bench.card()
        var sale = SaleSpec(card, pin: card.pin)
        sale.stan = 500
        sale.at = bench.now
        #expect(try till.sell(sale).code == "00")
        if !sameSale { sale.stan = 501 }
        sale.goods = "LUXURY"
        let issuer = bench.issuerState
        let reply = try twin.sell(sale)
        #expect(reply.code == "TM")
        #expect(bench.lastIntent == .ksnRefused)
        #expect(try bench.terminal(till.id).ksnConflicts == 1)
        #expect(bench.issuerState == issuer)
        // Halted, not erased: that takes two people (R9).
        #expect(try bench.terminal(till.id).warnings.map(\.code) == [.k04])
        #expect(try bench.terminal(till.id).lifecycle == .halted)
        guard case .contradiction(_, [.k04])? = bench.records.last?.body else { throw Missing() }
        try bench.check()
    }

    /// The same keys and the same counters in another place.
    private func twin(of till: Till, _ bench: Bench) throws -> Till {
        let twin = try Till(
            bench, till.id, till.merchant, till.currency,
            bench.module.provision(till.module.keys, serial: 9_001, firmware: Bench.firmware))
        twin.module.claims = till.module.claims
        for _ in 0..<Int(try bench.terminal(till.id).ksn.highest) { _ = try twin.echo() }
        return twin
    }

    @Test("replays open nothing; once K04 is open neither copy sells, further contradictions only count")
    func cloned() throws {
        let bench = try Bench()
        let till = try bench.till("TILL0001", .aes)
        let twin = try twin(of: till, bench)
        let card = try bench.card()
        let bytes = try till.message(SaleSpec(card))
        for _ in 0..<3 { #expect(try bench.send(bytes).code == "00") }
        #expect(try bench.terminal(till.id).warnings.isEmpty)
        #expect(try twin.sell(SaleSpec(card, 99_00, pin: card.pin)).code == "TM")
        #expect(try till.sell(SaleSpec(card)).code == "TH")
        #expect(try twin.sell(SaleSpec(card)).code == "TM")
        #expect(try bench.terminal(till.id).ksnConflicts == 2)
        #expect(try bench.terminal(till.id).warnings.count == 1)
        #expect(try till.signOn().code != "00" && bench.terminal(till.id).lifecycle == .halted)
        #expect(try bench.available(card) == 100_000_00 - 12_50)
        try bench.check()
    }

    @Test("K04 leaves by the service centre alone, and a death token still says that the keys are gone")
    func clonedClearance() throws {
        let bench = try Bench()
        let till = try bench.till("TILL0001", .aes)
        let twin = try twin(of: till, bench)
        let card = try bench.card()
        #expect(try till.sell(SaleSpec(card)).code == "00")
        #expect(try twin.sell(SaleSpec(card, 99_00)).code == "TM")
        for staff in [Bench.alice, Bench.bob, Bench.system] {
            #expect(
                bench.refusal(.clearWarning(till.id, .k04), by: staff) == .estate(.clearanceNotHere(.sc)))
        }
        _ = try bench.send(try till.tokenReport(till.token, "K04"))
        #expect(try bench.terminal(till.id).lifecycle == .tampered)
        #expect(try bench.terminal(till.id).warnings.map(\.code) == [.k04, .t01])
        try bench.check()
    }

    @Test("a refused sale that comes again is refused alike, although it could be approved by now")
    func repeatedRefusal() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        var sale = SaleSpec(card, pin: card.pin)
        sale.stan = 9
        sale.at = bench.now
        let lease = till.module.claims.leaseID
        till.module.claims.leaseID = 0
        let bytes = try till.message(sale)
        let first = try bench.send(bytes)
        #expect(first.code == "TL")
        let before = bench.digest
        #expect(same(first, try bench.send(bytes)))
        #expect(bench.digest == before)
        till.module.claims.leaseID = lease
        #expect(same(first, try till.sell(sale)))
        #expect(try bench.available(card) == 100_000_00)
        try bench.check()
    }

    @Test("a repeated report gets its answer again and opens nothing twice")
    func repeatedReport() throws {
        let bench = try Bench()
        let till = try bench.till()
        let first = try bench.send(try till.report("H05", stan: 40))
        #expect(first.code == "00")
        bench.wait(.zero)
        let again = try bench.send(try till.report("H05", mti: .administrativeAdviceRepeat, stan: 40))
        #expect(same(first, again))
        #expect(try bench.terminal(till.id).warnings.map(\.code) == [.h05])
        try bench.check()
    }

    @Test("what is younger than a day is never forgotten, however many sales came after it")
    func busyDay() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        var sale = SaleSpec(card)
        sale.stan = 700_000
        sale.at = bench.now
        let first = try till.sell(sale)
        for _ in 0..<600 { #expect(try till.sell(SaleSpec(card, 1_00)).code == "00") }
        bench.wait(.hours(23))
        _ = try till.signOn()
        let available = try bench.available(card)
        // As a terminal does that delivers after an outage: the same sale under a fresh KSN, and then its reversal.
        #expect(same(first, try till.sell(sale)) && first.code == "00")
        #expect(try bench.available(card) == available)
        let at = try require(sale.at)
        #expect(try bench.send(try till.reversal(of: 700_000, at: at, amount: 12_50, card: card)).code == "00")
        #expect(try bench.available(card) == available + 12_50)
        try bench.check()
    }

    @Test("a day later the last 256 are kept and the rest forgotten; the KSN of the first is not")
    func forgotten() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        let bytes = try till.message(SaleSpec(card))
        #expect(try bench.send(bytes).code == "00")
        for _ in 0..<300 { #expect(try till.sell(SaleSpec(card, 1_00)).code == "00") }
        #expect(bench.engine.host.remembered(of: till.id) == 301)
        bench.wait(.hours(24))
        _ = try till.signOn()
        #expect(try till.sell(SaleSpec(card, 1_00)).code == "00")
        #expect(bench.engine.host.remembered(of: till.id) == 257)
        let before = bench.digest
        #expect(try bench.send(bytes).code == "TM")
        #expect(bench.digest == before)
    }
}
