// SPDX-License-Identifier: Apache-2.0
import Catalogue
import RiskModels
import SecurityTriggers
import Testing
import Vocabulary

@testable import Host

/// A model's way: proposed by one, approved by another, scored beside the one in force, in force, put back.
@Suite("Life of a model")
struct ModelTests {
    /// Declines what the model finds risky.
    static let rules = """
        tillguard-rules 1
        ruleset scored version 1
        feature euros = amount / 1.00 EUR
        score risk = model "shop" (euros)
        rule risky { when risk >= 0.5 then decline as exceedsLimit }

        """

    /// Finds purchases of so many euros and more risky.
    static func text(from euros: Double, feature: String = "euros", drift: DriftReference? = nil) throws -> ModelText {
        let scorecard = try Scorecard(
            name: "shop", featureNames: [feature], bias: -euros,
            terms: [Scorecard.Term(feature: 0, transform: .identity, mean: 0, scale: 1, weight: 1)])
        return ModelText(Array(scorecard.json.text.utf8), drift: drift.map { Array($0.json.text.utf8) } ?? [])
    }

    /// Purchases of 1 to 20 euros, as many of each.
    static let reference = DriftReference(
        names: ["euros"], rows: 20, value: { row, _ in Double(row + 1) }, scores: (0..<20).map { Double($0) - 19 })

    private func refusal(_ bench: Bench, _ command: Command, by principal: Principal) -> ModelRefusal? {
        guard case .model(let refusal)? = bench.refusal(command, by: principal) else { return nil }
        return refusal
    }

    private func putInForce(_ text: ModelText, _ bench: Bench, name: String = "shop") throws {
        try bench.submit(.proposeModel(name: name, text), by: Bench.carol)
        let number = bench.engine.host.models.last
        try bench.submit(.approveModel(number), by: Bench.dave)
        try bench.submit(.activateModel(number), by: Bench.carol)
    }

    @Test("without its model a score decides nothing; with it the rule fires, and the record says what drove it")
    func fires() throws {
        let bench = try Bench(rules: try RuleSet(parsing: Self.rules))
        let till = try bench.till()
        let card = try bench.card()
        #expect(try till.sell(SaleSpec(card, 25_00)).code == "00")
        #expect(try bench.lastSale().evaluation?.results.map(\.outcome) == [.unknown])
        try putInForce(try Self.text(from: 20), bench)
        #expect(try till.sell(SaleSpec(card, 12_00)).code == "00")
        #expect(try bench.lastSale().evaluation?.scores.isEmpty == true, "no rule spoke")
        #expect(try till.sell(SaleSpec(card, 25_00)).code == "61")
        let sale = try bench.lastSale()
        let score = try require(sale.evaluation?.scores.first)
        #expect((score.modelVersion, score.features, score.top.map(\.value)) == (1, [25], [25]))
        let json = Explanation.json(
            try require(sale.evaluation), rules: try RuleSet(parsing: Self.rules), facts: sale.facts(at: bench.now))
        #expect(json.text.contains(#""score":{"model":"shop@1","value":0.9933071490757153,"top":[["euros",25.0]]}"#))
        try bench.check()
    }

    @Test("one person proposes, another approves, and only then the model can be put in force")
    func twoPeople() throws {
        let bench = try Bench(rules: try RuleSet(parsing: Self.rules))
        let till = try bench.till()
        let card = try bench.card()
        try bench.submit(.proposeModel(name: "shop", try Self.text(from: 20)), by: Bench.carol)
        #expect(refusal(bench, .activateModel(1), by: Bench.dave) == .notAllowed(.proposed))
        #expect(refusal(bench, .approveModel(1), by: Bench.carol) == .secondPersonRequired)
        try bench.submit(.approveModel(1), by: Bench.dave)
        #expect(try till.sell(SaleSpec(card, 25_00)).code == "00", "approved is not yet in force")
        try bench.submit(.activateModel(1), by: Bench.carol)
        #expect(try till.sell(SaleSpec(card, 25_00)).code == "61")
        let version = try require(bench.engine.host.models[1])
        #expect(version.steps.map(\.kind) == [.proposed, .approved, .activated])
        #expect(version.steps.map(\.by) == [Bench.carol.staff, Bench.dave.staff, Bench.carol.staff])
        let another = Command.proposeModel(name: "shop", try Self.text(from: 5))
        for role in Role.allCases where role != .analyst && role != .system {
            let other = Principal(staff: Bench.carol.staff, role: role)
            #expect(bench.refusal(another, by: other) == .notYours(role))
        }
        try bench.check()
    }

    @Test("another model takes over between two purchases, and a roll-back by two people puts the first one back")
    func swap() throws {
        let bench = try Bench(rules: try RuleSet(parsing: Self.rules))
        let till = try bench.till()
        let card = try bench.card()
        try putInForce(try Self.text(from: 20), bench)
        try putInForce(try Self.text(from: 10), bench)
        #expect(try till.sell(SaleSpec(card, 12_00)).code == "61")
        #expect(try bench.lastSale().evaluation?.scores.first?.modelVersion == 2)
        #expect(bench.engine.host.models[1]?.state == .retired)
        #expect(refusal(bench, .rollBackModel(2), by: Bench.carol) == .notAllowed(.live))
        try bench.submit(.rollBackModel(1), by: Bench.carol)
        #expect(refusal(bench, .rollBackModel(1), by: Bench.carol) == .secondPersonRequired)
        #expect(try till.sell(SaleSpec(card, 12_00)).code == "61", "asked for is not done")
        try bench.submit(.rollBackModel(1), by: Bench.dave)
        #expect(try till.sell(SaleSpec(card, 12_00)).code == "00")
        #expect(bench.engine.host.models.live.map(\.number) == [1])
        try bench.check()
    }

    @Test("killed behind any step, a host that starts again from journal or snapshot decides alike")
    func everyStep() throws {
        let bench = try Bench(rules: try RuleSet(parsing: Self.rules))
        let till = try bench.till()
        let card = try bench.card()
        let steps: [(Command, Principal)] = [
            (.proposeModel(name: "shop", try Self.text(from: 20, drift: Self.reference)), Bench.system),
            (.approveModel(1), Bench.dave), (.activateModel(1), Bench.dave),
            (.proposeModel(name: "shop", try Self.text(from: 10)), Bench.carol), (.shadowModel(2), Bench.carol),
            (.approveModel(2), Bench.dave), (.activateModel(2), Bench.dave), (.rollBackModel(1), Bench.carol),
            (.rollBackModel(1), Bench.dave), (.proposeModel(name: "other", try Self.text(from: 1)), Bench.carol),
            (.withdrawModel(3), Bench.dave), (.loadRules(Self.rules + "# again\n"), Bench.system),
        ]
        for (command, principal) in steps {
            try bench.submit(command, by: principal)
            _ = try till.signOn()
            _ = try till.sell(SaleSpec(card, 15_00))
            try bench.check()
            let snapshot = bench.engine.host.snapshot()
            let read = try Host(snapshot: snapshot)
            #expect(read.snapshot() == snapshot && read.models == bench.engine.host.models)
            let facts = try require(try bench.lastSale().facts(at: bench.now))
            let (live, fresh) = (bench.engine.host.judge(facts).verdict, read.judge(facts).verdict)
            #expect(live == fresh && (live.scores.first?.modelVersion == 2) == (live.action == .decline))
            try bench.restart()
            #expect(bench.engine.host.judge(facts).verdict == live)
        }
    }

    @Test("what is proposed is read and tried: its name, its text, the scores in force, whether it says anything new")
    func refusals() throws {
        let bench = try Bench(rules: try RuleSet(parsing: Self.rules))
        let good = try Self.text(from: 20)
        for name in ["", "a b", "\u{e9}", String(repeating: "x", count: 65)] {
            #expect(refusal(bench, .proposeModel(name: name, good), by: Bench.carol) == .badName)
        }
        let noModel = ModelText(Array("{".utf8))
        #expect(
            refusal(bench, .proposeModel(name: "shop", noModel), by: Bench.carol)
                == .unreadable(RiskModelError(.malformed, "JSON")))
        let long = ModelText([UInt8](repeating: 0x20, count: ModelText.bytesMax + 1))
        #expect(
            refusal(bench, .proposeModel(name: "shop", long), by: Bench.carol)
                == .unreadable(RiskModelError(.tooLarge, "text")))
        let hourly = try Self.text(from: 1, feature: "hour")
        #expect(
            refusal(bench, .proposeModel(name: "shop", hourly), by: Bench.carol)
                == .doesNotFit(RiskModelError(.missing, "hour")))
        let foreign = try Self.text(from: 1, feature: "hour", drift: Self.reference)
        #expect(
            refusal(bench, .proposeModel(name: "free", foreign), by: Bench.carol)
                == .unreadable(RiskModelError(.missing, "euros")))
        try putInForce(good, bench)
        #expect(refusal(bench, .proposeModel(name: "shop", good), by: Bench.carol) == .unchanged)
        for number in 0..<ModelBook.waitingMax {
            try bench.submit(.proposeModel(name: "free", try Self.text(from: Double(number))), by: Bench.carol)
        }
        let again = try Self.text(from: 0)
        #expect(refusal(bench, .proposeModel(name: "free", again), by: Bench.carol) == .alreadyProposed)
        #expect(refusal(bench, .proposeModel(name: "free", good), by: Bench.carol) == .tooManyWaiting)
        for command in [Command.approveModel(500), .shadowModel(0), .rollBackModel(77), .withdrawModel(500)] {
            #expect(refusal(bench, command, by: Bench.dave) == .unknownVersion)
        }
        try bench.check()
    }

    @Test("rules that do not give the model in force what it asks for are refused, before and after they were proposed")
    func rulesFit() throws {
        let bench = try Bench(rules: try RuleSet(parsing: Self.rules))
        let other = Self.rules.replacing("euros", with: "amounts").replacing("version 1", with: "version 2")
        try bench.submit(.proposeRules(other), by: Bench.carol)
        try bench.submit(.approveRules(1), by: Bench.dave)
        try putInForce(try Self.text(from: 20), bench)
        #expect(bench.refusal(.activateRules(1), by: Bench.dave) == .ruleLife(.modelDoesNotFit))
        let third = other.replacing("version 2", with: "version 3")
        #expect(bench.refusal(.proposeRules(third), by: Bench.carol) == .ruleLife(.modelDoesNotFit))
        try bench.check()
    }

    @Test("a watched model changes nothing; it is scored beside the other, and both are compared and watched for drift")
    func watched() throws {
        let bench = try Bench(rules: try RuleSet(parsing: Self.rules))
        try putInForce(try Self.text(from: 20, drift: Self.reference), bench)
        try bench.submit(.proposeModel(name: "shop", try Self.text(from: 10)), by: Bench.carol)
        try bench.submit(.shadowModel(2), by: Bench.carol)
        let watch = bench.engine.host.modelWatch
        func facts(_ euros: Int64) -> TransactionFacts {
            TransactionFacts(
                card: Samples.card, account: AccountID(5), at: bench.now, amount: Money(minorUnits: euros * 100, .eur),
                terminal: Samples.terminal, merchant: nil, mcc: nil)
        }
        for round in 0..<25 {
            for euros in 1...20 {
                let verdict = bench.engine.host.judge(facts(Int64(euros))).verdict
                #expect((verdict.action == .decline) == (euros >= 20), "round \(round)")
            }
        }
        let report = try require(watch.reports.first)
        #expect((report.name, report.model, report.version, report.shadow) == ("risk", "shop", 1, 2))
        #expect(report.count == 500 && report.driftCount == 500)
        #expect(report.drifts.map(\.name) == ["euros", "score"])
        #expect(report.drifts.allSatisfy { $0.alarm == .none })
        let comparison = try require(report.comparison)
        #expect((comparison.both, comparison.shadowAlone, comparison.liveAlone) == (25, 250, 0))
        // Another population.
        for _ in 0..<500 { _ = bench.engine.host.judge(facts(300)) }
        #expect(watch.reports.first?.drifts.first?.alarm == .drifted)
        // The next day begins anew, and what the day brought is kept.
        try bench.submit(.cutOver, by: Bench.system)
        #expect(watch.reports.first?.driftCount == 0 && watch.reports.first?.lastDrifts.first?.alarm == .drifted)
        // A change of rules that leaves the score as it is goes on counting; another model begins anew.
        try bench.submit(.loadRules(Self.rules + "# again\n"), by: Bench.system)
        #expect(watch.reports.first?.count == 1_000)
        try bench.submit(.approveModel(2), by: Bench.dave)
        try bench.submit(.activateModel(2), by: Bench.dave)
        #expect(watch.reports.first?.count == 0 && watch.reports.first?.shadow == nil)
        #expect(watch.reports.first?.driftCount == nil, "it came without figures to compare with")
        try bench.check()
    }

    @Test("watched rules are judged with the watched model, and their score stands on the record")
    func watchedRules() throws {
        let bench = try Bench(rules: try RuleSet(parsing: Self.rules))
        let till = try bench.till()
        let card = try bench.card()
        try putInForce(try Self.text(from: 20), bench)
        try bench.submit(.proposeModel(name: "shop", try Self.text(from: 10)), by: Bench.carol)
        try bench.submit(.shadowModel(2), by: Bench.carol)
        try bench.submit(.proposeRules(Self.rules.replacing("version 1", with: "version 2")), by: Bench.carol)
        try bench.submit(.shadowRules(1), by: Bench.carol)
        #expect(try till.sell(SaleSpec(card, 12_00)).code == "00")
        let shadow = try require(try bench.lastSale().shadow?.evaluation)
        #expect(shadow.action == .decline && shadow.scores.map(\.modelVersion) == [2])
        try bench.check()
    }

    @Test("what is known of terminals fills while rules that ask for it are watched, through a restart")
    func fills() throws {
        let bench = try Bench(rules: try RuleSet(parsing: "tillguard-rules 1\n"))
        let till = try bench.till()
        let card = try bench.card()
        let asking = """
            tillguard-rules 1
            score risk = model "shop" (terminalShare7)
            rule risky { when risk >= 0.5 then decline }

            """
        try bench.submit(.proposeRules(asking), by: Bench.carol)
        try bench.submit(.shadowRules(1), by: Bench.carol)
        let rrn = try require(UInt64(try till.sell(SaleSpec(card, 12_00)).rrn))
        try bench.submit(.label(RRN(rrn), .fraud), by: Bench.carol)
        try bench.check()
        let facts = try require(
            bench.records.compactMap { record -> TransactionFacts? in
                guard case .authorisation(let sale) = record.body else { return nil }
                return sale.facts(at: bench.now)
            }.last)
        #expect(bench.engine.host.triggers.features(of: facts)[.terminalShare7] == 1)
        let read = try Host(snapshot: bench.engine.host.snapshot())
        #expect(read.triggers.features(of: facts)[.terminalShare7] == 1 && read.digest() == bench.digest)
        try bench.submit(.approveRules(1), by: Bench.dave)
        try bench.submit(.activateRules(1), by: Bench.dave)
        #expect(bench.engine.host.triggers.features(of: facts)[.terminalShare7] == 1)
        try bench.check()
    }
}
