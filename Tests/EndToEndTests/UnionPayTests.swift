// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import ISO8583
import ModuleProtocol
import SecurityModule
import Terminal
import Testing
import UnionPay
import Vocabulary

/// A UnionPay terminal, its module and the host together.
@Suite("A UnionPay terminal and its host")
struct UnionPayTests {
    private func till(_ bank: Bank, _ profile: KeyProfile) throws -> LiveTill {
        try LiveTill.trading(bank, profile, dialect: .unionPayPOS)
    }

    private func request(
        _ kind: TransactionKind, _ card: Plastic, _ amount: Int64, of original: OriginalReference? = nil
    ) -> SaleRequest {
        SaleRequest(kind, card: card.data, amount: Money(minorUnits: amount, .eur), original: original)
    }

    /// Runs a transaction that must be approved.
    private func approve(
        _ till: LiveTill, _ kind: TransactionKind, _ card: Plastic, _ amount: Int64, of original: ApprovedSale? = nil,
        _ location: SourceLocation = #_sourceLocation
    ) throws -> ApprovedSale {
        let outcome = till.run(
            request(kind, card, amount, of: original.map { .trace($0.stan) }), pin: card.pin)
        guard case .approved(let sale)? = outcome else {
            Issue.record("\(kind): \(String(describing: outcome))", sourceLocation: location)
            throw Missing()
        }
        return sale
    }

    private func last(_ till: LiveTill, _ type: UInt16) throws -> MessageView {
        try require(till.messages.reversed().lazy.compactMap { till.read($0) }.first { $0.mti.rawValue == type })
    }

    private func lastAnswer(_ till: LiveTill, _ type: UInt16) throws -> MessageView {
        try require(till.answers.reversed().lazy.compactMap { till.read($0) }.first { $0.mti.rawValue == type })
    }

    @Test("transactions of every kind are approved, and the money is right", arguments: KeyProfile.session)
    func everyKind(profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card(balance: 1_000_00)
        let till = try till(bank, profile)
        let sale = try approve(till, .purchase, card, 100_00)
        #expect(try bank.available(card) == 900_00)
        _ = try approve(till, .purchaseVoid, card, 100_00, of: sale)
        #expect(try bank.available(card) == 1_000_00)
        let other = try approve(till, .purchase, card, 50_00)
        _ = try approve(till, .refund, card, 20_00, of: other)
        #expect(try bank.available(card) == 970_00)
        let hold = try approve(till, .preAuthorisation, card, 200_00)
        #expect(try bank.available(card) == 770_00)
        _ = try approve(till, .preAuthorisationVoid, card, 200_00, of: hold)
        #expect(try bank.available(card) == 970_00)
        let second = try approve(till, .preAuthorisation, card, 200_00)
        let completion = try approve(till, .completion, card, 150_00, of: second)
        #expect(try bank.available(card) == 820_00)
        _ = try approve(till, .completionVoid, card, 150_00, of: completion)
        // By its reference alone: the terminal adds the approval code that it remembers.
        let rrn = try require(UInt64(second.rrn).map { RRN($0) })
        let again = request(.completion, card, 100_00, of: .reference(rrn, approvalCode: nil))
        #expect(till.run(again, pin: card.pin)?.isApproved == true)
        #expect(try bank.available(card) == 870_00)
        guard case .balance(let amounts, _)? = till.run(request(.balance, card, 0), pin: card.pin) else {
            throw Missing()
        }
        #expect(amounts.count == 1)
        #expect(try lastAnswer(till, 0x0210).text(54) == amounts.first?.text)
        #expect(till.messages.allSatisfy { till.read($0)?.unexpectedFields() == [] })
        #expect(till.answers.allSatisfy { till.read($0)?.missingFields() == [] })
        #expect(till.answers.allSatisfy { till.read($0)?.unexpectedFields() == [] })
        #expect(try bank.terminal(till.id).warnings.isEmpty)
        try bank.check()
    }

    @Test("sign-on brings keys and batch, answers go back where the message came from", arguments: KeyProfile.session)
    func signOn(profile: KeyProfile) throws {
        let bank = try Bank()
        let till = try till(bank, profile)
        let request = try last(till, 0x0800)
        #expect(request.text(60) == (profile.isSM4 ? "00000001005" : "00000001003"))
        #expect(!request.has(64))
        let answer = try lastAnswer(till, 0x0810)
        #expect(answer.text(39) == "00" && !answer.has(64))
        #expect(answer.bytes(62)?.count == 40)
        #expect(answer.number(60, part: 2) == 1)
        var frame = try require(till.answers.last)
        let envelope = try require(UnionPay.Envelope(taking: &frame))
        #expect(envelope.tpdu == till.terminal.configuration.envelope.tpdu.answer)
        #expect(envelope.header.processing == .none)
        #expect(try bank.terminal(till.id).session.number == 1)
    }

    @Test("a refusal has UnionPay's code, and the clerk reads it in Chinese", arguments: KeyProfile.session)
    func declines(profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card(pin: "246810", balance: 100_00)
        let till = try till(bank, profile)
        #expect(till.sell(card, 40_00, pin: "246811")?.declined == "55")
        let answer = try lastAnswer(till, 0x0210)
        let text = UnionPay.displayText(of: answer)
        #expect(text == Intent.wrongPIN.display(.zh, .merchant))
        #expect(till.shown.contains { $0.zh == text })
        #expect(till.sell(card, 100_01)?.declined == "51")
        #expect(till.sell(card, 60_00)?.isApproved == true)
        let request = try last(till, 0x0200)
        #expect(request.range(of: 52)?.count == profile.pinBlockLength)
        #expect(request.text(53)?.prefix(2) == (profile.isSM4 ? "23" : "26"))
        #expect(request.number(26) == 12)
        for _ in 0..<3 { till.sell(card, 1_00, pin: "000000") }
        #expect(till.sell(card, 1_00)?.declined == "62")
        try bank.check()
    }

    @Test("a lost answer is reversed with reason 98, repeated until it is answered", arguments: KeyProfile.session)
    func lostAnswer(profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try till(bank, profile)
        till.losesAnswers = true
        #expect(till.sell(card, 40_00) == nil)
        let sale = try last(till, 0x0200)
        #expect(try bank.available(card) == 960_00)
        till.wait(.minutes(1))
        guard case .reversed(.noAnswer, _)? = till.outcomes.last else { throw Missing() }
        let reversal = try last(till, 0x0400)
        #expect(reversal.text(39) == "98")
        #expect(reversal.text(60, part: 1) == "22")
        #expect(reversal.number(61, part: 2) == sale.number(11))
        till.losesAnswers = false
        till.wait(.minutes(2))
        #expect(till.terminal.openReversalCount == 0)
        #expect(try bank.available(card) == 1_000_00)
        #expect(till.sell(card, 40_00)?.isApproved == true)
        try bank.check()
    }

    @Test("new keys come in the middle of the day, and the sales go on", arguments: KeyProfile.session)
    func keyChange(profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill.trading(bank, profile, heartbeat: .minutes(5), dialect: .unionPayPOS)
        #expect(till.sell(card, 1_00)?.isApproved == true)
        till.losesTickets = true
        till.wait(.hours(13))
        till.losesTickets = false
        till.wait(.hours(1))
        #expect(try bank.terminal(till.id).session.number >= 2)
        let first = try bank.terminal(till.id).session.number
        #expect(till.sell(card, 2_00)?.isApproved == true)
        till.wait(.hours(14))
        #expect(try bank.terminal(till.id).session.number > first)
        #expect(till.sell(card, 3_00)?.isApproved == true)
        #expect(try bank.available(card) == 994_00)
        try bank.check()
    }

    @Test(
        "a sale whose MAC is wrong twice is answered A0 twice, reversed, and told as one; then it works",
        arguments: KeyProfile.session)
    func wrongMAC(profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try till(bank, profile)
        till.alters = { bytes in
            guard till.read(bytes)?.mti == .financialRequest else { return bytes }
            return bytes.dropLast() + [bytes[bytes.count - 1] ^ 1]
        }
        till.sell(card, 40_00)
        guard case .reversed(.macFailed, _)? = till.outcomes.last, till.outcomes.count == 1 else { throw Missing() }
        #expect(till.messages.count { till.read($0)?.mti == .financialRequest } == 2)
        let refusal = try require(
            till.answers.compactMap { till.read($0) }.first { $0.mti == .financialResponse })
        #expect(refusal.text(39) == "A0" && !refusal.has(64))
        let frames = till.answers.filter { till.read($0)?.mti == .financialResponse }
        var frame = try require(frames.first)
        #expect(UnionPay.Envelope(taking: &frame)?.header.processing == .signOn)
        till.alters = nil
        till.wait(.minutes(3))
        #expect(try bank.terminal(till.id).session.number >= 3)
        #expect(till.terminal.openReversalCount == 0)
        #expect(till.terminal.refusal(now: bank.now) == nil)
        #expect(till.sell(card, 40_00)?.isApproved == true)
        #expect(try bank.available(card) == 960_00)
        try bank.check()
    }

    @Test("after a sign-off nothing is sold before the clerk signs on again", arguments: KeyProfile.session)
    func signOff(profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try till(bank, profile)
        till.fire(.signOff)
        #expect(try last(till, 0x0820).text(60, part: 3) == "002")
        #expect(try lastAnswer(till, 0x0830).text(39) == "00")
        till.wait(.hours(2))
        #expect(till.sell(card, 1_00) == .refused(.notSignedOn))
        till.fire(.disconnected)
        till.fire(.connected)
        #expect(till.sell(card, 1_00) == .refused(.notSignedOn))
        till.fire(.signOn)
        #expect(till.sell(card, 1_00)?.isApproved == true)
        try bank.check()
    }

    @Test("totals that agree close the batch", arguments: KeyProfile.session)
    func settled(profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try till(bank, profile)
        let sale = try approve(till, .purchase, card, 10_00)
        _ = try approve(till, .purchase, card, 20_00)
        _ = try approve(till, .purchaseVoid, card, 10_00, of: sale)
        till.fire(.settle)
        guard case .closed(1, let totals, isBalanced: true)? = till.settlements.last else { throw Missing() }
        #expect(totals.debitAmount == 30_00 && totals.creditAmount == 10_00)
        #expect(try lastAnswer(till, 0x0510).text(48)?.prefix(31) == "0000000030000020000000010000011")
        #expect(till.sell(card, 1_00)?.isApproved == true)
        #expect(try last(till, 0x0200).number(60, part: 2) == 2)
        try bank.check()
    }

    @Test(
        "totals that differ are uploaded, item by item, and the batch closes unbalanced", arguments: KeyProfile.session)
    func unsettled(profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try till(bank, profile)
        _ = try approve(till, .purchase, card, 10_00)
        try till.forgetBook()
        for _ in 0..<11 { _ = try approve(till, .purchase, card, 1_00) }
        till.fire(.settle)
        guard case .closed(_, _, isBalanced: false)? = till.settlements.last else { throw Missing() }
        #expect(try lastAnswer(till, 0x0510).number(48, part: 5) == 2)
        let uploads = till.messages.compactMap { till.read($0) }.filter { $0.mti == .batchUpload }
        #expect(uploads.map { $0.text(60, part: 3) } == ["201", "201", "202"])
        #expect(uploads.last?.text(48) == "0011")
        try bank.check()
    }

    @Test("without a health element, and with a stale one, no sale is approved", arguments: KeyProfile.session)
    func health(profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try till(bank, profile)
        let sound = try approve(till, .purchase, card, 10_00)
        let digest = bank.engine.host.digest()
        let message = try require(till.messages.last { till.read($0)?.mti == .financialRequest })
        // Without: the field is taken out, and the MAC with it.
        var builder = MessageBuilder(.financialRequest, spec: .unionpayPOS)
        let view = try require(till.read(message))
        for field in [2, 3, 4, 11, 14, 22, 25, 26, 41, 42, 49, 53, 52, 59, 60] { builder.copy(field, from: view) }
        builder.reserveMAC()
        let envelope = Array(message.prefix(UnionPay.Envelope.count))
        let bare = try require(till.read(try require(bank.receive(envelope + builder.encode().bytes).first)))
        #expect(bare.text(39) == "A0")
        #expect(bank.engine.host.digest() == digest)
        // Stale: the element of the sale before under a new trace number.
        var stale = MessageBuilder(.financialRequest, spec: .unionpayPOS)
        for field in 2...63 where view.has(field) { stale.copy(field, from: view) }
        stale.set(11, number: UInt64(sound.stan.number) + 1)
        stale.reserveMAC()
        let refused = try require(till.read(try require(bank.receive(envelope + stale.encode().bytes).first)))
        #expect(refused.text(39) == "A0")
        #expect(bank.engine.host.digest() == digest)
        #expect(try bank.available(card) == 990_00)
    }

    @Test("a halted module is refused by itself, by its terminal and by the host", arguments: KeyProfile.session)
    func halted(profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try till(bank, profile)
        till.losesMessages = true
        till.sell(card, 10_00)
        let held = try require(till.messages.last { till.read($0)?.mti == .financialRequest })
        till.losesMessages = false
        till.change { $0.apply(.selfTest) }
        till.wait(.seconds(10))
        guard case .refused(.halted(let codes))? = till.sell(card, 10_00) else { throw Missing() }
        #expect(!codes.isEmpty)
        var message = till.messages.last ?? []
        _ = UnionPay.Envelope(taking: &message)
        let holes = MessageHoles(health: 0..<36, pinBlock: nil, mac: message.count - 8..<message.count)
        guard
            case .refused = till.ask(.protect(purpose: .authorisation, message: message, holes: holes, pan: nil))
        else { throw Missing() }
        // What the terminal had sent before it stopped, and only now arrives.
        #expect(try !bank.terminal(till.id).warnings.isEmpty)
        let answer = try require(till.read(try require(bank.receive(held).first)))
        #expect(answer.text(39) != "00")
        #expect(try bank.available(card) == 1_000_00)
        try bank.check()
    }
}
