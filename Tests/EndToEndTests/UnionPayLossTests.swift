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

/// What goes wrong on the line of a UnionPay terminal.
@Suite("A UnionPay terminal on a bad line")
struct UnionPayLossTests {
    private func reversals(_ till: LiveTill) -> [MessageView] {
        till.messages.compactMap { till.read($0) }.filter { $0.mti == .reversalRequest }
    }

    @Test("an answer whose MAC is wrong is reversed with reason A0", arguments: KeyProfile.session)
    func forgedAnswer(profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill.trading(bank, profile, dialect: .unionPayPOS)
        till.altersAnswers = { bytes in
            guard till.read(bytes)?.mti == .financialResponse else { return bytes }
            return bytes.dropLast() + [bytes[bytes.count - 1] ^ 1]
        }
        till.sell(card, 40_00)
        guard case .reversed(.macFailed, _)? = till.outcomes.last else { throw Missing() }
        #expect(reversals(till).map { $0.text(39) } == ["A0"])
        #expect(till.terminal.openReversalCount == 0)
        #expect(try bank.available(card) == 1_000_00)
        till.altersAnswers = nil
        #expect(till.sell(card, 40_00)?.isApproved == true)
        try bank.check()
    }

    @Test("a terminal that halts between sale and answer reverses with reason 96", arguments: KeyProfile.session)
    func unfinished(profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill.trading(bank, profile, dialect: .unionPayPOS)
        till.losesAnswers = true
        till.sell(card, 40_00)
        till.losesAnswers = false
        till.change { $0.apply(.selfTest) }
        till.wait(.seconds(10))
        guard case .reversed(.notFinished, _)? = till.outcomes.last else { throw Missing() }
        #expect(reversals(till).map { $0.text(39) } == ["96"])
        #expect(till.terminal.openReversalCount == 0)
        #expect(try bank.available(card) == 1_000_00)
        try bank.check()
    }

    @Test("a refund without an answer is repeated until it has one, and given back once", arguments: KeyProfile.session)
    func lostRefund(profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill.trading(bank, profile, dialect: .unionPayPOS)
        guard case .approved(let sale)? = till.sell(card, 40_00) else { throw Missing() }
        till.losesAnswers = true
        let refund = SaleRequest(
            .refund, card: card.data, amount: Money(minorUnits: 10_00, .eur), original: .trace(sale.stan))
        till.run(refund, pin: card.pin)
        till.wait(.minutes(1))
        guard case .pending? = till.outcomes.last else { throw Missing() }
        till.losesAnswers = false
        till.wait(.minutes(2))
        #expect(till.terminal.openReversalCount == 0)
        #expect(till.terminal.batch.map(\.kind) == [.purchase, .refund])
        #expect(try bank.available(card) == 970_00)
        try bank.check()
    }

    @Test("a sign-on whose answer is lost is made again, under keys of its own", arguments: KeyProfile.session)
    func lostSignOn(profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill(bank, profile, dialect: .unionPayPOS)
        try till.activate()
        till.losesTickets = true
        till.start()
        #expect(till.terminal.refusal(now: bank.now) != nil)
        till.losesTickets = false
        till.wait(.minutes(2))
        #expect(till.sell(card, 40_00)?.isApproved == true)
        #expect(try bank.terminal(till.id).session.number >= 2)
        try bank.check()
    }

    @Test(
        "a terminal that asks for a track key gets sixty bytes of keys, and trades",
        arguments: [KeyProfile.sessionTDES, .sessionTDESCBC, .sessionTDESRetail])
    func trackKey(profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill(bank, profile, dialect: .unionPayPOS, wantsTrackKey: true)
        try till.activate()
        till.start()
        let signOn = try require(till.answers.compactMap { till.read($0) }.last { $0.has(62) })
        #expect(signOn.text(60, part: 3) == "004")
        #expect(signOn.bytes(62)?.count == 60)
        #expect(till.sell(card, 40_00)?.isApproved == true)
        try bank.check()
    }

    @Test(
        "an upload may end with 207 as with 202, and its repeat ends it no second time", arguments: KeyProfile.session)
    func otherEnd(profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill.trading(bank, profile, dialect: .unionPayPOS)
        #expect(till.sell(card, 10_00)?.isApproved == true)
        try till.forgetBook()
        #expect(till.sell(card, 20_00)?.isApproved == true)
        var held: [UInt8]?
        till.alters = { bytes in
            guard till.read(bytes)?.text(60, part: 3) == "202" else { return bytes }
            held = bytes
            return []
        }
        till.fire(.settle)
        #expect(till.settlements.isEmpty)
        let end = try require(held)
        let view = try require(till.read(end))
        var builder = MessageBuilder(.batchUpload, spec: .unionpayPOS)
        for field in 2...63 where view.has(field) { builder.copy(field, from: view) }
        builder.set(11, number: (view.number(11) ?? 0) + 100)
        builder.set(57, bytes: [UInt8](repeating: 0, count: UnionPay.healthLength))
        builder.set(60, text: try require(view.text(60)).prefix(8) + "207")
        builder.reserveMAC()
        let encoded = try builder.encode()
        let holes = MessageHoles(
            health: try require(encoded.range(of: 57)), pinBlock: nil, mac: try require(encoded.range(of: 64)))
        guard
            case .protected(let message) = till.ask(
                .protect(purpose: .delivery, message: encoded.bytes, holes: holes, pan: nil))
        else { throw Missing() }
        let answer = try require(bank.receive(Array(end.prefix(UnionPay.Envelope.count)) + message).first)
        #expect(till.read(answer)?.text(39) == "00" && till.read(answer)?.text(60, part: 3) == "207")
        let batch = try require(bank.engine.host.batch(of: till.id))
        #expect(batch.number == 2 && batch.last?.isBalanced == false && batch.last?.matched == 1)
        till.alters = nil
        till.wait(.minutes(2))
        guard case .closed(1, _, isBalanced: false)? = till.settlements.last else { throw Missing() }
        #expect(bank.engine.host.batch(of: till.id)?.number == 2)
        #expect(till.sell(card, 5_00)?.isApproved == true)
        try bank.check()
    }

    @Test("an approval whose header asks for a sign-on stands, and is followed by one", arguments: KeyProfile.session)
    func headerAsks(profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill.trading(bank, profile, dialect: .unionPayPOS)
        let session = try bank.terminal(till.id).session.number
        till.altersAnswers = { bytes in
            guard till.read(bytes)?.mti == .financialResponse else { return bytes }
            var bytes = bytes
            guard var envelope = UnionPay.Envelope(taking: &bytes) else { return bytes }
            envelope.header.processing = .signOn
            return envelope.bytes + bytes
        }
        #expect(till.sell(card, 40_00)?.isApproved == true)
        #expect(try bank.terminal(till.id).session.number == session + 1)
        #expect(till.sell(card, 10_00)?.isApproved == true)
        #expect(try bank.available(card) == 950_00)
        try bank.check()
    }
}
