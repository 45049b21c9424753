// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import Testing
import Vocabulary

/// Rule R13: what is sold where comes from the estate.
@Suite("Place and merchant")
struct PlaceTests {
    @Test(
        "a message in another merchant's name is refused before its card", arguments: ["100000000000002", "1", "ABC"])
    func otherMerchant(name: String) throws {
        let bench = try Bench()
        let till = try bench.till()
        _ = try bench.till("TILL0002", merchant: 2)
        let card = try bench.card()
        var sale = SaleSpec(card, pin: "0000")
        sale.merchant = name
        let issuer = bench.issuerState
        #expect(try till.sell(sale).code == "03")
        #expect(bench.issuerState == issuer)
    }

    @Test("the message's own merchant category is not looked at")
    func category() throws {
        let bench = try Bench()
        let grocer = try bench.till("TILL0001", mcc: 5_411)
        let cigars = try bench.till("TILL0002", mcc: 5_993, merchant: 2)
        let card = try bench.card()
        var sale = SaleSpec(card, 200_00, pin: card.pin)
        sale.mcc = 5_993
        #expect(try grocer.sell(sale).code == "00")
        #expect(try bench.lastSale().mcc == MCC(5_411))
        sale.mcc = 5_411
        #expect(try cigars.sell(sale).code == "1A")
        #expect(try bench.lastSale().mcc == MCC(5_993) && bench.lastSale().merchant == cigars.merchant)
    }

    @Test("a sale in another currency than the terminal's is refused, and one the account has not is invalid")
    func currency() throws {
        let bench = try Bench()
        let euro = try bench.till()
        let dollar = try bench.till("TILL0002", currency: .usd)
        let card = try bench.card()
        var sale = SaleSpec(card, pin: card.pin)
        sale.currency = 840
        #expect(try euro.sell(sale).code == "03")
        #expect(try dollar.sell(SaleSpec(card, pin: card.pin)).code == "12")
        #expect(try bench.available(card) == 100_000_00)
    }

    @Test("windows go by the host's clock, whatever time the terminal writes")
    func clock() throws {
        let bench = try Bench(
            rules: """
                velocity uses = count(attempts) by card over 1h
                rule often { when uses >= 3 then decline as exceedsFrequency }
                """)
        let till = try bench.till()
        let card = try bench.card()
        for (index, code) in ["00", "00", "65"].enumerated() {
            var sale = SaleSpec(card)
            sale.at = bench.now + .hours(Int64(index) * 5)
            sale.transmission = 1_01_00_00_00 + UInt64(index)
            #expect(try till.sell(sale).code == code)
        }
    }
}
