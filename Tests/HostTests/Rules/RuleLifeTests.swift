// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import SecurityTriggers
import Testing
import Vocabulary

/// A rule set's way: proposed by one, approved by another, in force, put back.
@Suite("Life of a rule set")
struct RuleLifeTests {
    /// Declines from an amount on.
    static func text(_ version: Int, from amount: Int = 100, name: String = "shop") -> String {
        """
        tillguard-rules 1
        ruleset \(name) version \(version)
        velocity uses = count(attempts) by card over 1h
        rule big { when amount >= \(amount).00 EUR then decline as exceedsLimit }
        rule busy { when uses >= 4 then decline as exceedsFrequency }

        """
    }

    private func life(_ bench: Bench, _ command: Command, by principal: Principal) -> RuleRefusal? {
        guard case .ruleLife(let refusal)? = bench.refusal(command, by: principal) else { return nil }
        return refusal
    }

    @Test("one person proposes, another approves, and only then the rules can be put in force")
    func twoPeople() throws {
        let bench = try Bench(rules: try RuleSet(parsing: Self.text(1)))
        let till = try bench.till()
        let card = try bench.card()
        try bench.submit(.proposeRules(Self.text(2, from: 10)), by: Bench.carol)
        #expect(try till.sell(SaleSpec(card, 12_00)).code == "00", "a proposal changes nothing")
        #expect(life(bench, .activateRules(1), by: Bench.dave) == .notAllowed(.proposed))
        #expect(life(bench, .approveRules(1), by: Bench.carol) == .secondPersonRequired)
        try bench.submit(.approveRules(1), by: Bench.dave)
        #expect(life(bench, .approveRules(1), by: Bench.dave) == .notAllowed(.approved))
        #expect(try till.sell(SaleSpec(card, 12_00)).code == "00", "approved is not yet in force")
        try bench.submit(.activateRules(1), by: Bench.carol)
        #expect(try till.sell(SaleSpec(card, 12_00)).code == "61")
        #expect(try bench.lastSale().rulesVersion == 1)
        let version = try require(bench.engine.host.ruleBook[1])
        #expect(version.steps.map(\.kind) == [.proposed, .approved, .activated])
        #expect(version.steps.map(\.by) == [Bench.carol.staff, Bench.dave.staff, Bench.carol.staff])
        #expect(version.steps.allSatisfy { $0.at == bench.now } && version.base == 0)
        try bench.check()
        try bench.restart()
        #expect(try till.sell(SaleSpec(card, 12_00)).code == "61")
    }

    @Test("what is proposed is checked: its text, its number, whether it says anything new, how many wait")
    func proposals() throws {
        let bench = try Bench(rules: try RuleSet(parsing: Self.text(5)))
        try bench.submit(.replaceRules(Self.text(5)), by: Bench.system)
        guard case .rules? = bench.refusal(.proposeRules("tillguard-rules 1\nrule x {"), by: Bench.carol) else {
            throw Missing()
        }
        #expect(life(bench, .proposeRules(Self.text(5)), by: Bench.carol) == .unchanged)
        #expect(life(bench, .proposeRules(Self.text(5, from: 3)), by: Bench.carol) == .versionNotHigher)
        #expect(life(bench, .proposeRules(Self.text(4, from: 3)), by: Bench.carol) == .versionNotHigher)
        try bench.submit(.proposeRules(Self.text(4, name: "north")), by: Bench.carol)
        #expect(life(bench, .proposeRules(Self.text(4, name: "north")), by: Bench.dave) == .alreadyProposed)
        for number in 1..<RuleBook.waitingMax {
            try bench.submit(.proposeRules(Self.text(5 + number)), by: Bench.carol)
        }
        #expect(life(bench, .proposeRules(Self.text(99)), by: Bench.carol) == .tooManyWaiting)
        try bench.submit(.withdrawRules(2), by: Bench.dave)
        try bench.submit(.proposeRules(Self.text(99)), by: Bench.carol)
        #expect(life(bench, .withdrawRules(2), by: Bench.dave) == .notAllowed(.withdrawn))
        #expect(life(bench, .approveRules(2), by: Bench.dave) == .notAllowed(.withdrawn))
        for command in [Command.approveRules(500), .shadowRules(0), .rollBackRules(77), .withdrawRules(500)] {
            #expect(life(bench, command, by: Bench.dave) == .unknownVersion)
        }
        try bench.check()
    }

    @Test("an approval is of a difference: after another change it is given anew")
    func base() throws {
        let bench = try Bench(rules: try RuleSet(parsing: Self.text(1)))
        for number in 2...4 { try bench.submit(.proposeRules(Self.text(number)), by: Bench.carol) }
        try bench.submit(.approveRules(1), by: Bench.dave)
        try bench.submit(.approveRules(2), by: Bench.dave)
        try bench.submit(.activateRules(1), by: Bench.dave)
        #expect(life(bench, .activateRules(2), by: Bench.dave) == .baseChanged)
        #expect(life(bench, .approveRules(3), by: Bench.dave) == .baseChanged)
        #expect(bench.engine.host.rulesVersion == 1)
        try bench.check()
    }

    @Test("a roll-back takes two people too, within a day, and what was counted stays counted")
    func rollBack() throws {
        let bench = try Bench(rules: "")
        let till = try bench.till()
        let card = try bench.card()
        try bench.submit(.replaceRules(Self.text(1)), by: Bench.system)
        try bench.putInForce(Self.text(2, from: 10))
        for _ in 0..<3 { _ = try till.sell(SaleSpec(card, 12_00)) }
        #expect(life(bench, .rollBackRules(2), by: Bench.carol) == .notAllowed(.live))
        try bench.submit(.rollBackRules(1), by: Bench.carol)
        #expect(life(bench, .rollBackRules(1), by: Bench.carol) == .secondPersonRequired)
        bench.wait(.hours(24))
        // Nobody remembers what was meant yesterday: it is asked again.
        try bench.submit(.rollBackRules(1), by: Bench.dave)
        #expect(bench.engine.host.rulesVersion == 2)
        try bench.submit(.rollBackRules(1), by: Bench.carol)
        #expect(bench.engine.host.rulesVersion == 1 && bench.engine.host.rulesText == Self.text(1))
        #expect(bench.engine.host.ruleBook[2]?.state == .retired)
        _ = try till.signOn()
        for _ in 0..<3 { #expect(try till.sell(SaleSpec(card, 12_00)).code == "00") }
        #expect(try till.sell(SaleSpec(card, 12_00)).code == "65")
        #expect(try bench.lastSale().rulesVersion == 1)
        // And forward again.
        try bench.submit(.rollBackRules(2), by: Bench.carol)
        try bench.submit(.rollBackRules(2), by: Bench.dave)
        #expect(try till.sell(SaleSpec(card, 12_00)).code == "61", "the winner is the first by name")
        try bench.check()
        try bench.restart()
        #expect(bench.engine.host.rulesVersion == 2)
    }

    @Test("watched rules are judged beside those in force, change nothing, and stand on the record")
    func shadow() throws {
        let bench = try Bench(rules: try RuleSet(parsing: Self.text(1)))
        let till = try bench.till()
        let card = try bench.card()
        try bench.submit(.proposeRules(Self.text(2, from: 10)), by: Bench.carol)
        _ = try till.sell(SaleSpec(card, 12_00))
        #expect(try bench.lastSale().shadow == nil)
        try bench.submit(.shadowRules(1), by: Bench.carol)
        #expect(try till.sell(SaleSpec(card, 12_00)).code == "00")
        let sale = try bench.lastSale()
        let shadow = try require(sale.shadow)
        #expect(shadow.version == 1 && shadow.evaluation.action == .decline && sale.rulesVersion == 0)
        #expect(sale.evaluation?.results.isEmpty == true)
        #expect(try till.sell(SaleSpec(card, 5_00)).code == "00")
        #expect(try bench.lastSale().shadow == nil, "nothing said, nothing kept")
        try bench.check()
        try bench.restart()
        #expect(try till.sell(SaleSpec(card, 12_00)).code == "65", "the windows are one and the same")
        #expect(try bench.lastSale().shadow?.evaluation.results.count == 2)
        // In force, it is watched no more.
        try bench.submit(.approveRules(1), by: Bench.dave)
        try bench.submit(.activateRules(1), by: Bench.dave)
        #expect(bench.engine.host.ruleBook.shadow == nil && bench.engine.host.watchedRules == nil)
        #expect(try till.sell(SaleSpec(card, 12_00)).code == "61")
        #expect(try bench.lastSale().shadow == nil)
        try bench.check()
    }

    @Test("the system sets rules only in a directory without any, or as those of an unattended file")
    func system() throws {
        let bench = try Bench(rules: "")
        try bench.submit(.replaceRules(Self.text(1)), by: Bench.system)
        #expect(life(bench, .replaceRules(Self.text(2)), by: Bench.system) == .alreadyInForce)
        try bench.submit(.loadRules(Self.text(2)), by: Bench.system)
        #expect(bench.engine.host.rulesVersion == 2)
        #expect(bench.engine.host.ruleBook[2]?.steps.map(\.kind) == [.loaded])
        // An unattended file does not undo an approval that is older than it.
        try bench.submit(.proposeRules(Self.text(3)), by: Bench.system)
        try bench.submit(.approveRules(3), by: Bench.dave)
        try bench.submit(.loadRules(Self.text(4)), by: Bench.system)
        #expect(life(bench, .activateRules(3), by: Bench.dave) == .baseChanged)
        try bench.check()
    }

    @Test("the book keeps its newest versions, those that wait and the one in force, however many come")
    func bounded() throws {
        let bench = try Bench(rules: "")
        try bench.submit(.proposeRules(Self.text(7)), by: Bench.carol)
        for number in 0..<RuleBook.versionsMax + 8 {
            try bench.submit(.loadRules("tillguard-rules 1\n# \(number)\n"), by: Bench.system)
        }
        let book = bench.engine.host.ruleBook
        #expect(book.versions.count == RuleBook.versionsMax && book.versions.first?.number == 1)
        #expect(book.live == book.last && book[2] == nil && book[book.live - 1]?.state == .retired)
        try bench.check()
    }

    @Test("killed behind any step, a host that starts again stands where the journal ends")
    func everyStep() throws {
        let bench = try Bench(rules: "")
        let steps: [(Command, Principal)] = [
            (.replaceRules(Self.text(1)), Bench.system), (.proposeRules(Self.text(2)), Bench.carol),
            (.shadowRules(2), Bench.carol), (.approveRules(2), Bench.dave), (.activateRules(2), Bench.dave),
            (.proposeRules(Self.text(3)), Bench.dave), (.withdrawRules(3), Bench.carol),
            (.rollBackRules(1), Bench.carol), (.rollBackRules(1), Bench.dave), (.loadRules(Self.text(9)), Bench.system),
        ]
        for (command, principal) in steps {
            try bench.submit(command, by: principal)
            try bench.check()
            let snapshot = bench.engine.host.snapshot()
            let read = try Host(snapshot: snapshot)
            #expect(read.snapshot() == snapshot && read.ruleBook == bench.engine.host.ruleBook)
            #expect(read.watchedRules?.source == bench.engine.host.watchedRules?.source)
            try bench.restart()
        }
        #expect(bench.engine.host.rulesText == Self.text(9))
    }
}
