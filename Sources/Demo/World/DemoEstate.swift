// SPDX-License-Identifier: Apache-2.0

/// A terminal of the estate that `serve` starts with.
struct Till: Equatable, Sendable {
    var id: String
    var merchant: String
    var shop: String
    var goods: String
    var isAES: Bool
}

/// A test card of that estate. The numbers are test numbers, the PINs those of the documentation.
struct TestCard: Equatable, Sendable {
    var number: String
    var expiry = 3012
    var pin: String
    var account: Int
    var holder: String

    /// What may be shown of the number.
    var masked: String { number.prefix(6) + "******" + number.suffix(4) }
}

/// The small estate as its users know it, written down here a second time: the demo is a client and shares nothing with
/// the server but the wire.
enum DemoEstate {
    /// Ten times the same transaction password, typed on the keypad when a step-up asks for it.
    static let transactionPassword = "808080"
    static let expiry = 3012

    static let tills = [
        till(1, 1, "Corner Grocery", "GROCERY", false), till(2, 1, "Corner Grocery", "GROCERY", true),
        till(3, 2, "Café Linde", "FOOD", true), till(4, 3, "Tabak Huber", "TOBACCO", false),
        till(5, 4, "Juwelier Stern", "LUXURY", true), till(6, 5, "Elektro Maier", "GOODS", false),
    ]

    static let cards = [
        card(1, "1234", "Ada Lind"), card(2, "5678", "Ben Okafor"), card(3, "246810", "Chen Yu"),
        card(4, "1357", "Dora Weiss"), card(5, "8642", "Emil Novak"), card(6, "112358", "Fatima Said"),
        card(7, "9753", "Gao Lin"), card(8, "3141", "Hanna Kurz"), card(9, "2718", "Ivan Petrov"),
        card(10, "1618", "Jana Horak"),
    ]

    /// The terminal of that number, 1 to 6.
    static func till(_ number: Int) -> Till { tills[number - 1] }
    /// The card of that number, 1 to 10; 9 is reported stolen, 10 lost.
    static func card(_ number: Int) -> TestCard { cards[number - 1] }

    private static func till(_ number: Int, _ shop: Int, _ name: String, _ goods: String, _ isAES: Bool) -> Till {
        Till(id: "TILL000\(number)", merchant: "10000000000000\(shop)", shop: name, goods: goods, isAES: isAES)
    }

    private static func card(_ number: Int, _ pin: String, _ holder: String) -> TestCard {
        let digits = "4000000000000" + String(100 + number).dropFirst()
        return TestCard(number: digits + checkDigit(digits), pin: pin, account: number, holder: holder)
    }

    /// ISO/IEC 7812-1 annex B.
    private static func checkDigit(_ digits: String) -> String {
        var sum = 0
        for (index, digit) in digits.utf8.reversed().enumerated() {
            let value = Int(digit - 0x30) * (index % 2 == 0 ? 2 : 1)
            sum += value > 9 ? value - 9 : value
        }
        return String((10 - sum % 10) % 10)
    }
}
