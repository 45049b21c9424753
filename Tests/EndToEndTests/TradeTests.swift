// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import ISO8583
import ModuleProtocol
import SecurityModule
import Terminal
import Testing
import Vocabulary

/// Terminal, module and host together, from the first power-up to a lost answer.
@Suite("A terminal and its host")
struct TradeTests {
    @Test("a new terminal trades after two people and its own evidence, and not before", arguments: KeyProfile.dukpt)
    func activation(profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill(bank, profile)
        till.start()
        #expect(till.sell(card, 10_00)?.isApproved == false)
        try bank.submit(.activate(till.id), by: Bank.alice)
        till.wait(.minutes(3))
        #expect(till.terminal.refusal(now: bank.now) != nil)
        #expect(throws: CommandRefusal.estate(.secondPersonRequired)) {
            try bank.submit(.activate(till.id), by: Bank.alice)
        }
        try bank.submit(.activate(till.id), by: Bank.bob)
        till.wait(.minutes(3))
        #expect(till.terminal.refusal(now: bank.now) == nil)
        #expect(till.sell(card, 10_00)?.isApproved == true)
        #expect(try bank.available(card) == 990_00)
        #expect(try bank.terminal(till.id).warnings.isEmpty)
        try bank.check()
    }

    @Test(
        "the answer to the first sign-on may be lost: the next one activates all the same",
        arguments: KeyProfile.dukpt)
    func lostActivation(profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill(bank, profile)
        try till.activate()
        till.losesTickets = true
        till.start()
        #expect(try bank.terminal(till.id).lifecycle == .active)
        #expect(till.terminal.refusal(now: bank.now) != nil)
        till.losesTickets = false
        till.wait(.minutes(2))
        #expect(till.terminal.refusal(now: bank.now) == nil)
        #expect(try bank.terminal(till.id).warnings.isEmpty)
        #expect(till.sell(card, 10_00)?.isApproved == true)
        try bank.check()
    }

    @Test("approved, wrong PIN, too little money: the clerk sees what the host said", arguments: KeyProfile.dukpt)
    func answers(profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card(pin: "246810", balance: 100_00)
        let till = try LiveTill.trading(bank, profile)
        guard case .approved(let sale)? = till.sell(card, 40_00) else { throw Missing() }
        #expect(sale.approvalCode.utf8.count == 6 && sale.rrn.utf8.count == 12)
        #expect(try bank.available(card) == 60_00)
        #expect(till.sell(card, 40_00, pin: "246811")?.declined == "55")
        #expect(till.sell(card, 60_01)?.declined == "51")
        #expect(till.sell(card, 60_00)?.isApproved == true)
        #expect(try bank.available(card) == 0)
        for _ in 0..<3 { till.sell(card, 10_00, pin: "000000") }
        #expect(till.sell(card, 10_00)?.declined == "62")
        #expect(bank.engine.host.standingSales(of: till.id).count == 2)
        try bank.check()
    }

    @Test(
        "a lost answer is reversed, however often the reversal's own answer is lost too, and the money is back",
        arguments: KeyProfile.dukpt)
    func lostAnswer(profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill.trading(bank, profile)
        till.losesAnswers = true
        #expect(till.sell(card, 40_00) == nil)
        #expect(try bank.available(card) == 960_00)
        till.wait(.minutes(4))
        guard case .reversed(.noAnswer, _)? = till.outcomes.last else { throw Missing() }
        #expect(till.terminal.openReversalCount == 1)
        #expect(try bank.available(card) == 1_000_00)
        #expect(till.sent.count { $0 == .reversalRepeat } >= 2)
        till.losesAnswers = false
        till.wait(.minutes(2))
        #expect(till.terminal.openReversalCount == 0)
        #expect(try bank.available(card) == 1_000_00)
        #expect(till.sell(card, 40_00)?.isApproved == true)
        #expect(bank.engine.host.standingSales(of: till.id).count == 1)
        try bank.check()
    }

    @Test("a sale that never arrived is reversed to a tombstone, and nothing is owed")
    func lostSale() throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill.trading(bank, .aes)
        till.losesMessages = true
        till.sell(card, 40_00)
        till.wait(.seconds(30))
        till.losesMessages = false
        till.wait(.minutes(2))
        #expect(till.terminal.openReversalCount == 0)
        guard
            case .reversal(let reversal)? = bank.records.last(where: {
                if case .reversal = $0.body { true } else { false }
            })?.body
        else { throw Missing() }
        #expect(reversal.answer.intent == .noOriginal && reversal.card == nil)
        #expect(try bank.available(card) == 1_000_00)
        try bank.check()
    }

    @Test("sixty hours of trade renew lease and self-test by itself", arguments: KeyProfile.dukpt)
    func twoDays(profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card(balance: 1_000_000_00)
        let till = try LiveTill.trading(bank, profile, heartbeat: .minutes(5))
        for hour in 0..<60 {
            till.wait(.hours(1))
            #expect(till.sell(card, 1_00)?.isApproved == true, "hour \(hour)")
        }
        #expect(try bank.terminal(till.id).leaseCount >= 4)
        try bank.check()
    }

    @Test("a terminal that was off for three days trades again by its own proof")
    func backFromHolidays() throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill.trading(bank, .tdes)
        till.fire(.disconnected)
        bank.now = bank.now + .days(3)
        till.start()
        till.wait(.minutes(3))
        #expect(till.terminal.refusal(now: bank.now) == nil)
        #expect(till.sell(card, 10_00)?.isApproved == true)
        #expect(try bank.terminal(till.id).warnings.isEmpty)
        try bank.check()
    }
}
