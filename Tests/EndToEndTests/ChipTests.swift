// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import ISO8583
import Issuer
import ModuleProtocol
import SecurityModule
import Terminal
import Testing
import Vocabulary

/// Chip cards: the card's cryptogram in field 55, and the issuer's in the answer's.
@Suite("Chip data of a sale")
struct ChipTests {
    struct Line: Sendable, CustomTestStringConvertible {
        let profile: KeyProfile
        let dialect: TerminalDialect
        var testDescription: String { "\(profile) \(dialect)" }
    }

    static let lines: [Line] =
        KeyProfile.session.map { Line(profile: $0, dialect: .unionPayPOS) }
        + [KeyProfile.tdes, .aes, .sessionTDESCBC].map { Line(profile: $0, dialect: .iso8583) }
        + [KeyProfile.tdes, .aes, .sessionSM4].map { Line(profile: $0, dialect: .iso8583Binary) }
    private static let reference = ChipReference(scheme: .unionPay, sequence: 1)

    /// A card whose chip the issuer knows, at a till.
    private func start(_ line: Line, isKnown: Bool = true) throws -> (Bank, LiveTill, Plastic) {
        let bank = try Bank()
        let card = try bank.card()
        if isKnown { try bank.submit(.setChip(card.key, Self.reference), by: Bank.system) }
        return (bank, try LiveTill.trading(bank, line.profile, dialect: line.dialect), card)
    }

    private func emulated(_ card: Plastic, _ bank: Bank, counter: UInt16 = 0) throws -> EmulatedChip {
        guard let chip = bank.module.emulatedChip(card.data.pan, Self.reference, counter: counter) else {
            throw Missing()
        }
        return chip
    }

    private func request(
        _ card: Plastic, _ units: Int64, _ chip: [UInt8]?, _ kind: TransactionKind = .purchase
    ) -> SaleRequest {
        var data = card.data
        data.chip = chip
        return SaleRequest(kind, card: data, amount: Money(minorUnits: units, .eur))
    }

    private func answer(_ chip: inout EmulatedChip, _ units: Int64, _ bank: Bank) throws -> [UInt8] {
        try require(chip.answer(Money(minorUnits: units, .eur), at: bank.now, unpredictableNumber: 0xCAFE_0001))
    }

    /// What the last record says of chip data.
    private func fact(_ bank: Bank) throws -> ChipFact? {
        for record in bank.records.reversed() {
            switch record.body {
            case .authorisation(let sale): return sale.chip
            case .transaction(let transaction): return transaction.sale.chip
            default: continue
            }
        }
        throw Missing()
    }

    @Test("a right cryptogram is verified, and the answer's is the issuer's", arguments: lines)
    func right(line: Line) throws {
        let (bank, till, card) = try start(line)
        var chip = try emulated(card, bank, counter: 41)
        let data1 = try answer(&chip, 12_50, bank)
        #expect(till.run(request(card, 12_50, data1), pin: card.pin)?.isApproved == true)
        #expect(try fact(bank)?.finding == .right)
        #expect(try fact(bank)?.counter == 42 && fact(bank)?.isCounterStale == false)
        let told = try require(till.chipAnswers.last)
        let isAccepted = (chip.accepts(told), chip.accepts(told.dropLast() + [0x31]))
        #expect(isAccepted == (true, false) && told.suffix(2) == Array("00".utf8))
        // A decline is answered too, and a balance has a cryptogram as well.
        let data2 = try answer(&chip, 5_000_00, bank)
        #expect(till.run(request(card, 5_000_00, data2), pin: card.pin)?.declined == "51")
        let refused = try require(till.chipAnswers.last)
        let isRefusalAccepted = chip.accepts(refused)
        #expect(isRefusalAccepted && refused.suffix(2) == Array("51".utf8))
        let balance = till.run(request(card, 0, try answer(&chip, 0, bank), .balance), pin: card.pin)
        guard case .balance? = balance else { throw Missing() }
        #expect(try fact(bank)?.counter == 44)
        #expect(till.messages.allSatisfy { till.read($0)?.unexpectedFields() == [] })
        try bank.check()
    }

    @Test("a cryptogram that is wrong refuses the sale, and no PIN is tried", arguments: lines)
    func wrong(line: Line) throws {
        let (bank, till, card) = try start(line)
        var chip = try emulated(card, bank)
        let refusal = Intent.cardDataWrong.outcome(in: line.dialect.network).code.description
        var forged = try answer(&chip, 12_50, bank)
        forged[3] ^= 1
        #expect(till.run(request(card, 12_50, forged), pin: "0000")?.declined == refusal)
        #expect(try fact(bank) == ChipFact(finding: .wrong))
        // The card of another issuer's key.
        let other = Plastic(data: try bank.card(2).data, key: card.key, account: card.account, pin: card.pin)
        var stranger = try emulated(other, bank)
        let data3 = try answer(&stranger, 12_50, bank)
        #expect(till.run(request(card, 12_50, data3), pin: "0000")?.declined == refusal)
        // Given for less than the message asks for.
        let data4 = try answer(&chip, 12_50, bank)
        #expect(till.run(request(card, 99_00, data4), pin: card.pin)?.declined == refusal)
        #expect(try fact(bank) == ChipFact(finding: .wrong))
        #expect(bank.engine.host.issuer.cards[card.key]?.wrongPINs == 0)
        #expect(try bank.available(card) == 1_000_00)
        try bank.check()
    }

    @Test("chip data that miss what a cryptogram covers refuse the sale", arguments: lines)
    func unreadable(line: Line) throws {
        let (bank, till, card) = try start(line)
        var chip = try emulated(card, bank)
        // The cryptogram and nothing else.
        let bare = Array(try answer(&chip, 12_50, bank).prefix(11))
        let refusal = Intent.cardDataWrong.outcome(in: line.dialect.network).code.description
        #expect(till.run(request(card, 12_50, bare), pin: card.pin)?.declined == refusal)
        #expect(try fact(bank) == ChipFact(finding: .unreadable))
        #expect(till.chipAnswers.isEmpty)
        try bank.check()
    }

    @Test(
        "without a key of the card's the record says that nobody looked, and the sale is decided without",
        arguments: lines)
    func unverified(line: Line) throws {
        let (bank, till, card) = try start(line, isKnown: false)
        var chip = try emulated(card, bank)
        let data5 = try answer(&chip, 12_50, bank)
        #expect(till.run(request(card, 12_50, data5), pin: card.pin)?.isApproved == true)
        #expect(try fact(bank) == ChipFact(finding: .unverified))
        #expect(till.chipAnswers.isEmpty)
        #expect(till.sell(card, 1_00)?.isApproved == true)
        #expect(try fact(bank) == nil)
        try bank.check()
    }

    @Test("a cryptogram that comes again is noted, and a counter that falls back", arguments: lines)
    func stale(line: Line) throws {
        let (bank, till, card) = try start(line)
        var chip = try emulated(card, bank, counter: 7)
        let first = try answer(&chip, 1_00, bank)
        #expect(till.run(request(card, 1_00, first), pin: card.pin)?.isApproved == true)
        #expect(till.run(request(card, 1_00, first), pin: card.pin)?.isApproved == true)
        #expect(try fact(bank)?.finding == .right && fact(bank)?.isCounterStale == true)
        var older = try emulated(card, bank)
        let data6 = try answer(&older, 1_00, bank)
        #expect(till.run(request(card, 1_00, data6), pin: card.pin)?.isApproved == true)
        #expect(try fact(bank)?.counter == 1 && fact(bank)?.isCounterStale == true)
        #expect(bank.engine.host.issuer.cards[card.key]?.chipCounter == 8)
        // A new chip begins anew.
        try bank.submit(.setChip(card.key, Self.reference), by: Bank.system)
        let data7 = try answer(&older, 1_00, bank)
        #expect(till.run(request(card, 1_00, data7), pin: card.pin)?.isApproved == true)
        #expect(try fact(bank)?.isCounterStale == false)
        try bank.check()
    }

    @Test("who says that he has read the chip brings what it said; a stripe has nothing to bring", arguments: lines)
    func withheld(line: Line) throws {
        let (bank, till, card) = try start(line)
        let refusal = Intent.chipRequired.outcome(in: line.dialect.network).code.description
        for entry in [EntryMode.chip, .contactlessChip, .magneticStripe] {
            var sale = request(card, 12_50, nil)
            sale.card.entry = entry
            let outcome = till.run(sale, pin: entry == .magneticStripe ? card.pin : "0000")
            #expect(outcome?.declined == (entry == .magneticStripe ? nil : refusal))
            #expect(try fact(bank) == nil)
        }
        #expect(bank.engine.host.issuer.cards[card.key]?.wrongPINs == 0)
        #expect(try bank.available(card) == 987_50)
        try bank.check()
    }

    @Test("a card that may not be used at all has its cryptogram left alone")
    func stopped() throws {
        let (bank, till, card) = try start(Self.lines[0])
        var chip = try emulated(card, bank)
        try bank.submit(.setCardStatus(card.key, .stolen), by: Bank.system)
        let data8 = try answer(&chip, 12_50, bank)
        #expect(till.run(request(card, 12_50, data8), pin: card.pin)?.declined == "62")
        #expect(try fact(bank) == ChipFact(finding: .unverified))
        try bank.check()
    }
}
