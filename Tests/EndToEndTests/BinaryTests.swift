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

/// A terminal whose messages have packed digits, beside one that writes the same messages with plain ones.
@Suite("A terminal with packed digits and its host")
struct BinaryTests {
    static let profiles: [KeyProfile] = [.tdes, .aes, .sessionSM4]

    private func approve(
        _ till: LiveTill, _ kind: TransactionKind, _ card: Plastic, _ amount: Int64, of original: ApprovedSale? = nil,
        _ location: SourceLocation = #_sourceLocation
    ) throws -> ApprovedSale {
        let request = SaleRequest(
            kind, card: card.data, amount: Money(minorUnits: amount, .eur), original: original.map { .trace($0.stan) })
        let outcome = till.run(request, pin: card.pin)
        guard case .approved(let sale)? = outcome else {
            Issue.record("\(kind): \(String(describing: outcome))", sourceLocation: location)
            throw Missing()
        }
        return sale
    }

    /// Everything that a terminal can say to its host, once.
    private func day(
        _ dialect: TerminalDialect, _ profile: KeyProfile, watching: ((LiveTill, [UInt8]) throws -> Void)? = nil
    ) throws -> LiveTill {
        let bank = try Bank()
        let card = try bank.card(balance: 1_000_00)
        let till = try LiveTill(
            bank, profile, heartbeat: .minutes(1), dialect: dialect, echoInterval: .minutes(5))
        if let watching {
            till.alters = { [unowned till] bytes in
                #expect(throws: Never.self) { try watching(till, bytes) }
                return bytes
            }
        }
        try till.activate()
        till.start()
        try trade(till, card)
        try settle(till, card)
        till.fire(.signOff)
        #expect(till.sell(card, 1_00) == .refused(.notSignedOn))
        till.fire(.signOn)
        // A warning reported under MAC, then one by the one-time token of a module that has erased its keys.
        for fault in [HardwareFault.selfTest, .tamper] {
            till.change { $0.apply(fault) }
            till.wait(.minutes(3))
            guard case .refused(.halted)? = till.sell(card, 1_00) else { throw Missing() }
        }
        #expect(try bank.terminal(till.id).lifecycle == .tampered)
        try bank.check()
        return till
    }

    private func trade(_ till: LiveTill, _ card: Plastic) throws {
        let sale = try approve(till, .purchase, card, 100_00)
        #expect(till.sell(card, 10_00, pin: "9999")?.declined == "55")
        #expect(till.sell(card, 900_01)?.declined == "51")
        _ = try approve(till, .purchaseVoid, card, 100_00, of: sale)
        let other = try approve(till, .purchase, card, 50_00)
        _ = try approve(till, .refund, card, 20_00, of: other)
        let hold = try approve(till, .preAuthorisation, card, 200_00)
        _ = try approve(till, .preAuthorisationVoid, card, 200_00, of: hold)
        let second = try approve(till, .preAuthorisation, card, 200_00)
        let completion = try approve(till, .completion, card, 150_00, of: second)
        _ = try approve(till, .completionVoid, card, 150_00, of: completion)
        let question = SaleRequest(.balance, card: card.data, amount: Money(minorUnits: 0, .eur))
        guard case .balance? = till.run(question, pin: card.pin) else { throw Missing() }
        // A step-up that nobody has asked for.
        let proof = StepUpProof(challenge: "S1", method: .identityDocument)
        let goods = try require(GoodsCode("GROCERY"))
        let answered = SaleRequest(
            .purchase, card: card.data, amount: Money(minorUnits: 12_00, .eur), goods: [goods], stepUp: proof)
        #expect(till.run(answered, pin: card.pin)?.isApproved == false)
        till.losesAnswers = true
        till.sell(card, 40_00)
        till.wait(.minutes(1))
        guard case .reversed(.noAnswer, _)? = till.outcomes.last else { throw Missing() }
        till.losesAnswers = false
        till.wait(.minutes(2))
        #expect(till.terminal.openReversalCount == 0)
        // Of 970 the hold that the voided completion has given back.
        #expect(try till.bank.available(card) == 770_00)
    }

    /// Totals that agree, then totals that do not.
    private func settle(_ till: LiveTill, _ card: Plastic) throws {
        till.fire(.settle)
        guard case .closed(1, _, isBalanced: true)? = till.settlements.last else { throw Missing() }
        _ = try approve(till, .purchase, card, 3_00)
        try till.forgetBook()
        for _ in 0..<2 { _ = try approve(till, .purchase, card, 1_00) }
        till.fire(.settle)
        guard case .closed(_, _, isBalanced: false)? = till.settlements.last else { throw Missing() }
        till.wait(.minutes(7))
    }

    /// Types, fields and values. Of what is no text the length alone: codes and proofs cover the bytes on the line, and
    /// differ as those do.
    private func said(_ till: LiveTill, _ messages: [[UInt8]]) throws -> [[String]] {
        try messages.map { bytes in
            let view = try require(till.read(bytes))
            return ["\(view.mti)"]
                + view.fields.fields.map { "\($0): " + (view.text($0) ?? "\(view.bytes($0)?.count ?? 0) bytes") }
        }
    }

    @Test("in a day of everything both say the same, field by field, and packed digits take less", arguments: profiles)
    func sameDay(profile: KeyProfile) throws {
        let plain = try day(.iso8583, profile)
        let packed = try day(.iso8583Binary, profile)
        #expect(plain.outcomes == packed.outcomes && plain.settlements == packed.settlements)
        #expect(plain.shown == packed.shown)
        for (left, right) in [(plain.messages, packed.messages), (plain.answers, packed.answers)] {
            #expect(try said(plain, left) == said(packed, right))
            #expect(zip(left, right).allSatisfy { $0.count > $1.count })
        }
        for type in ["0100", "0200", "0220", "0320", "0400", "0500", "0620", "0800"] {
            #expect(packed.sent.contains { $0.description == type }, "no \(type)")
        }
        let views = packed.messages.compactMap { packed.read($0) }
        #expect(views.allSatisfy { $0.missingFields().allSatisfy { $0 == 62 } && $0.unexpectedFields() == [] })
        #expect(packed.answers.allSatisfy { packed.read($0)?.missingFields() == [] })
    }

    @Test("what a terminal had sent before it stopped is refused by the host when it arrives", arguments: profiles)
    func halted(profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill.trading(bank, profile, dialect: .iso8583Binary)
        till.losesMessages = true
        till.sell(card, 10_00)
        let held = try require(till.messages.last { till.read($0)?.mti == .financialRequest })
        till.losesMessages = false
        till.change { $0.apply(.selfTest) }
        till.wait(.seconds(10))
        guard case .refused(.halted)? = till.sell(card, 10_00) else { throw Missing() }
        #expect(try !bank.terminal(till.id).warnings.isEmpty)
        let answer = try require(till.read(try require(bank.receive(held).first)))
        #expect(answer.text(39) != "00" && answer.macField != nil)
        #expect(try bank.available(card) == 1_000_00)
        try bank.check()
    }

    @Test(
        "no message counts as one of another dialect: without its envelope, or in one that it did not have",
        arguments: TerminalDialect.allCases)
    func envelopes(dialect: TerminalDialect) throws {
        var crossed = 0
        // One key serves many messages, and its MAC binds the least.
        _ = try day(dialect, .sessionTDES) { till, message in
            var bare = message
            let moved = UnionPay.Envelope(taking: &bare) == nil ? UnionPay.Envelope().bytes + message : bare
            let before = till.bank.engine.host.digest()
            for answer in till.bank.receive(moved) {
                var bytes = answer
                let isUnionPay = UnionPay.Envelope(taking: &bytes) != nil
                let view = try MessageView(bytes, spec: .ofTerminal(bytes, inEnvelope: isUnionPay))
                #expect(view.text(39) != "00" && view.macField == nil)
            }
            #expect(till.bank.engine.host.digest() == before)
            crossed += 1
        }
        #expect(crossed > 30)
    }
}
