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

/// Session keys are no matter of UnionPay's messages: the same profiles in `iso8583-1987`.
@Suite("Session keys in the cores' own dialect")
struct SessionTradeTests {
    private func request(
        _ kind: TransactionKind, _ card: Plastic, _ amount: Int64, of original: ApprovedSale? = nil
    ) -> SaleRequest {
        SaleRequest(
            kind, card: card.data, amount: Money(minorUnits: amount, .eur), original: original.map { .trace($0.stan) })
    }

    private func approve(_ till: LiveTill, _ request: SaleRequest, _ card: Plastic) throws -> ApprovedSale {
        guard case .approved(let sale)? = till.run(request, pin: card.pin) else { throw Missing() }
        return sale
    }

    @Test(
        "transactions of every kind are approved, refused where they must be, and settled",
        arguments: KeyProfile.session)
    func everyKind(profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card(balance: 1_000_00)
        let till = try LiveTill.trading(bank, profile)
        let sale = try approve(till, request(.purchase, card, 100_00), card)
        _ = try approve(till, request(.purchaseVoid, card, 100_00, of: sale), card)
        let other = try approve(till, request(.purchase, card, 50_00), card)
        _ = try approve(till, request(.refund, card, 20_00, of: other), card)
        let hold = try approve(till, request(.preAuthorisation, card, 200_00), card)
        let completion = try approve(till, request(.completion, card, 150_00, of: hold), card)
        #expect(try bank.available(card) == 820_00)
        _ = try approve(till, request(.completionVoid, card, 150_00, of: completion), card)
        guard case .balance(let amounts, _)? = till.run(request(.balance, card, 0), pin: card.pin) else {
            throw Missing()
        }
        #expect(amounts.count == 2)
        #expect(till.sell(card, 1_00, pin: "9999")?.declined == "55")
        let sent = try require(till.messages.compactMap { till.read($0) }.last { $0.mti == .financialRequest })
        #expect(!sent.has(62) && sent.range(of: profile.pinBlockField)?.count == profile.pinBlockLength)
        till.fire(.settle)
        guard case .closed(1, _, isBalanced: true)? = till.settlements.last else { throw Missing() }
        #expect(try bank.terminal(till.id).warnings.isEmpty)
        try bank.check()
    }

    @Test("a lost answer is reversed, and keys change in the middle of the day", arguments: KeyProfile.session)
    func lossAndKeys(profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill.trading(bank, profile, heartbeat: .minutes(5), echoInterval: .minutes(30))
        till.losesAnswers = true
        till.sell(card, 40_00)
        till.wait(.minutes(1))
        guard case .reversed(.noAnswer, _)? = till.outcomes.last else { throw Missing() }
        till.losesAnswers = false
        till.wait(.minutes(2))
        #expect(till.terminal.openReversalCount == 0)
        let first = try bank.terminal(till.id).session.number
        till.wait(.hours(14))
        #expect(try bank.terminal(till.id).session.number > first)
        #expect(till.hangUps == 0 && till.sent.count { $0 == .networkRequest } > 20)
        #expect(till.sell(card, 40_00)?.isApproved == true)
        #expect(try bank.available(card) == 960_00)
        try bank.check()
    }

    @Test("after a sign-off nothing is sold before the clerk signs on again", arguments: KeyProfile.session)
    func signOff(profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill.trading(bank, profile)
        till.fire(.signOff)
        #expect(till.sell(card, 1_00) == .refused(.notSignedOn))
        till.fire(.signOn)
        #expect(till.sell(card, 1_00)?.isApproved == true)
        try bank.check()
    }
}
