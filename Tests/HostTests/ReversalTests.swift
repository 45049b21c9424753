// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import ISO8583
import Issuer
import ModuleProtocol
import SecurityModule
import SecurityTriggers
import Testing
import Vocabulary

/// Invariant I3 and rule R10: a reversal takes effect once, whatever happens around it.
@Suite("Reversals")
struct ReversalTests {
    private static let full: Int64 = 100_000_00

    private func approvedSale(_ till: Till, _ card: TestCard, _ amount: Int64 = 12_50) throws -> (
        stan: UInt32, at: Instant
    ) {
        let sale = (stan: till.stan, at: till.bench.now)
        #expect(try till.sell(SaleSpec(card, amount, pin: card.pin)).code == "00")
        return sale
    }

    @Test(
        "a reversal gives the money back once, and its repeats under fresh KSNs are answered alike",
        arguments: KeyProfile.allCases)
    func once(profile: KeyProfile) throws {
        let bench = try Bench()
        let till = try bench.till("TILL0001", profile)
        let card = try bench.card()
        let sale = try approvedSale(till, card)
        #expect(try bench.available(card) == Self.full - 12_50)
        let first = try bench.send(try till.reversal(of: sale.stan, at: sale.at, amount: 12_50, card: card, stan: 90))
        #expect(first.code == "00" && first.isSealed)
        #expect(try bench.available(card) == Self.full)
        for _ in 0..<3 {
            bench.wait(.seconds(20))
            let again = try bench.send(
                try till.reversal(of: sale.stan, at: sale.at, amount: 12_50, card: card, mti: .reversalRepeat, stan: 90)
            )
            #expect(again.code == "00" && again.rrn == first.rrn)
        }
        // Another reversal of the same sale, with a name of its own, finds nothing left to take back.
        #expect(try bench.send(try till.reversal(of: sale.stan, at: sale.at, amount: 12_50, card: card)).code == "00")
        #expect(try bench.available(card) == Self.full)
        #expect(bench.engine.host.standingSales(of: till.id).isEmpty)
        try bench.check()
    }

    @Test("a reversal before its sale leaves a tombstone, and the late sale is refused in any form")
    func tombstone() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        let at = bench.now
        var sale = SaleSpec(card, pin: card.pin)
        sale.stan = 50
        sale.at = at
        let late = try till.message(sale)
        let reply = try bench.send(try till.reversal(of: 50, at: at, amount: 12_50, card: card, stan: 51))
        #expect(reply.code == "25")
        let issuer = bench.issuerState
        #expect(try bench.send(late).code == "12")
        #expect(try bench.send(late).code == "12")
        // The repeat has a transmission time of its own; its local time is the sale's.
        bench.wait(.minutes(1))
        sale.mti = .financialRepeat
        sale.transmission = Till.transmission(bench.now)
        #expect(try till.sell(sale).code == "12")
        sale.amount = 13_00
        #expect(try till.sell(sale).code == "94")
        #expect(bench.issuerState == issuer)
        #expect(bench.engine.host.standingSales(of: till.id).isEmpty)
        try bench.check()
    }

    @Test("a sale that has been reversed is not approved again by a repeat of it")
    func repeatAfterReversal() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        var sale = SaleSpec(card, pin: card.pin)
        sale.stan = 50
        sale.at = bench.now
        let bytes = try till.message(sale)
        #expect(try bench.send(bytes).code == "00")
        #expect(try bench.send(try till.reversal(of: 50, at: bench.now, amount: 12_50, card: card)).code == "00")
        #expect(try bench.send(bytes).code == "12")
        sale.mti = .financialRepeat
        #expect(try till.sell(sale).code == "12")
        #expect(try bench.available(card) == Self.full)
        try bench.check()
    }

    @Test(
        "a reversal of another amount or another card than the sale's is 94 and changes nothing",
        arguments: [true, false])
    func mismatch(amount: Bool) throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        let other = try bench.card(2)
        let sale = try approvedSale(till, card)
        let issuer = bench.issuerState
        let reply = try bench.send(
            try till.reversal(of: sale.stan, at: sale.at, amount: amount ? 12_49 : 12_50, card: amount ? card : other))
        #expect(reply.code == "94")
        #expect(bench.issuerState == issuer)
        #expect(bench.engine.host.standingSales(of: till.id).count == 1)
    }

    @Test("a terminal can reverse its own sales only")
    func ownSales() throws {
        let bench = try Bench()
        let till = try bench.till()
        let other = try bench.till("TILL0002")
        let card = try bench.card()
        let sale = try approvedSale(till, card)
        #expect(try bench.send(try other.reversal(of: sale.stan, at: sale.at, amount: 12_50, card: card)).code == "25")
        #expect(try bench.available(card) == Self.full - 12_50)
    }

    enum Trouble: CaseIterable { case halted, unsound, leaseless, frozen, lost, suspended }

    @Test("a halted terminal delivers its reversal, and no freeze or status stops it", arguments: Trouble.allCases)
    func delivered(trouble: Trouble) throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        let sale = try approvedSale(till, card)
        switch trouble {
        case .halted: #expect(try bench.send(try till.report("K02")).code == "00")
        case .unsound: till.module.claims.state = .halted
        case .leaseless: bench.wait(.hours(30))
        case .frozen: try bench.submit(.freeze(card.account), by: Bench.carol)
        case .lost: try bench.submit(.setCardStatus(card.key, .lost), by: Bench.carol)
        case .suspended: try bench.submit(.suspend(till.id), by: Bench.alice)
        }
        #expect(try till.sell(SaleSpec(card, pin: card.pin)).code != "00")
        #expect(try bench.send(try till.reversal(of: sale.stan, at: sale.at, amount: 12_50, card: card)).code == "00")
        #expect(try bench.available(card) == Self.full)
        try bench.check()
    }

    @Test("a reversal of a declined sale is accepted and gives nothing back")
    func declinedSale() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        let at = bench.now
        let stan = till.stan
        #expect(try till.sell(SaleSpec(card, pin: "0000")).code == "55")
        #expect(try bench.send(try till.reversal(of: stan, at: at, amount: 12_50, card: card)).code == "00")
        #expect(try bench.available(card) == Self.full)
        #expect(try bench.card(card).wrongPINs == 1)
    }

    @Test("a reversed purchase no longer counts as approved in the windows, and stays an attempt")
    func windows() throws {
        let bench = try Bench(
            rules: """
                velocity approvals = count(approved) by card over 1h before
                rule once { when approvals >= 1 then decline as exceedsFrequency }
                """)
        let till = try bench.till()
        let card = try bench.card()
        let sale = try approvedSale(till, card, 25_00)
        #expect(try till.sell(SaleSpec(card)).code == "65")
        #expect(try bench.send(try till.reversal(of: sale.stan, at: sale.at, amount: 25_00, card: card)).code == "00")
        #expect(try till.sell(SaleSpec(card)).code == "00")
        try bench.check()
    }

    @Test("original data that is none is a format error, on record")
    func malformed() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        var builder = till.builder(.reversalRequest)
        builder.set(2, bytes: card.pan.ascii)
        builder.set(3, number: 0)
        builder.set(4, number: 12_50)
        builder.set(49, number: 978)
        builder.set(90, text: "9999" + String(repeating: "9", count: 38))
        let reply = try bench.send(try till.protect(builder))
        #expect(reply.code == "30" && reply.isSealed)
        #expect(bench.lastIntent == .formatError)
    }
}
