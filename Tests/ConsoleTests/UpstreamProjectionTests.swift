// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Interchange
import Issuer
import SecurityTriggers
import Storage
import Testing
import Vocabulary

@testable import Host

@Suite("Projections of what other hosts decide")
struct UpstreamProjectionTests {
    private func forward(_ bank: Bank, stan: UInt32) throws -> Forward {
        Forward(
            destination: 0, usage: try bank.usage("T1"),
            names: MessageNames(
                key: TransactionKey(stan: STAN(stan), localTime: UInt64(stan)), transmission: UInt64(stan)),
            card: CardKey(high: 5, low: 1), sealedPAN: [1, 2, 3], expiry: 3_012,
            amount: Money(minorUnits: 12_00, .eur), merchant: Bank.shop, mcc: MCC(5_944), goods: [], entryMode: 51,
            hasPIN: true)
    }

    private func answer(_ intent: Intent, _ rrn: UInt64) -> StoredAnswer {
        StoredAnswer(intent: intent, approvalCode: intent.isApproval ? 4_711 : 0, rrn: RRN(rrn), reference: "")
    }

    private func north(_ bank: Bank) throws {
        try bank.commit(
            .upstream(.destinationSet(UpstreamDestination(name: "NORTH"), by: staff("oper1"))))
    }

    @Test("A decision of another host has a row once it is known, at its request's time and under that host's name")
    func decisions() async throws {
        let bank = try Bank()
        try bank.open()
        try north(bank)
        let asked = bank.now
        let id = try bank.commit(.upstream(.forwarded(try forward(bank, stan: 901))))
        #expect(try await bank.reader.decisions(DecisionQuery()).isEmpty)
        bank.advance(.seconds(2))
        let end = ForwardEnd(forward: id, outcome: .answered, isApproved: true, answer: answer(.approved, id))
        let sequence = try bank.commit(.upstream(.ended(end)))
        let row = try #require(try await bank.reader.decisions(DecisionQuery()).first)
        #expect(row.destination == "NORTH" && row.sequence == sequence && row.at == asked)
        #expect(row.intent == .approved && row.approvalCode == 4_711 && row.rrn == RRN(id))
        #expect(row.amount == Money(minorUnits: 12_00, .eur) && row.terminal == terminalID("T1") && row.account == nil)

        let usage = try bank.usage("T1")
        let reversal = Reversal(
            usage: usage, names: MessageNames(key: TransactionKey(stan: STAN(902), localTime: 9), transmission: 902),
            originalSTAN: STAN(901), originalTransmission: 901, card: CardKey(high: 5, low: 1),
            amount: row.amount, originalAt: asked, pass: nil, answer: answer(.reversalAccepted, 0))
        try bank.commit(.upstream(.reversed(reversal, of: id, isOpen: false)))
        #expect(try await bank.reader.decisions(DecisionQuery()).first?.reversedAt == bank.now)
    }

    @Test("What the rules said of it is explained with the answer's code, reference and place in the journal")
    func explanations() async throws {
        let bank = try Bank()
        try bank.open()
        try north(bank)
        var forward = try forward(bank, stan: 906)
        let rules = try RuleSet(parsing: Bank.rules)
        var triggers = Triggers(rules: rules)
        var facts = forward.facts(at: bank.now)
        facts.amount = Money(minorUnits: 900_00, .eur)
        for name in ["T1", "T2", "T3"] {
            facts.terminal = terminalID(name)
            triggers.apply(WindowEvent(facts: facts, outcome: .approved))
        }
        let evaluation = triggers.evaluate(facts)
        #expect(!evaluation.results.isEmpty)
        forward.verdict = ForwardVerdict(evaluation: evaluation, rulesVersion: 0, shadow: nil)
        let id = try bank.commit(.upstream(.forwarded(forward)))
        var said = answer(.genericDecline, id)
        said.reference = "R-4F7K"
        let end = ForwardEnd(forward: id, outcome: .answered, isApproved: false, answer: said)
        let sequence = try bank.commit(.upstream(.ended(end)))
        let row = try #require(try await bank.reader.decisions(DecisionQuery()).first)
        let explanation = try JSON(parsing: Array(try #require(row.explanation).utf8))
        #expect(explanation["code"]?.string == "05")
        #expect(explanation["journal"] == [1, .integer(Int64(sequence))])
        #expect(explanation["tell"]?["merchant_ref"]?.string == "R-4F7K")
    }

    @Test("What was approved in another host's place is a row at once")
    func standIn() async throws {
        let bank = try Bank()
        try bank.open()
        try north(bank)
        let rrn = bank.sequence + 1
        try bank.commit(.upstream(.stoodIn(try forward(bank, stan: 903), answer(.approved, rrn))))
        let row = try #require(try await bank.reader.decisions(DecisionQuery()).first)
        #expect(row.destination == "NORTH" && row.intent == .approved && row.rrn == RRN(rrn))
    }

    @Test("An analyst stops a card of another issuer by a decision about it, an operator asks for new keys")
    func stoppedCard() async throws {
        try await House.with { house in
            let bank = house.bank
            try north(bank)
            let own = try bank.sale(1_000, at: "T1")
            try bank.commit(.upstream(.stoodIn(try forward(bank, stan: 905), answer(.approved, bank.sequence + 1))))
            let sequence = bank.sequence
            let card = CardKey(high: 5, low: 1)
            let analyst = try house.client("desk1", .analyst)
            #expect(own.card != nil)
            // The card of the own sale has a page of its own, and is none of another issuer.
            let refused = try await analyst.submit(
                "/decisions/\(sequence - 1)/card/stop", from: "/", ["reason": "stolen"])
            #expect(refused.status == 404)
            _ = try await analyst.submit("/decisions/\(sequence)/card/stop", from: "/", ["reason": "nothing"])
            #expect(bank.commands.isEmpty)
            _ = try await analyst.submit("/decisions/\(sequence)/card/stop", from: "/", ["reason": "stolen"])
            _ = try await analyst.submit("/decisions/\(sequence)/card/release", from: "/")
            #expect(bank.commands == [.listCard(card, .stolen), .unlistCard(card)])

            let page = try house.client("oper1", .operator)
            #expect(try await page.get("/").body.contains("/destinations/NORTH/keys"))
            _ = try await page.submit("/destinations/NORTH/keys", from: "/")
            #expect(bank.commands.last == .changeKeys(destination: "NORTH"))
        }
    }

    @Test("A message that was given up is shown to operators, who alone send it again")
    func undelivered() async throws {
        try await House.with { house in
            let bank = house.bank
            try north(bank)
            try bank.commit(.upstream(.stoodIn(try forward(bank, stan: 904), answer(.approved, bank.sequence + 1))))
            let operatorClient = try house.client("oper1", .operator)
            #expect(try await !operatorClient.get("/").body.contains("/resend"))
            try bank.commit(.upstream(.dead(destination: 0, id: 1, .tooManyAttempts)))

            let page = try await operatorClient.get("/").body
            #expect(page.contains("/destinations/NORTH/messages/1/resend") && page.contains("NORTH"))
            let analyst = try house.client("desk1", .analyst)
            #expect(try await !analyst.get("/").body.contains("/resend"))
            #expect(try await analyst.submit("/destinations/NORTH/messages/1/resend", from: "/").status == 403)
            #expect(bank.commands.isEmpty)
            let answer = try await operatorClient.submit("/destinations/NORTH/messages/1/resend", from: "/")
            #expect(answer.status == 303)
            #expect(bank.commands == [.revive(destination: "NORTH", id: 1)])
            #expect(try await !operatorClient.get("/").body.contains("/resend"))
            // It is under way again, so that there is nothing to send.
            _ = try await operatorClient.submit("/destinations/NORTH/messages/1/resend", from: "/")
            #expect(bank.commands.count == 1)
        }
    }
}
