// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@Suite("Money")
struct MoneyTests {
    @Test(
        "figures are written with the currency's decimals",
        arguments: [
            (0, Currency.eur, "0.00"), (1, .eur, "0.01"), (-1, .eur, "-0.01"), (99, .eur, "0.99"), (100, .cny, "1.00"),
            (125_000, .eur, "1250.00"), (-125_005, .usd, "-1250.05"), (0, .jpy, "0"), (1_250, .jpy, "1250"),
            (-7, .jpy, "-7"), (Int64.max, .eur, "92233720368547758.07"), (Int64.min, .eur, "-92233720368547758.08"),
            (5, Currency(numeric: 12), "0.05"),
        ] as [(Int64, Currency, String)])
    func figure(units: Int64, currency: Currency, text: String) {
        #expect(Money(minorUnits: units, currency).figure == text)
    }

    @Test(
        "figures are read exactly",
        arguments: [
            ("0", Currency.eur, 0), ("12", .eur, 1_200), ("12.5", .eur, 1_250), ("12.50", .eur, 1_250),
            ("0.01", .cny, 1),
            ("007.10", .eur, 710), ("9999999999.99", .eur, 999_999_999_999), ("1250", .jpy, 1_250),
            ("999999999999", .jpy, 999_999_999_999),
        ] as [(String, Currency, Int64)])
    func read(text: String, currency: Currency, units: Int64) {
        #expect(Money(figure: text, currency) == Money(minorUnits: units, currency))
    }

    @Test(
        "what is no figure is refused",
        arguments: [
            ("", Currency.eur), (".", .eur), (".5", .eur), ("1.", .eur), ("1.234", .eur), ("1.2.3", .eur), ("-1", .eur),
            ("+1", .eur), ("1,50", .eur), (" 1", .eur), ("1 ", .eur), ("1e3", .eur), ("0x10", .eur), ("１２", .eur),
            ("१", .eur),
            ("10000000000.00", .eur), ("10000000000", .eur), ("12.5", .jpy), ("12.", .jpy), ("1000000000000", .jpy),
            ("99999999999999999999999", .eur), ("1.-5", .eur), ("1.5\u{301}", .eur),
        ])
    func refused(text: String, currency: Currency) { #expect(Money(figure: text, currency) == nil) }

    @Test("random amounts read back from their figure")
    func roundTrip() {
        var random = SeededRandom(seed: 1)
        for _ in 0..<2_000 {
            for currency in [Currency.eur, .jpy] {
                let money = Money(minorUnits: Int64(random.below(1_000_000_000_000)), currency)
                #expect(Money(figure: money.figure, currency) == money)
            }
        }
    }

    @Test("currencies have their codes, and unknown ones their three digits")
    func currencies() {
        for (code, numeric) in [("EUR", 978), ("USD", 840), ("CNY", 156), ("GBP", 826), ("JPY", 392)]
            as [(String, UInt16)]
        {
            #expect(Currency(code: code)?.numeric == numeric)
            #expect(Currency(numeric: numeric).code == code)
        }
        #expect(Currency(code: "eur") == nil && Currency(code: "") == nil && Currency(code: "XXX") == nil)
        #expect(Currency(numeric: 8).code == "008" && Currency(numeric: 36).code == "036")
        #expect(Money(minorUnits: 125_000, .eur).description == "1250.00 EUR")
    }
}
