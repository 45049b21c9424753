// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import HostServer
import Issuer
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Terminal
import TerminalAgent
import Vocabulary

/// The small estate that `tillguard serve` starts with: five shops, eight terminals, ten cards. The seventh terminal is
/// UnionPay's, and the eighth packs its digits. Test numbers throughout.
enum DemoEstate {
    struct Shop: Sendable {
        var id: MerchantID
        var name: String
        var mcc: MCC
        var goods: String
        var place: Position
    }

    struct Till: Sendable {
        var id: TerminalID
        var shop: Int
        var profile: KeyProfile
        var dialect: TerminalDialect
        var serial: UInt64
    }

    struct TestCard: Sendable {
        var pan: PAN
        var expiry: UInt16
        /// A test PIN, as printed in the documentation. Real PINs never leave a module.
        var pin: [UInt8]
        /// The transaction password of a step-up, typed on the keypad like a PIN.
        var password: [UInt8]
        var holder: String
        var status: CardStatus
    }

    static let currency = Currency.eur
    static let firmware = SoftwareVersion(1, 2, 0)
    static let application = SoftwareVersion(1, 0, 0)
    static let keySet: UInt16 = 1
    static let maker = Principal(staff: StaffID(packed: 0x5345_5455_5031_0000), role: .system)
    static let checker = Principal(staff: StaffID(packed: 0x5345_5455_5032_0000), role: .system)

    static let shops: [Shop] = [
        shop(1, "Corner Grocery", 5411, "GROCERY", 48_137_000, 11_575_000),
        shop(2, "Café Linde", 5814, "FOOD", 48_139_000, 11_580_000),
        shop(3, "Tabak Huber", 5993, "TOBACCO", 48_140_000, 11_560_000),
        shop(4, "Juwelier Stern", 5944, "LUXURY", 48_141_000, 11_570_000),
        shop(5, "Elektro Maier", 5732, "GOODS", 48_150_000, 11_590_000),
    ]

    static let tills: [Till] = [
        till("TILL0001", 0, .tdes), till("TILL0002", 0, .aes), till("TILL0003", 1, .aes), till("TILL0004", 2, .tdes),
        till("TILL0005", 3, .aes), till("TILL0006", 4, .tdes), till("TILL0007", 0, .sessionTDES, .unionPayPOS),
        till("TILL0008", 1, .tdes, .iso8583Binary),
    ]

    static let cards: [TestCard] = [
        card("400000000000001", "1234", "Ada Lind"), card("400000000000002", "5678", "Ben Okafor"),
        card("400000000000003", "246810", "Chen Yu"), card("400000000000004", "1357", "Dora Weiss"),
        card("400000000000005", "8642", "Emil Novak"), card("400000000000006", "112358", "Fatima Said"),
        card("400000000000007", "9753", "Gao Lin"), card("400000000000008", "3141", "Hanna Kurz"),
        card("400000000000009", "2718", "Ivan Petrov", .stolen), card("400000000000010", "1618", "Jana Horak", .lost),
    ].compactMap(\.self)

    private static func shop(
        _ number: UInt64, _ name: String, _ mcc: UInt16, _ goods: String, _ latitude: Int32, _ longitude: Int32
    ) -> Shop {
        Shop(
            id: MerchantID(number: 100_000_000_000_000 + number), name: name, mcc: MCC(mcc), goods: goods,
            place: Position(latitude: latitude, longitude: longitude))
    }

    private static func till(
        _ id: StaticString, _ shop: Int, _ profile: KeyProfile, _ dialect: TerminalDialect = .iso8583
    ) -> Till {
        guard let terminal = TerminalID("\(id)") else { preconditionFailure("\(id) is no terminal identification") }
        return Till(
            id: terminal, shop: shop, profile: profile, dialect: dialect, serial: 7_000 + terminal.packed % 997)
    }

    private static func card(
        _ digits: String, _ pin: String, _ holder: String, _ status: CardStatus = .active
    ) -> TestCard? {
        PAN(accountDigits: digits).map { pan in
            TestCard(
                pan: pan, expiry: 3012, pin: Self.digits(pin), password: Self.digits("808080"), holder: holder,
                status: status)
        }
    }

    static func digits(_ text: String) -> [UInt8] { text.utf8.map { $0 - 0x30 } }

    /// A PIN that is a test constant.
    static func clearPIN(_ digits: [UInt8]) -> ClearPIN? {
        var entry = PINEntry()
        for digit in digits { _ = entry.press(digit) }
        return entry.finish()
    }

    static func goods(of till: Till) -> GoodsCode? { GoodsCode(shops[till.shop].goods) }

    // MARK: - Setting it up

    /// Enters the estate into an empty host: every step a command like any other, activation by two people.
    static func setUp(_ deployment: Deployment) async throws {
        let server = deployment.server
        for shop in shops {
            try await server.submit(
                .addMerchant(shop.id, Merchant(name: shop.name, mcc: shop.mcc, place: shop.place)), by: maker)
        }
        for till in tills {
            try await server.submit(.addTerminal(till.id, record(of: till)), by: maker)
            try await server.submit(.activate(till.id), by: maker)
            try await server.submit(.activate(till.id), by: checker)
        }
        for (index, card) in cards.enumerated() {
            let account = AccountID(UInt64(index + 1))
            try await server.submit(
                .addAccount(account, Account(holder: card.holder, available: 5_000_00, currency: currency)), by: maker)
            guard let pin = clearPIN(card.pin), let password = clearPIN(card.password) else { continue }
            let key = try deployment.issuer.cardKey(card.pan)
            let entry = Card(
                account: account, masked: card.pan.description, sealedPAN: try deployment.issuer.sealPAN(card.pan),
                expiry: card.expiry,
                pin: try deployment.issuer.pinReference(pan: card.pan, pin: pin, kind: .pvv(keyIndex: 1)),
                password: try deployment.issuer.pinReference(pan: card.pan, pin: password, kind: .offset))
            try await server.submit(.addCard(key, entry), by: maker)
            if card.status != .active { try await server.submit(.setCardStatus(key, card.status), by: maker) }
        }
    }

    static func record(of till: Till) -> EstateTerminal {
        EstateTerminal(
            merchant: shops[till.shop].id, profile: till.profile, keySet: keySet, identityEpoch: 1, serial: till.serial,
            currency: currency)
    }

    /// How a virtual terminal is set up.
    static func configuration(of till: Till) -> TerminalConfiguration {
        var configuration = TerminalConfiguration(
            terminal: till.id, merchant: shops[till.shop].id, profile: till.profile, currency: currency,
            application: application)
        configuration.dialect = till.dialect
        return configuration
    }

    /// What the estate says of a terminal, with keys of the key set that it has issued.
    static func facility(_ deployment: Deployment) -> TerminalBank.KeyFacility {
        { id in
            let record = try await deployment.server.read { $0.estate.terminals[id] }
            guard let record else { throw EstateRefusal.unknownTerminal }
            let issuer = deployment.issuer
            var configuration = TerminalConfiguration(
                terminal: id, merchant: record.merchant, profile: record.profile, currency: record.currency,
                application: application)
            configuration.echoInterval = .minutes(5)
            return TerminalBank.Commission(
                configuration: configuration, serial: record.serial,
                counterHighest: max(record.ksn.highest, record.health.highest),
                keyLoading: keyLoading(of: id, record, deployment)
            ) { serial, first, supplier in
                try issuer.provision(
                    record.keys(id), serial: serial, firmware: firmware, firstCounter: first, supplier: supplier)
            }
        }
    }

    /// Puts the virtual terminals on a bank.
    static func addTills(to bank: TerminalBank, _ issuer: any HostIssuingPort) async throws {
        for till in tills {
            var configuration = configuration(of: till)
            configuration.echoInterval = .minutes(5)
            let keys = record(of: till).keys(till.id)
            try await bank.add(configuration) { unit in
                try issuer.provision(keys, serial: till.serial + (unit == .own ? 0 : 1_000), firmware: firmware)
            }
        }
    }
}
