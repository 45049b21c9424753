// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What an attack does; its honest look-alike has the same name.
public enum Attack: String, CaseIterable, Sendable {
    /// A stolen card, used until it is reported; a day of many errands.
    case stolenCard = "stolen_card"
    /// Guessing a PIN; a PIN forgotten twice.
    case wrongPINs = "wrong_pin_burst"
    /// Large amounts at different terminals within an hour; shopping for a wedding, with notice.
    case largeAmounts = "large_amounts_spread"
    /// Restricted goods on a card that is not the buyer's; a smoker who buys a packet.
    case restrictedGoods = "restricted_goods"
    /// A copy of the card far away; a journey that takes its time.
    case impossibleTravel = "impossible_travel"
    /// A few cents first, then much; a coffee, then a sofa.
    case testThenLarge = "test_then_large"
    /// All cards of one terminal for weeks; a new shop that everybody tries.
    case compromisedTerminal = "compromised_terminal"
    /// A card whose data went around: larger amounts for two weeks; a month of more spending.
    case leakedCard = "leaked_card"
    /// An amount cut into pieces below a limit; two of a family at one till.
    case splitAmounts = "split_amounts"
    /// Refunds without purchases; goods that come back after the holidays.
    case refundAbuse = "refund_abuse"
    /// A card unused for weeks, at night; somebody who works at night.
    case nightFirstUse = "night_first_use"
}

/// A transaction of a scenario.
public struct ScenarioRow: Equatable, Sendable {
    public enum Entry: String, Sendable { case chip, contactless, stripe, fallback, manual }
    public enum Kind: String, Sendable { case purchase, cash, refund }

    /// Rises with the rows.
    public var id: Int
    /// Seconds since 1970.
    public var at: Int64
    public var customer: Int
    public var terminal: Int
    /// Minor units.
    public var amount: Int64
    public var isFraud: Bool
    /// The Handbook's number of a scenario; 4 for any other fraud, 0 for none.
    public var scenario: Int
    public var merchant: Int
    public var mcc: Int
    /// Millionths of a degree.
    public var latitude: Int
    public var longitude: Int
    public var entry: Entry
    public var pin: PINEntered
    public var kind: Kind
    /// Empty where the till names none.
    public var goods: String
    public var isReported: Bool
    public var hasNotice: Bool
    public var attack: Attack?
    public var lookAlike: Attack?

    public enum PINEntered: String, Sendable { case right, wrong, absent }

    public static let header =
        "tx_id,datetime,customer_id,terminal_id,amount,fraud,scenario,currency,merchant_id,mcc,latitude,longitude,"
        + "entry,pin,kind,goods,status,notice,attack,look_alike"

    /// The row as a line of CSV: the Handbook's seven columns, then what else is known.
    public var line: String {
        let cents = amount % 100
        return "\(id),\(time),\(customer),\(terminal),\(amount / 100).\(cents < 10 ? "0" : "")\(cents),"
            + "\(isFraud ? 1 : 0),\(scenario),EUR,\(merchant),\(mcc),\(latitude),\(longitude),\(entry.rawValue),"
            + "\(pin.rawValue),\(kind.rawValue),\(goods),\(isReported ? "stolen" : "active"),\(hasNotice ? 1 : 0),"
            + "\(attack?.rawValue ?? ""),\(lookAlike?.rawValue ?? "")"
    }

    private var time: String {
        // 2026-08-14T09:30:00Z, written as the Handbook does.
        let text = Instant(seconds: at).iso8601
        return text.prefix(10) + " " + text.dropFirst(11).prefix(8)
    }
}
