// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import RiskModels
import SecurityTriggers
import Testing
import Vocabulary

@testable import Console

/// Models at the console: proposed, watched, approved, in force, put back; and scores on decisions.
struct ModelTests {
    private static let rules = """
        tillguard-rules 1
        ruleset small version 4
        feature euros = amount / 1.00 EUR
        score risk = model "shop" (euros)
        rule risky { when risk >= 0.5 then refer hold 15m, case high }

        """

    private static func text(_ bias: Int) -> String {
        """
        {"tillguard-model":1,"kind":"scorecard","name":"shop","features":["euros"],"bias":\(bias),"terms":[\
        {"feature":"euros","transform":"identity","mean":0,"scale":1,"weight":1}]}
        """
    }

    @Test("One analyst proposes a model, another approves it, a watched one is compared, and the page shows all of it")
    func life() async throws {
        try await House.with { house in
            let system = Principal(staff: staff("system"), role: .system)
            try await house.bank.submit(.loadRules(Self.rules), by: system)
            let client = try house.client("desk1", .analyst)
            #expect(try await client.get("/models").body.contains("No model is in force"))
            let broken = ["name": "shop", "text": "{}"]
            #expect(try await client.submit("/models", from: "/models", broken).status == 303)
            #expect(try await client.get("/models").body.contains("The text is no model"))
            let foreign = ["name": "shop", "text": Self.text(-20).replacing("euros", with: "hours")]
            #expect(try await client.submit("/models", from: "/models", foreign).status == 303)
            #expect(try await client.get("/models").body.contains("does not name a feature"))
            let first = ["name": "shop", "text": Self.text(-20)]
            #expect(try await client.submit("/models", from: "/models", first).status == 303)
            let own = try await client.get("/models").body
            #expect(own.contains("another analyst") && !own.contains("/models/1/approve"))
            let other = try house.client("desk2", .analyst)
            #expect(try await other.submit("/models/1/approve", from: "/models", [:]).status == 303)
            #expect(try await other.submit("/models/1/activate", from: "/models", [:]).status == 303)
            let second = ["name": "shop", "text": Self.text(-10)]
            #expect(try await other.submit("/models", from: "/models", second).status == 303)
            #expect(try await other.submit("/models/2/shadow", from: "/models", [:]).status == 303)
            let verdicts = [5, 15, 25].map { house.bank.judge(Self.facts($0)).action }
            #expect(verdicts == [.approve, .approve, .refer])
            let page = try await other.get("/models").body
            #expect(page.contains("shop@1") && page.contains("watched: version 2"))
            #expect(page.contains("0.667"), "they agree on two of three")
            #expect(page.contains("came without figures"))
            let answer = try JSON(parsing: Array(try await other.get("/api/models").body.utf8))
            #expect(answer["models"]?.array?.map { $0["state"]?.string } == ["live", "proposed"])
            #expect(answer["scores"]?.array?.first?["comparison"]?["shadowAlone"]?.integer == 1)
            #expect(try await other.submit("/models/2/withdraw", from: "/models", [:]).status == 303)
            #expect(try await other.get("/models").body.contains("withdrawn"))
        }
    }

    private static func facts(_ euros: Int64) -> TransactionFacts {
        TransactionFacts(
            card: Bank.card, account: Bank.account, at: Bank.start, amount: Money(minorUnits: euros * 100, .eur),
            terminal: terminalID("T1"), merchant: Bank.shop, mcc: nil)
    }

    @Test("Every refusal about models is a sentence in both languages")
    func refusals() {
        let error = RiskModelError(.missing, "euros")
        let refusals: [ModelRefusal] = [
            .badName, .unreadable(error), .doesNotFit(error), .unchanged, .alreadyProposed, .tooManyWaiting,
            .tooManyNames, .unknownVersion, .notAllowed(.live), .secondPersonRequired,
        ]
        for refusal in refusals.map(CommandRefusal.model) + [.ruleLife(.modelDoesNotFit)] {
            #expect(ConsoleTexts.has(RefusalSentence.key(refusal)), "\(refusal)")
            #expect(RefusalSentence.text(refusal, .en) != RefusalSentence.text(refusal, .zh))
        }
        for alarm in ["none", "moved", "drifted"] { #expect(ConsoleTexts.has("drift_\(alarm)")) }
    }

    @Test("An explanation's score is shown with what drove it")
    func explained() throws {
        let json = try JSON(
            parsing: Array(
                #"{"score":{"model":"shop@1","value":0.93,"top":[["euros",2.5],["night",-1]]},"tell":{}}"#.utf8))
        let score = try #require(ExplanationModel(json, .en).scores.first)
        #expect(score["model"] as? String == "shop@1" && score["value"] as? String == "0.93")
        let parts = try #require(score["parts"] as? [[String: String]])
        #expect(parts.map { $0["name"] } == ["euros", "night"] && parts.map { $0["value"] } == ["2.5", "-1"])
        #expect(ExplanationModel(try JSON(parsing: Array("{}".utf8)), .en).scores.isEmpty)
    }
}
